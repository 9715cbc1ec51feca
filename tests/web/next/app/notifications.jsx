"use client";
import { Bell, NotificationsProvider } from "@suplatzigram/notifications";
import { createClient } from "@supabase/supabase-js";
import { useState } from "react";

export function Notifications({ children }) {
  // Also on the server, where nothing is called.
  const [client] = useState(() =>
    createClient(process.env.NEXT_PUBLIC_SUPABASE_URL, process.env.NEXT_PUBLIC_SUPABASE_KEY, {
      // Node.js 20 has no WebSocket, and the server needs none.
      ...(typeof WebSocket === "undefined" ? { realtime: { transport: class {} } } : {}),
    })
  );
  return (
    <NotificationsProvider client={client}>
      <Bell />
      {children}
    </NotificationsProvider>
  );
}
