"use client";
import { useId, useRef, useState } from "react";
import { useUnreadCount } from "./hooks.js";
import { Inbox, type InboxProps } from "./inbox.js";
import { useShared } from "./provider.js";
import { opener, place } from "./popover.js";

/** A button with the number of unread notifications, which opens the inbox. */
export function Bell(props: InboxProps) {
  const { t, slots: { Badge, BellIcon, Button } } = useShared();
  const { count, shown } = useUnreadCount();
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const name = count ? t.unread(count, shown) : count === 0 ? t.none : t.notifications;
  return (
    <>
      <Button
        look="icon"
        className="sn-bell"
        aria-label={name}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        popoverTarget={id}
      >
        <BellIcon />
        {shown && <Badge>{shown}</Badge>}
      </Button>
      <span className="sn-hidden" role="status">{count ? name : ""}</span>
      <div
        ref={panel}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={t.notifications}
        className="sn-panel"
        onToggle={(event) => {
          if (event.target !== panel.current) return;
          setOpen(event.newState === "open");
          if (event.newState === "open") place(panel.current);
          // What had the focus may be gone by now.
          else if (document.activeElement === document.body) opener(panel.current)?.focus({ preventScroll: true });
        }}
      >
        {isOpen && (
          <>
            <Inbox {...props} />
            <Button look="icon" className="sn-close" aria-label={t.close} popoverTarget={id} popoverTargetAction="hide">
              <span aria-hidden="true">×</span>
            </Button>
          </>
        )}
      </div>
    </>
  );
}
