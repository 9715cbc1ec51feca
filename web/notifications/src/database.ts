// Written by `make types` from the migrations. What functions answer as JSON is described in results.ts.
import type { Json, Result } from "./results.js";

export type Database = {
  public: {
    Tables: {
      /** Counters per day, event type and post; post_id is null for events without one. */
      analytics_daily: {
        Row: { id: number; day: string; event_type: string; post_id: string | null; count: number };
        Insert: { id?: number; day: string; event_type: string; post_id?: string | null; count?: number };
        Update: { id?: number; day?: string; event_type?: string; post_id?: string | null; count?: number };
        Relationships: [];
      };
      /** Events of the app. An event outlives its post and its profile. */
      analytics_events: {
        Row: {
          id: string;
          event_type: string;
          post_id: string | null;
          session_id: string | null;
          profile_id: string | null;
          metadata: Json | null;
          created_at: string | null;
        };
        Insert: {
          id?: string;
          event_type: string;
          post_id?: string | null;
          session_id?: string | null;
          profile_id?: string | null;
          metadata?: Json | null;
          created_at?: string | null;
        };
        Update: {
          id?: string;
          event_type?: string;
          post_id?: string | null;
          session_id?: string | null;
          profile_id?: string | null;
          metadata?: Json | null;
          created_at?: string | null;
        };
        Relationships: [];
      };
      /** One row per day, in UTC. */
      analytics_reports: {
        Row: {
          day: string;
          events: number;
          events_by_type: Json;
          active_sessions: number;
          top_posts: Json;
          events_growth_percent: number | null;
          active_sessions_growth_percent: number | null;
          reported_at: string;
          limited_calls: Json;
        };
        Insert: {
          day: string;
          events: number;
          events_by_type: Json;
          active_sessions: number;
          top_posts: Json;
          events_growth_percent?: number | null;
          active_sessions_growth_percent?: number | null;
          reported_at?: string;
          limited_calls?: Json;
        };
        Update: {
          day?: string;
          events?: number;
          events_by_type?: Json;
          active_sessions?: number;
          top_posts?: Json;
          events_growth_percent?: number | null;
          active_sessions_growth_percent?: number | null;
          reported_at?: string;
          limited_calls?: Json;
        };
        Relationships: [];
      };
      /** One row per day, in UTC. */
      comment_reports: {
        Row: {
          day: string;
          posted: number;
          by_decision: Json;
          by_reason: Json;
          overruled: number;
          reports: number;
          appeals: number;
          bans: number;
          waiting: number;
          reported_at: string;
          waiting_by_reason: Json;
          oldest_waiting_secs: number;
        };
        Insert: {
          day: string;
          posted: number;
          by_decision: Json;
          by_reason: Json;
          overruled: number;
          reports: number;
          appeals: number;
          bans: number;
          waiting: number;
          reported_at?: string;
          waiting_by_reason?: Json;
          oldest_waiting_secs?: number;
        };
        Update: {
          day?: string;
          posted?: number;
          by_decision?: Json;
          by_reason?: Json;
          overruled?: number;
          reports?: number;
          appeals?: number;
          bans?: number;
          waiting?: number;
          reported_at?: string;
          waiting_by_reason?: Json;
          oldest_waiting_secs?: number;
        };
        Relationships: [];
      };
      /** Comments on posts, and replies to them. Text as people wrote it: an app shows it as text, never as HTML. */
      comments: {
        Row: {
          id: string;
          post_id: string;
          author_id: string;
          parent_id: string | null;
          reply_to: string | null;
          body: string;
          status: string;
          revision: number;
          created_at: string;
          edited_at: string | null;
          decided_at: string | null;
          decided_by: string | null;
          was_decided_by_a_moderator: boolean;
          reasons: Json;
          reason_codes: Json;
          scores: Json | null;
          language: string | null;
          model: string | null;
          note: string | null;
          told: Json | null;
          opinion: Json | null;
        };
        Insert: {
          id?: string;
          post_id: string;
          author_id: string;
          parent_id?: string | null;
          reply_to?: string | null;
          body: string;
          status?: string;
          revision?: number;
          created_at?: string;
          edited_at?: string | null;
          decided_at?: string | null;
          decided_by?: string | null;
          was_decided_by_a_moderator?: boolean;
          reasons?: Json;
          scores?: Json | null;
          language?: string | null;
          model?: string | null;
          note?: string | null;
          told?: Json | null;
          opinion?: Json | null;
        };
        Update: {
          id?: string;
          post_id?: string;
          author_id?: string;
          parent_id?: string | null;
          reply_to?: string | null;
          body?: string;
          status?: string;
          revision?: number;
          created_at?: string;
          edited_at?: string | null;
          decided_at?: string | null;
          decided_by?: string | null;
          was_decided_by_a_moderator?: boolean;
          reasons?: Json;
          scores?: Json | null;
          language?: string | null;
          model?: string | null;
          note?: string | null;
          told?: Json | null;
          opinion?: Json | null;
        };
        Relationships: [];
      };
      /** Apps and browsers that receive pushes. register_device and unregister_device write it. */
      devices: {
        Row: {
          id: string;
          profile_id: string;
          provider: string;
          token: string;
          p256dh: string | null;
          auth: string | null;
          name: string | null;
          created_at: string;
          last_seen_at: string;
        };
        Insert: {
          id?: string;
          profile_id: string;
          provider: string;
          token: string;
          p256dh?: string | null;
          auth?: string | null;
          name?: string | null;
          created_at?: string;
          last_seen_at?: string;
        };
        Update: {
          id?: string;
          profile_id?: string;
          provider?: string;
          token?: string;
          p256dh?: string | null;
          auth?: string | null;
          name?: string | null;
          created_at?: string;
          last_seen_at?: string;
        };
        Relationships: [];
      };
      /** One row per day, in UTC: uploads of that day that still exist. */
      image_reports: {
        Row: {
          day: string;
          uploaded: number;
          by_status: Json;
          by_reason: Json;
          uploaded_bytes: number;
          published_bytes: number;
          processing_secs_p95: number | null;
          reported_at: string;
        };
        Insert: {
          day: string;
          uploaded: number;
          by_status: Json;
          by_reason: Json;
          uploaded_bytes: number;
          published_bytes: number;
          processing_secs_p95?: number | null;
          reported_at?: string;
        };
        Update: {
          day?: string;
          uploaded?: number;
          by_status?: Json;
          by_reason?: Json;
          uploaded_bytes?: number;
          published_bytes?: number;
          processing_secs_p95?: number | null;
          reported_at?: string;
        };
        Relationships: [];
      };
      /** Notifications in the app. */
      notifications: {
        Row: {
          id: string;
          recipient_id: string;
          type: string;
          data: Json;
          read_at: string | null;
          created_at: string;
          group_key: string | null;
          title: string | null;
          body: string | null;
          url: string | null;
          actor_count: number;
          updated_at: string;
          withdrawn_at: string | null;
        };
        Insert: {
          id?: string;
          recipient_id: string;
          type: string;
          data: Json;
          read_at?: string | null;
          created_at?: string;
          group_key?: string | null;
          title?: string | null;
          body?: string | null;
          url?: string | null;
          actor_count?: number;
          updated_at?: string;
          withdrawn_at?: string | null;
        };
        Update: {
          id?: string;
          recipient_id?: string;
          type?: string;
          data?: Json;
          read_at?: string | null;
          created_at?: string;
          group_key?: string | null;
          title?: string | null;
          body?: string | null;
          url?: string | null;
          actor_count?: number;
          updated_at?: string;
          withdrawn_at?: string | null;
        };
        Relationships: [];
      };
      /** What of a picture is for its owner alone. Filled only as far as queues.image_settings says so. */
      post_image_secrets: {
        Row: { image_id: string; location: Json | null; serial_number: string | null };
        Insert: { image_id: string; location?: Json | null; serial_number?: string | null };
        Update: { image_id?: string; location?: Json | null; serial_number?: string | null };
        Relationships: [];
      };
      /** The pictures of posts. Only workers and queues change it. */
      post_images: {
        Row: {
          id: string;
          post_id: string;
          owner_id: string;
          status: string;
          reason: string | null;
          error: string | null;
          variants: Json | null;
          width: number | null;
          height: number | null;
          color: string | null;
          thumbhash: string | null;
          exif: Json | null;
          created_at: string;
          processed_at: string | null;
          bucket: string;
          path: string;
          revision: number;
          size_bytes: number | null;
          format: string | null;
          upload_removed_at: string | null;
        };
        Insert: {
          id?: string;
          post_id: string;
          owner_id: string;
          status?: string;
          reason?: string | null;
          error?: string | null;
          variants?: Json | null;
          width?: number | null;
          height?: number | null;
          color?: string | null;
          thumbhash?: string | null;
          exif?: Json | null;
          created_at?: string;
          processed_at?: string | null;
          bucket: string;
          path: string;
          revision?: number;
          size_bytes?: number | null;
          format?: string | null;
          upload_removed_at?: string | null;
        };
        Update: {
          id?: string;
          post_id?: string;
          owner_id?: string;
          status?: string;
          reason?: string | null;
          error?: string | null;
          variants?: Json | null;
          width?: number | null;
          height?: number | null;
          color?: string | null;
          thumbhash?: string | null;
          exif?: Json | null;
          created_at?: string;
          processed_at?: string | null;
          bucket?: string;
          path?: string;
          revision?: number;
          size_bytes?: number | null;
          format?: string | null;
          upload_removed_at?: string | null;
        };
        Relationships: [];
      };
      /** Who likes which post. A session id is a secret of its owner, so clients have no access: toggle_post_like reads and writes it. */
      post_ratings: {
        Row: { id: string; post_id: string; session_id: string; created_at: string; profile_id: string | null };
        Insert: { id?: string; post_id: string; session_id: string; created_at?: string; profile_id?: string | null };
        Update: { id?: string; post_id?: string; session_id?: string; created_at?: string; profile_id?: string | null };
        Relationships: [];
      };
      /** Photos with their captions. */
      posts_new: {
        Row: {
          id: string;
          profile_id: string | null;
          caption: string | null;
          image_url: string | null;
          likes: number;
          created_at: string;
          updated_at: string;
        };
        Insert: {
          id?: string;
          profile_id?: string | null;
          caption?: string | null;
          image_url?: string | null;
          likes?: number;
          created_at?: string;
          updated_at?: string;
        };
        Update: {
          id?: string;
          profile_id?: string | null;
          caption?: string | null;
          image_url?: string | null;
          likes?: number;
          created_at?: string;
          updated_at?: string;
        };
        Relationships: [];
      };
      /** People of the app. The id of a signed-in person is their auth.uid(). */
      profiles: {
        Row: {
          id: string;
          username: string | null;
          push_token: string | null;
          email_notifications: boolean | null;
          push_notifications: boolean | null;
          language: string | null;
          time_zone: string | null;
          quiet_from: string | null;
          quiet_until: string | null;
        };
        Insert: {
          id?: string;
          username?: string | null;
          push_token?: string | null;
          email_notifications?: boolean | null;
          push_notifications?: boolean | null;
          language?: string | null;
          time_zone?: string | null;
          quiet_from?: string | null;
          quiet_until?: string | null;
        };
        Update: {
          id?: string;
          username?: string | null;
          push_token?: string | null;
          email_notifications?: boolean | null;
          push_notifications?: boolean | null;
          language?: string | null;
          time_zone?: string | null;
          quiet_from?: string | null;
          quiet_until?: string | null;
        };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: {
      /** Asks a moderator to look at a comment of the caller that was rejected, once. Returns {success}, or {success, error, code}. */
      appeal_comment: {
        Args: { p_comment_id: string; p_body: string };
        Returns: Result<"appeal_comment">;
      };
      /** For moderators: publishes a comment, and closes its reports and appeal. The note is for the log. */
      approve_comment: {
        Args: { p_comment_id: string; p_note?: string | null };
        Returns: Result<"approve_comment">;
      };
      /** For moderators: publishes a picture that was held back. The note is for the log. */
      approve_image: {
        Args: { p_image_id: string; p_note?: string | null };
        Returns: Result<"approve_image">;
      };
      /** For moderators: somebody may not comment for p_secs, up to a year; 0 ends a ban, and what the machine holds back. The note is shown to the person. */
      ban_person: {
        Args: { p_person: string; p_secs: number; p_note?: string | null };
        Returns: Result<"ban_person">;
      };
      /** Blocks somebody: neither sees the comments of the other, answers them or is told of them. Returns {success}. */
      block_person: {
        Args: { p_person: string };
        Returns: Result<"block_person">;
      };
      /** Leases messages of a queue to a worker: {now, policy, backlog, context, messages}. The lease ends with the visibility timeout or with settle_messages. p_limit defaults to the batch size of the queue. The context is what the claim hook of the queue returns, up to 4 MiB; it is absent without a hook or without messages. With p_alone one message is leased, and an error of the hook is returned as context_error instead of failing the claim: a worker finds the message that makes claims fail. With p_needs_place a run that has not begun gets no messages while max_workers others are active. */
      claim_messages: {
        Args: {
          p_queue: string;
          p_limit?: number | null;
          p_run?: string | null;
          p_alone?: boolean | null;
          p_needs_place?: boolean | null;
        };
        Returns: Result<"claim_messages">;
      };
      /** For moderators: closes the reports of a post. What happens to the post is up to the app. */
      close_post_review: {
        Args: { p_post_id: string; p_note?: string | null };
        Returns: Result<"close_post_review">;
      };
      /** Deletes a comment of the caller, or on a post of the caller, with its replies. Returns {success}, or {success, error, code}. */
      delete_comment: {
        Args: { p_comment_id: string };
        Returns: Result<"delete_comment">;
      };
      /** Changes the text of a comment of the caller, which is then judged again: until then only its author sees it. Returns {success, comment}, or {success, error, code} and perhaps retryAfter. */
      edit_comment: {
        Args: { p_comment_id: string; p_body: string };
        Returns: Result<"edit_comment">;
      };
      /** Has an upload of the caller processed, where Storage does not report it by itself, or has it processed again. Returns {success, image_id, status}, or 429 if that is too often. */
      enqueue_image: {
        Args: { p_path: string; p_bucket?: string | null; p_size_bytes?: number | null };
        Returns: Result<"enqueue_image">;
      };
      /** Records that a run is alive. A worker calls it every five seconds, whatever it waits for. */
      heartbeat_run: {
        Args: { p_queue: string; p_run: string };
        Returns: undefined;
      };
      /** The comments on a post, or the replies to a comment, latest first: {items, next}. Approved ones, and the caller's own with their state; nobody's whom the caller has muted, or has blocked or is blocked by. If next is not null there are more: pass it as p_before. */
      list_comments: {
        Args: { p_post_id: string; p_parent_id?: string | null; p_limit?: number | null; p_before?: string | null };
        Returns: Result<"list_comments">;
      };
      /** Whom the caller has blocked (p_kind block) or muted (mute), latest first: {items: [{id, username, since}], next}. */
      list_hidden_people: {
        Args: { p_kind: string; p_limit?: number | null; p_before?: string | null };
        Returns: Result<"list_hidden_people">;
      };
      /** The caller's notifications, latest first, with p_unread only those: {items, next}. If next is not null there are more: pass it as p_before. */
      list_notifications: {
        Args: { p_limit?: number | null; p_before?: string | null; p_unread?: boolean | null };
        Returns: Result<"list_notifications">;
      };
      /** For moderators: the comments, posts and pictures that wait for them, longest first: {items: [{opened_at, comment_id, post_id, image_id, evidence}], next}. */
      list_reviews: {
        Args: { p_limit?: number | null; p_after?: string | null };
        Returns: Result<"list_reviews">;
      };
      /** Marks the caller's notifications up to the millisecond of p_until as read, the newest 10000 of them, and returns how many were unread. After 10000, call it again. Pass the updated_at of the newest notification that was shown, so that none is marked unseen. */
      mark_all_notifications_read: {
        Args: { p_until?: string | null };
        Returns: number;
      };
      /** Marks notifications of the caller as read and returns how many were unread. */
      mark_notifications_read: {
        Args: { p_ids: string[] };
        Returns: number;
      };
      /** Mutes somebody, who is not noticed: the caller does not see their comments and is not told of them. Returns {success}. */
      mute_person: {
        Args: { p_person: string };
        Returns: Result<"mute_person">;
      };
      /** The preferences of the caller: {language, time_zone, quiet_from, quiet_until, push_notifications, email_notifications}. */
      notification_preferences: {
        Args: Record<never, never>;
        Returns: Result<"notification_preferences">;
      };
      /** For operators: does what docs/operate.md lists and writes it to the log. As a dry run, which is the default, it changes nothing and returns the same answer: {affected: how many, …}. */
      operate: {
        Args: { p_action: string; p_arguments: Json; p_dry_run?: boolean | null };
        Returns: Result<"operate">;
      };
      /** For operators: a page of the console, with the arguments that docs/operate.md lists. Changes nothing. */
      operator_page: {
        Args: { p_page: string; p_arguments?: Json | null };
        Returns: Result<"operator_page">;
      };
      /** Stores a comment of the caller, or a reply if p_parent_id names a comment, as pending, and sends it to moderation in the same transaction. Returns {success, comment}, or {success, error, code} and perhaps retryAfter. */
      post_comment: {
        Args: { p_post_id: string; p_body: string; p_parent_id?: string | null };
        Returns: Result<"post_comment">;
      };
      /** The metrics of every queue: see queues.metrics. */
      queue_metrics: {
        Args: Record<never, never>;
        Returns: Result<"queue_metrics">;
      };
      /** Registers a device for the caller's pushes and returns its id: fcm or apns with the registration token, web_push with the endpoint and both keys of the subscription. Call it at each start of the app. A device of another person becomes the caller's. The 20 devices of a person that were seen last are kept. */
      register_device: {
        Args: {
          p_provider: string;
          p_token: string;
          p_p256dh?: string | null;
          p_auth?: string | null;
          p_name?: string | null;
        };
        Returns: string;
      };
      /** For moderators: hides a comment, tells its author the note, takes back unread notifications of it, and closes its reports and appeal. */
      reject_comment: {
        Args: { p_comment_id: string; p_note?: string | null };
        Returns: Result<"reject_comment">;
      };
      /** For moderators: takes a picture down, held back or published, and tells its owner the note. */
      reject_image: {
        Args: { p_image_id: string; p_note?: string | null };
        Returns: Result<"reject_image">;
      };
      /** Reports a comment to the moderators, once: for spam, harassment, hate, violence, sexual, self_harm or other, with a note of up to 500 characters. Returns {success}, or {success, error, code} and perhaps retryAfter. */
      report_comment: {
        Args: { p_comment_id: string; p_reason: string; p_note?: string | null };
        Returns: Result<"report_comment">;
      };
      /** Reports a post to the moderators, once; as report_comment. */
      report_post: {
        Args: { p_post_id: string; p_reason: string; p_note?: string | null };
        Returns: Result<"report_post">;
      };
      /** Changes the given preferences of the caller, keeps the others, and returns all of them. */
      set_notification_preferences: {
        Args: { p_preferences: Json };
        Returns: Result<"set_notification_preferences">;
      };
      /** Settles claimed messages: acks, drops, retries, deferrals, releases, dead_letters and effects together or not at all. Returns {applied, lost, backlog, failed}; failed, for the log of the worker, has up to 50 of the messages that were retried or dead-lettered, with the ids of their requests. If a lease is lost nothing is applied, and lost has the ids to leave out. If what effects need was deleted since the claim, nothing is applied either, and gone has its ids: drop those messages. A settlement repeated with the same run_id and seq has no further effect. */
      settle_messages: {
        Args: { p_queue: string; p_settlement: Json };
        Returns: Result<"settle_messages">;
      };
      /** Likes or unlikes a post, and sends one message to like_events in the same transaction. Returns {success, isLiked, newLikeCount}, and {error, code} on failure. Over the limit: 429, or with p_defer 202 {success, deferred, applyAfter, isLiked}, and the like is applied once the limit allows. */
      toggle_post_like: {
        Args: { p_post_id: string; p_session_id: string; p_defer?: boolean | null };
        Returns: Result<"toggle_post_like">;
      };
      /** Sends one event: see public.track_events. An error names its fields as those of p_events[0]. */
      track_event: {
        Args: { p_event: string; p_post_id?: string | null; p_session_id?: string | null; p_metadata?: Json | null };
        Returns: Result<"track_event">;
      };
      /** Sends up to 50 events [{event, post_id, metadata}] to the queue analytics; only event is required. The events are those of queues.tracked_events. Returns {success, tracked, unknownPosts}; without a session id that can be one {success, error, code}; over the limit, HTTP 429 with {success, error, code, retryAfter}, and none is sent. An event of a post that does not exist is left out. */
      track_events: {
        Args: { p_events: Json; p_session_id?: string | null };
        Returns: Result<"track_events">;
      };
      /** The posts with the highest scores in the window, at most 100. A score is the sum of the weights of the events, each halved for every half-life of its age (queues.trending_settings). likes counts the likes in the window minus the unlikes. The window is at most 30 days long and begins at a full hour. */
      trending_posts: {
        Args: { p_window?: string | null; p_limit?: number | null };
        Returns: { post_id: string; score: number; likes: number }[];
      };
      /** Takes back a block of the caller. Returns {success}. */
      unblock_person: {
        Args: { p_person: string };
        Returns: Result<"unblock_person">;
      };
      /** Takes back a mute of the caller. Returns {success}. */
      unmute_person: {
        Args: { p_person: string };
        Returns: Result<"unmute_person">;
      };
      /** The number of unread notifications of the caller; 1000 stands for 1000 or more. */
      unread_notifications: {
        Args: Record<never, never>;
        Returns: number;
      };
      /** Removes a device of the caller and returns whether there was one. Call it when a person signs out. */
      unregister_device: {
        Args: { p_provider: string; p_token: string };
        Returns: boolean;
      };
      /** Ends the emails to the person of a token; may be repeated. Returns {success, channel}, or {success, code, error}. For everyone, signed in or not: the token is the authority. */
      unsubscribe: {
        Args: { p_token: string };
        Returns: Result<"unsubscribe">;
      };
    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
