/** For the app's server: notifications that the app sends itself, in its own transaction. */

interface Event {
  recipient_id: string;
  /** When it happened; by default now. */
  timestamp?: string;
  /** Takes the same event of the same actor back; its timestamp is later. */
  withdrawn?: boolean;
  [more: string]: unknown;
}

interface OfComment extends Event {
  post_id: string;
  actor_profile_id?: string;
  comment_id?: string;
  comment?: string;
}

export type NotificationMessage =
  | (Event & {
    type: "new_like";
    post_id: string;
    actor_profile_id?: string;
    session_id?: string;
    post_caption?: string;
    new_like_count?: number;
  })
  | (OfComment & { type: "new_comment" | "comment_reply" | "mention" })
  | (Event & { type: "new_follower"; actor_profile_id?: string })
  | (Event & {
    type: "comment_moderated";
    comment_id: string;
    decision: "approved" | "flagged" | "rejected";
    comment?: string;
    post_id?: string;
    revision?: number;
  });

/** Runs a statement in the caller's transaction, as node-postgres' `client.query` does. */
export type Query = (text: string, values: unknown[]) => Promise<unknown>;

/** Sends the messages when the transaction commits. As the project's owner, or from a function that runs as the owner. */
export async function sendNotifications(query: Query, ...messages: NotificationMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const now = new Date().toISOString();
  const values = messages.map((message) => JSON.stringify({ v: 1, timestamp: now, ...message }));
  await query("select pgmq.send('notifications', message::jsonb) from unnest($1::text[]) message", [values]);
}
