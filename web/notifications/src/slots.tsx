"use client";
/** The elements that all parts are made of. A design system replaces those that it has. */
import type { ButtonHTMLAttributes, ComponentType, ReactNode, SelectHTMLAttributes } from "react";
import type { NotificationItemProps } from "./item.js";
import { Item } from "./item.js";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `icon` has no visible text, `quiet` is beside what matters more. */
  look?: "icon" | "quiet" | "main";
}

export interface SwitchProps {
  checked: boolean;
  onChange(checked: boolean): void;
  disabled?: boolean;
  children: ReactNode;
}

export interface FieldProps {
  label: string;
  children: ReactNode;
}

export interface Slots {
  Button: ComponentType<ButtonProps>;
  Switch: ComponentType<SwitchProps>;
  /** A labelled input. */
  Field: ComponentType<FieldProps>;
  Select: ComponentType<SelectHTMLAttributes<HTMLSelectElement>>;
  BellIcon: ComponentType;
  Badge: ComponentType<{ children: string }>;
  Item: ComponentType<NotificationItemProps>;
  /** Shown instead of a list. */
  Empty: ComponentType<{ children: ReactNode }>;
  Loading: ComponentType<{ label: string }>;
  Failure: ComponentType<{ children: ReactNode; action?: ReactNode }>;
}

export const defaultSlots: Slots = {
  Button: ({ look = "quiet", className = "", ...props }) => (
    <button type="button" className={`sn-button sn-${look} ${className}`} {...props} />
  ),
  Switch: ({ checked, onChange, disabled, children }) => (
    <label className="sn-switch">
      <span>{children}</span>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  ),
  Field: ({ label, children }) => (
    <label className="sn-field">
      <span>{label}</span>
      {children}
    </label>
  ),
  Select: (props) => <select className="sn-select" {...props} />,
  BellIcon: () => (
    <svg
      viewBox="0 0 24 24"
      width="24"
      height="24"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
    >
      <path d="M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7Zm4 10a2 2 0 0 0 4 0" strokeLinecap="round" />
    </svg>
  ),
  Badge: ({ children }) => <span className="sn-badge" aria-hidden="true">{children}</span>,
  Item,
  Empty: ({ children }) => <p className="sn-empty">{children}</p>,
  Loading: ({ label }) => (
    <div className="sn-loading" role="status" aria-label={label}>
      <span />
      <span />
      <span />
    </div>
  ),
  Failure: ({ children, action }) => (
    <div className="sn-failure" role="alert">
      <p>{children}</p>
      {action}
    </div>
  ),
};
