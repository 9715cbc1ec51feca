/** What the functions answer as JSON. */

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type NotificationType =
  | "new_like"
  | "new_comment"
  | "comment_reply"
  | "mention"
  | "new_follower"
  | "comment_moderated";

export interface NotificationData {
  post_id?: string;
  post_caption?: string;
  comment_id?: string;
  comment?: string;
  decision?: "approved" | "flagged" | "rejected";
  actor_profile_id?: string;
  new_like_count?: number;
  metadata?: { [key: string]: Json };
}

export interface Notification {
  id: string;
  /** A later version of the project may have more types. */
  type: NotificationType | (string & Record<never, never>);
  title: string | null;
  body: string | null;
  /** A path within the app. */
  url: string | null;
  data: NotificationData;
  actor_count: number;
  is_read: boolean;
  created_at: string;
  updated_at: string;
}

export interface Page<Item> {
  items: Item[];
  /** Pass it as p_before for the next page; null if there is none. */
  next: string | null;
}

export interface Preferences {
  language: string | null;
  time_zone: string | null;
  /** As in 22:30:00; null for the project's default. */
  quiet_from: string | null;
  quiet_until: string | null;
  push_notifications: boolean;
  email_notifications: boolean;
}

export type CommentStatus = "pending" | "approved" | "flagged" | "rejected";

export interface Comment {
  id: string;
  post_id: string;
  parent_id: string | null;
  author_id: string;
  reply_to: string | null;
  body: string;
  status: CommentStatus;
  created_at: string;
  edited_at: string | null;
  is_own: boolean;
  own: { reasons: string[]; note: string | null; by_moderator: boolean; may_appeal: boolean } | null;
}

export interface HiddenPerson {
  id: string;
  username: string | null;
  since: string;
}

/** What could not be done changed nothing. */
export interface Refused {
  success: false;
  error: string;
  code: string;
  /** Seconds, if it was too often. */
  retryAfter?: number;
}

export type Done = { success: true } | Refused;

export type Liked =
  | { success: true; isLiked: boolean; newLikeCount: number; deferred?: undefined }
  | { success: true; deferred: true; applyAfter: string; isLiked: boolean }
  | (Refused & { isLiked?: boolean; newLikeCount?: number });

interface Results {
  appeal_comment: Done;
  approve_comment: Done;
  ban_person: Done;
  block_person: Done;
  close_post_review: Done;
  delete_comment: Done;
  edit_comment: { success: true; comment: Pick<Comment, "id" | "body" | "status" | "created_at"> } | Refused;
  list_comments: Page<Comment>;
  list_hidden_people: Page<HiddenPerson>;
  list_notifications: Page<Notification>;
  mute_person: Done;
  notification_preferences: Preferences;
  post_comment: { success: true; comment: Pick<Comment, "id" | "body" | "status" | "created_at"> } | Refused;
  reject_comment: Done;
  report_comment: Done;
  report_post: Done;
  set_notification_preferences: Preferences;
  toggle_post_like: Liked;
  track_event: { success: true; tracked: number; unknownPosts: number } | Refused;
  track_events: { success: true; tracked: number; unknownPosts: number } | Refused;
  unblock_person: Done;
  unmute_person: Done;
  unsubscribe: { success: true; channel: "email" } | { success: false; code: string; error: string };
}

export type Result<Name extends string> = Name extends keyof Results ? Results[Name] : Json;
