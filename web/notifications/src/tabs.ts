/** Tells the other tabs of this browser what the person did here. */
import type { News } from "./cache.js";

export interface Tabs {
  tell(change: News): void;
  close(): void;
}

export function openTabs(person: string, onChange: (change: News) => void): Tabs {
  if (typeof BroadcastChannel === "undefined") return { tell: () => {}, close: () => {} };
  const channel = new BroadcastChannel(`notifications:${person}`);
  channel.onmessage = ({ data }) => onChange(data as News);
  return { tell: (change) => channel.postMessage(change), close: () => channel.close() };
}
