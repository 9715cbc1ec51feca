/** The path of the page, as state. */
import { type ReactNode, useSyncExternalStore } from "react";

const CHANGED = "path";

export function usePath(): string {
  return useSyncExternalStore((listener) => {
    addEventListener("popstate", listener);
    addEventListener(CHANGED, listener);
    return () => {
      removeEventListener("popstate", listener);
      removeEventListener(CHANGED, listener);
    };
  }, () => location.pathname);
}

export function go(path: string): void {
  history.pushState(null, "", path);
  dispatchEvent(new Event(CHANGED));
}

export function Link({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      href={to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
