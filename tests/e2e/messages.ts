/** Messages as producers send them, all at one moment: the counts of a test are those of one day and one hour. */

const timestamp = new Date().toISOString();

/** A message to the queue notifications from producers older than like_events. */
export function oldNotification(recipientId: string, postId: string, sessionId = "session"): string {
  return JSON.stringify({
    type: "new_like",
    post_id: postId,
    session_id: sessionId,
    recipient_id: recipientId,
    timestamp,
  });
}

/** A comment on a post: its owner gets a notification for each. */
export function comment(recipientId: string, postId: string, text = "comment"): string {
  return JSON.stringify({
    type: "new_comment",
    post_id: postId,
    comment_id: crypto.randomUUID(),
    comment: text,
    session_id: "session",
    recipient_id: recipientId,
    timestamp,
  });
}

/** A message to the queue analytics from the same producers. */
export function oldAnalytics(postId: string, newCount = 1, event = "like"): string {
  return JSON.stringify({
    event,
    post_id: postId,
    session_id: "session",
    new_count: newCount,
    timestamp,
  });
}

/** A message of toggle_post_like to like_events, with some fields replaced. */
export function likeEvent(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    v: 1,
    event_type: "like",
    event_value: 1,
    post_id: crypto.randomUUID(),
    post_owner_id: crypto.randomUUID(),
    post_caption: "caption",
    liker_session_id: "session",
    liker_profile_id: null,
    new_like_count: 1,
    timestamp,
    metadata: {},
    ...fields,
  });
}
