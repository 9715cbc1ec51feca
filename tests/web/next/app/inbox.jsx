"use client";
import { Inbox, RelativeTime } from "@suplatzigram/notifications";

/** The whole inbox in the page, and a time that differs between the server and the browser. */
export function PageInbox() {
  return (
    <>
      <RelativeTime at={new Date(0).toISOString()} />
      <Inbox heading="h2" />
    </>
  );
}
