-- An app's own toggle_post_like may return another type, which cannot be replaced in place.
drop function if exists public.toggle_post_like(uuid, text);

-- Generated from supabase/schemas, from here on.

set local check_function_bodies = off;

create schema "queues";

create table "public"."analytics_daily" (
  "id"         bigint generated always as identity not null,
  "day"        date   not null,
  "event_type" text   not null,
  "post_id"    uuid,
  "count"      bigint not null default 0,
  constraint "analytics_daily_pkey" primary key (id),
  constraint "count_is_not_negative" check ((count >= 0)),
  constraint "one_counter_per_key" unique nulls not DISTINCT (day, event_type, post_id)
);

alter table "public"."analytics_daily"
  enable row level security;

revoke all on table "public"."analytics_daily" from "anon", "authenticated";

create table "public"."analytics_events" (
  "id"         uuid                     not null default gen_random_uuid(),
  "event_type" text                     not null,
  "post_id"    uuid,
  "session_id" text,
  "profile_id" uuid,
  "metadata"   jsonb,
  "created_at" timestamp with time zone default now(),
  constraint "analytics_events_pkey" primary key (id),
  constraint "metadata_is_an_object" check ((jsonb_typeof(metadata) = 'object'::text))
);

alter table "public"."analytics_events"
  enable row level security;

revoke all on table "public"."analytics_events" from "anon", "authenticated";

create table "public"."analytics_reports" (
  "day"                            date                     not null,
  "events"                         bigint                   not null,
  "events_by_type"                 jsonb                    not null,
  "active_sessions"                bigint                   not null,
  "top_posts"                      jsonb                    not null,
  "events_growth_percent"          numeric,
  "active_sessions_growth_percent" numeric,
  "reported_at"                    timestamp with time zone not null default now(),
  "limited_calls"                  jsonb                    not null default '{}'::jsonb,
  constraint "analytics_reports_pkey" primary key (day),
  constraint "events_by_type_is_an_object" check ((jsonb_typeof(events_by_type) = 'object'::text)),
  constraint "limited_calls_is_an_object" check ((jsonb_typeof(limited_calls) = 'object'::text)),
  constraint "numbers_are_not_negative" check (((events >= 0) AND (active_sessions >= 0))),
  constraint "top_posts_is_an_array" check ((jsonb_typeof(top_posts) = 'array'::text))
);

alter table "public"."analytics_reports"
  enable row level security;

revoke all on table "public"."analytics_reports" from "anon", "authenticated";

create table "public"."comment_reports" (
  "day"                 date                     not null,
  "posted"              bigint                   not null,
  "by_decision"         jsonb                    not null,
  "by_reason"           jsonb                    not null,
  "overruled"           bigint                   not null,
  "reports"             bigint                   not null,
  "appeals"             bigint                   not null,
  "bans"                bigint                   not null,
  "waiting"             bigint                   not null,
  "reported_at"         timestamp with time zone not null default now(),
  "waiting_by_reason"   jsonb                    not null default '{}'::jsonb,
  "oldest_waiting_secs" bigint                   not null default 0,
  constraint "comment_reports_pkey" primary key (day),
  constraint "numbers_are_not_negative"
    check ((LEAST(posted, overruled, reports, appeals, bans, waiting, oldest_waiting_secs) >= 0)),
  constraint "objects_are_objects"
    check (((jsonb_typeof(by_decision) = 'object'::text) AND (jsonb_typeof(by_reason) = 'object'::text))),
  constraint "waiting_by_reason_is_an_object" check ((jsonb_typeof(waiting_by_reason) = 'object'::text))
);

alter table "public"."comment_reports"
  enable row level security;

revoke all on table "public"."comment_reports" from "anon", "authenticated";

create table "public"."comments" (
  "id"                         uuid                     not null default gen_random_uuid(),
  "post_id"                    uuid                     not null,
  "author_id"                  uuid                     not null,
  "parent_id"                  uuid,
  "reply_to"                   uuid,
  "body"                       text                     not null,
  "status"                     text                     not null default 'pending'::text,
  "revision"                   integer                  not null default 1,
  "created_at"                 timestamp with time zone not null default clock_timestamp(),
  "edited_at"                  timestamp with time zone,
  "decided_at"                 timestamp with time zone,
  "decided_by"                 uuid,
  "was_decided_by_a_moderator" boolean                  not null default false,
  "reasons"                    jsonb                    not null default '[]'::jsonb,
  "reason_codes"               jsonb                    generated always as
    (jsonb_path_query_array(reasons, '$[*]."code"'::jsonpath)) stored not null,
  "scores"                     jsonb,
  "language"                   text,
  "model"                      text,
  "note"                       text,
  "told"                       jsonb,
  "opinion"                    jsonb,
  constraint "body_has_a_length" check (((length(body) >= 1) AND (length(body) <= 2000))),
  constraint "comments_pkey" primary key (id),
  constraint "decided_by_a_moderator" check (((decided_by IS NULL) OR was_decided_by_a_moderator)),
  constraint "language_is_known" check ((language = ANY (ARRAY['en'::text, 'es'::text, 'other'::text]))),
  constraint "model_is_short" check ((length(model) <= 32)),
  constraint "note_is_short" check ((length(note) <= 1000)),
  constraint "opinion_is_an_object"
    check (((jsonb_typeof(opinion) = 'object'::text) AND (octet_length((opinion)::text) <= 8192))),
  constraint "pending_is_undecided" check (((status = 'pending'::text) = (decided_at IS NULL))),
  constraint "reasons_are_a_short_list"
    check (((jsonb_typeof(reasons) = 'array'::text) AND (jsonb_array_length(reasons) <= 8))),
  constraint "revision_is_positive" check ((revision > 0)),
  constraint "scores_are_an_object" check ((jsonb_typeof(scores) = 'object'::text)),
  constraint "status_is_known"
    check ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'flagged'::text, 'rejected'::text]))),
  constraint "told_is_an_array" check ((jsonb_typeof(told) = 'array'::text))
);

alter table "public"."comments"
  enable row level security;

create table "public"."devices" (
  "id"           uuid                     not null default gen_random_uuid(),
  "profile_id"   uuid                     not null,
  "provider"     text                     not null,
  "token"        text                     not null,
  "p256dh"       text,
  "auth"         text,
  "name"         text,
  "created_at"   timestamp with time zone not null default now(),
  "last_seen_at" timestamp with time zone not null default now(),
  constraint "apns_token_is_lower_case" check (((provider <> 'apns'::text) OR (token = lower(token)))),
  constraint "devices_pkey" primary key (id),
  constraint "name_is_short" check ((length(name) <= 100)),
  constraint "provider_is_known" check ((provider = ANY (ARRAY['fcm'::text, 'apns'::text, 'web_push'::text]))),
  constraint "token_has_a_length" check (((length(token) >= 1) AND (length(token) <= 4096))),
  constraint "web_push_has_its_keys" check (
CASE provider
    WHEN 'web_push'::text THEN ((p256dh IS NOT NULL) AND (auth IS NOT NULL))
    ELSE ((p256dh IS NULL) AND (auth IS NULL))
END)
);

alter table "public"."devices"
  enable row level security;

revoke all on table "public"."devices" from "anon";

create table "public"."image_reports" (
  "day"                 date                     not null,
  "uploaded"            bigint                   not null,
  "by_status"           jsonb                    not null,
  "by_reason"           jsonb                    not null,
  "uploaded_bytes"      bigint                   not null,
  "published_bytes"     bigint                   not null,
  "processing_secs_p95" numeric,
  "reported_at"         timestamp with time zone not null default now(),
  constraint "image_reports_pkey" primary key (day),
  constraint "numbers_are_not_negative"
    check
    ((LEAST((uploaded)::numeric, (uploaded_bytes)::numeric, (published_bytes)::numeric, processing_secs_p95) >=
    (0)::numeric)),
  constraint "objects_are_objects"
    check (((jsonb_typeof(by_status) = 'object'::text) AND (jsonb_typeof(by_reason) = 'object'::text)))
);

alter table "public"."image_reports"
  enable row level security;

revoke all on table "public"."image_reports" from "anon", "authenticated";

create table "public"."notifications" (
  "id"           uuid                     not null default gen_random_uuid(),
  "recipient_id" uuid                     not null,
  "type"         text                     not null,
  "data"         jsonb                    not null,
  "read_at"      timestamp with time zone,
  "created_at"   timestamp with time zone not null default now(),
  "group_key"    text,
  "title"        text,
  "body"         text,
  "url"          text,
  "actor_count"  integer                  not null default 1,
  "updated_at"   timestamp with time zone not null default now(),
  "withdrawn_at" timestamp with time zone,
  constraint "a_group_has_words" check (((group_key IS NULL) OR ((title IS NOT NULL) AND (body IS NOT NULL)))),
  constraint "actor_count_is_not_negative" check ((actor_count >= 0)),
  constraint "data_is_an_object" check ((jsonb_typeof(data) = 'object'::text)),
  constraint "group_key_is_short" check ((length(group_key) <= 200)),
  constraint "notifications_pkey" primary key (id),
  constraint "type_is_a_name" check ((type ~ '^[a-z][a-z0-9_]{0,63}$'::text))
);

alter table "public"."notifications"
  enable row level security;

revoke all on table "public"."notifications" from "anon";

create table "public"."post_image_secrets" (
  "image_id"      uuid  not null,
  "location"      jsonb,
  "serial_number" text,
  constraint "location_is_a_small_object"
    check (((jsonb_typeof(location) = 'object'::text) AND (octet_length((location)::text) <= 200))),
  constraint "post_image_secrets_pkey" primary key (image_id),
  constraint "serial_number_is_short" check ((length(serial_number) <= 100))
);

alter table "public"."post_image_secrets"
  enable row level security;

revoke all on table "public"."post_image_secrets" from "anon", "service_role";

create table "public"."post_images" (
  "id"                uuid                     not null default gen_random_uuid(),
  "post_id"           uuid                     not null,
  "owner_id"          uuid                     not null,
  "status"            text                     not null default 'pending'::text,
  "reason"            text,
  "error"             text,
  "variants"          jsonb,
  "width"             integer,
  "height"            integer,
  "color"             text,
  "thumbhash"         text,
  "exif"              jsonb,
  "created_at"        timestamp with time zone not null default clock_timestamp(),
  "processed_at"      timestamp with time zone,
  "bucket"            text                     not null,
  "path"              text                     not null,
  "revision"          integer                  not null default 1,
  "size_bytes"        bigint,
  "format"            text,
  "upload_removed_at" timestamp with time zone,
  constraint "a_failure_has_its_reason" check (((status = 'failed'::text) = ((reason IS NOT NULL) AND (error IS
    NOT NULL)))),
  constraint "a_picture_has_variants" check (((status <> ALL (ARRAY['held'::text, 'ready'::text])) OR (variants IS
    NOT NULL))),
  constraint "an_upload_has_one_row" unique (bucket, path),
  constraint "bucket_has_1_to_100_characters" check (((length(bucket) >= 1) AND (length(bucket) <= 100))),
  constraint "color_is_a_color" check ((color ~ '^#[0-9a-f]{6}$'::text)),
  constraint "error_is_short" check ((length(error) <= 500)),
  constraint "exif_is_a_small_object"
    check (((jsonb_typeof(exif) = 'object'::text) AND (octet_length((exif)::text) <= 4096))),
  constraint "format_is_a_name" check ((format ~ '^[a-z0-9]{1,16}$'::text)),
  constraint "path_has_1_to_1024_characters" check (((length(path) >= 1) AND (length(path) <= 1024))),
  constraint "post_images_pkey" primary key (id),
  constraint "processed_is_decided" check (((status = 'pending'::text) = (processed_at IS NULL))),
  constraint "reason_is_a_name" check ((reason ~ '^[a-z][a-z0-9_]{0,63}$'::text)),
  constraint "revision_is_positive" check ((revision > 0)),
  constraint "size_is_not_negative" check ((size_bytes >= 0)),
  constraint "sizes_are_positive" check (((width > 0) AND (height > 0))),
  constraint "status_is_known"
    check ((status = ANY (ARRAY['pending'::text, 'held'::text, 'ready'::text, 'failed'::text]))),
  constraint "thumbhash_is_short" check ((length(thumbhash) <= 100)),
  constraint "variants_are_a_short_list"
    check
    (((jsonb_typeof(variants) = 'array'::text) AND ((jsonb_array_length(variants) >= 1) AND
    (jsonb_array_length(variants) <= 8)) AND (octet_length((variants)::text) <= 8192)))
);

alter table "public"."post_images"
  enable row level security;

create table "queues"."alert_requests" (
  "msg_id"       bigint                   not null,
  "read_ct"      integer                  not null,
  "failures"     integer                  not null,
  "request_id"   bigint                   not null,
  "requested_at" timestamp with time zone not null default clock_timestamp(),
  constraint "alert_requests_pkey" primary key (msg_id)
);

create table "queues"."alert_settings" (
  "is_only"      boolean not null default true,
  "webhook_url"  text,
  "failing_secs" integer not null default 60,
  "late_secs"    integer not null default 300,
  "over_secs"    integer not null default 60,
  constraint "alert_settings_pkey" primary key (is_only),
  constraint "failing_is_at_most_a_day" check (((failing_secs >= 0) AND (failing_secs <= 86400))),
  constraint "late_is_at_most_a_day" check (((late_secs >= 0) AND (late_secs <= 86400))),
  constraint "over_is_at_most_a_day" check (((over_secs >= 0) AND (over_secs <= 86400))),
  constraint "there_is_one_row" check (is_only),
  constraint "webhook_url_is_a_web_address"
    check (((webhook_url ~* '^https?://[^[:cntrl:][:space:]]+$'::text) AND (length(webhook_url) <= 2000)))
);

create table "queues"."alerts" (
  "id"        uuid                     not null default gen_random_uuid(),
  "queue"     text                     not null,
  "verdict"   text                     not null,
  "reason"    text,
  "remedy"    text,
  "since"     timestamp with time zone not null,
  "raised_at" timestamp with time zone not null default clock_timestamp(),
  "over_at"   timestamp with time zone,
  constraint "alerts_pkey" primary key (id),
  constraint "verdict_is_trouble" check ((verdict = ANY (ARRAY['late'::text, 'failing'::text])))
);

create table "queues"."appeals" (
  "comment_id"  uuid                     not null,
  "body"        text                     not null,
  "appealed_at" timestamp with time zone not null default clock_timestamp(),
  "closed_at"   timestamp with time zone,
  constraint "appeals_pkey" primary key (comment_id),
  constraint "body_has_a_length" check (((length(body) >= 1) AND (length(body) <= 1000)))
);

create table "queues"."circuit_breakers" (
  "provider"    text                     not null,
  "version"     bigint                   not null default 0,
  "failures"    integer                  not null default 0,
  "trips"       integer                  not null default 0,
  "open_until"  timestamp with time zone,
  "probe_until" timestamp with time zone,
  "reason"      text,
  "updated_at"  timestamp with time zone not null default now(),
  "service"     text                     not null default ''::text,
  constraint "circuit_breakers_pkey" primary key (provider, service),
  constraint "counts_are_not_negative" check (((version >= 0) AND (failures >= 0) AND (trips >= 0))),
  constraint "service_is_a_host" check ((service ~ '^[a-z0-9.:\[\]-]{0,255}$'::text))
);

create table "queues"."cleanups" (
  "id"          bigint                   generated always as identity not null,
  "started_at"  timestamp with time zone not null default clock_timestamp(),
  "finished_at" timestamp with time zone,
  "removed"     jsonb                    not null default '{}'::jsonb,
  "errors"      jsonb                    not null default '{}'::jsonb,
  constraint "cleanups_pkey" primary key (id),
  constraint "errors_is_an_object" check ((jsonb_typeof(errors) = 'object'::text)),
  constraint "removed_is_an_object" check ((jsonb_typeof(removed) = 'object'::text))
);

create table "queues"."comment_settings" (
  "is_only"               boolean      not null default true,
  "offence_window_days"   integer      not null default 90,
  "simhash_days"          integer      not null default 7,
  "log_days"              integer      not null default 730,
  "tell_of_approval"      boolean      not null default true,
  "opinion_provider"      text,
  "opinion_from"          numeric(4,3) not null default 0,
  "opinion_to"            numeric(4,3) not null default 1,
  "opinion_approve_below" numeric(4,3) not null default 0.2,
  "opinion_reject_from"   numeric(4,3) not null default 0.8,
  "opinion_max_age_secs"  integer      not null default 86400,
  constraint "comment_settings_pkey" primary key (is_only),
  constraint "log_covers_the_offence_window" check ((log_days >= offence_window_days)),
  constraint "log_days_are_in_bounds" check (((log_days >= 1) AND (log_days <= 3650))),
  constraint "offence_window_is_in_bounds" check (((offence_window_days >= 1) AND (offence_window_days <= 3650))),
  constraint "opinion_approve_below_is_a_score"
    check (((opinion_approve_below >= (0)::numeric) AND (opinion_approve_below <= (1)::numeric))),
  constraint "opinion_band_is_in_bounds"
    check ((((0)::numeric <= opinion_from) AND (opinion_from <= opinion_to) AND (opinion_to <= (1)::numeric))),
  constraint "opinion_max_age_is_in_bounds"
    check (((opinion_max_age_secs >= 60) AND (opinion_max_age_secs <= (30 * 86400)))),
  constraint "opinion_provider_is_known" check ((opinion_provider = ANY (ARRAY['openai'::text, 'http'::text]))),
  constraint "opinion_reject_from_is_a_score"
    check (((opinion_reject_from >= (0)::numeric) AND (opinion_reject_from <= (1)::numeric))),
  constraint "simhash_days_are_in_bounds" check (((simhash_days >= 1) AND (simhash_days <= 3650))),
  constraint "there_is_one_row" check (is_only)
);

create table "queues"."comment_simhashes" (
  "comment_id" uuid                     not null,
  "simhash"    text                     not null,
  "author_id"  uuid,
  "at"         timestamp with time zone not null default clock_timestamp(),
  constraint "comment_simhashes_pkey" primary key (comment_id),
  constraint "simhash_has_64_bits" check ((simhash ~ '^[0-9a-f]{16}$'::text))
);

create table "queues"."configuration_problems" (
  "about"       text                     not null,
  "problem"     text                     not null,
  "remedy"      text                     not null,
  "reported_at" timestamp with time zone not null default clock_timestamp(),
  constraint "about_is_a_name" check ((about ~ '^[a-z][a-z0-9_]{0,49}$'::text)),
  constraint "configuration_problems_pkey" primary key (about, problem),
  constraint "texts_are_short" check (((length(problem) <= 500) AND (length(remedy) <= 500)))
);

create table "queues"."console" (
  "kind"     text not null,
  "key"      text not null,
  "function" text not null,
  "purpose"  text not null,
  constraint "console_pkey" primary key (kind, key),
  constraint "function_is_a_name" check ((function ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "key_is_a_name" check ((key ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "kind_is_known" check ((kind = ANY (ARRAY['page'::text, 'action'::text])))
);

create table "queues"."deferred_likes" (
  "id"             uuid                     not null default gen_random_uuid(),
  "owner"          text                     not null,
  "post_id"        uuid                     not null,
  "session_id"     text                     not null,
  "profile_id"     uuid,
  "address_key"    bigint,
  "is_liked"       boolean                  not null,
  "revision"       integer                  not null default 1,
  "is_superseded"  boolean                  not null default false,
  "apply_after"    timestamp with time zone not null,
  "kept_at"        timestamp with time zone not null default clock_timestamp(),
  "outcome"        text,
  "reason"         text,
  "settled_at"     timestamp with time zone,
  "correlation_id" text,
  constraint "a_dropped_like_has_its_reason" check (((NOT (outcome IS DISTINCT FROM 'dropped'::text)) = (reason IS
    NOT NULL))),
  constraint "a_settled_like_has_its_time" check (((outcome IS NULL) = (settled_at IS NULL))),
  constraint "deferred_likes_pkey" primary key (id),
  constraint "outcome_is_known" check ((outcome = ANY (ARRAY['applied'::text, 'dropped'::text]))),
  constraint "reason_is_short" check ((length(reason) <= 500))
);

create table "queues"."dispatches" (
  "id"           bigint                   generated always as identity not null,
  "queue"        text                     not null,
  "cause"        text                     not null,
  "requested_at" timestamp with time zone not null default clock_timestamp(),
  "request_id"   bigint,
  "outcome"      text,
  "answered_at"  timestamp with time zone,
  "status_code"  integer,
  "error"        text,
  "run_id"       uuid,
  constraint "cause_is_known" check ((cause = ANY (ARRAY['schedule'::text, 'wake'::text]))),
  constraint "dispatches_pkey" primary key (id),
  constraint "failure_has_an_error" check (((outcome IS NULL) OR (outcome = 'accepted'::text) OR (error IS NOT NULL))),
  constraint "outcome_has_a_time" check (((outcome IS NULL) = (answered_at IS NULL))),
  constraint "outcome_is_known"
    check
    ((outcome = ANY (ARRAY['accepted'::text, 'refused'::text, 'timed_out'::text, 'failed'::text, 'missing'::text,
    'not_sent'::text])))
);

create table "queues"."due" (
  "queue"        text                     not null,
  "at"           timestamp with time zone not null default clock_timestamp(),
  "failed_calls" integer                  not null default 0,
  "last_error"   text,
  constraint "due_pkey" primary key (queue)
);

create table "queues"."effects" (
  "key"      text    not null,
  "position" integer not null,
  "function" text    not null,
  constraint "effects_have_one_order" unique ("position"),
  constraint "effects_pkey" primary key (key),
  constraint "function_is_a_name" check ((function ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "key_is_a_name" check ((key ~ '^[a-z][a-z0-9_]{0,62}$'::text))
);

create table "queues"."failures" (
  "queue"           text                     not null,
  "msg_id"          bigint                   not null,
  "failures"        integer                  not null default 0,
  "settlements"     integer                  not null default 0,
  "settled_read_ct" integer                  not null,
  "first_failed_at" timestamp with time zone,
  "last_failed_at"  timestamp with time zone,
  "last_code"       text,
  "last_error"      text,
  "history"         jsonb                    not null default '[]'::jsonb,
  "delivered"       text[]                   not null default '{}'::text[],
  "redriven_from"   jsonb,
  "waiting_since"   timestamp with time zone,
  constraint "failed_messages_say_when_and_why" check ((((failures > 0) = (first_failed_at IS
    NOT NULL)) AND ((failures > 0) = (last_failed_at IS NOT NULL)) AND ((failures > 0) = (last_code IS NOT NULL)))),
  constraint "failures_are_settled" check (((failures >= 0) AND (failures <= settlements))),
  constraint "failures_pkey" primary key (queue, msg_id),
  constraint "history_is_bounded"
    check (((jsonb_typeof(history) = 'array'::text) AND (jsonb_array_length(history) <= 20)))
);

create table "queues"."gauges" (
  "name"     text not null,
  "label"    text not null,
  "help"     text not null,
  "function" text not null,
  constraint "function_is_a_name" check ((function ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "gauges_pkey" primary key (name),
  constraint "help_is_a_line" check ((help ~ '^[^\\"\n\r]{1,200}$'::text)),
  constraint "label_is_a_name" check ((label ~ '^[a-z][a-z0-9_]{0,30}$'::text)),
  constraint "name_is_that_of_a_metric"
    check (((name ~ '^[a-z][a-z0-9_]{0,62}$'::text) AND (name !~ '^(queue|rate_limit)_'::text)))
);

create table "queues"."hidden_people" (
  "person_id" uuid                     not null,
  "kind"      text                     not null,
  "hidden_id" uuid                     not null,
  "since"     timestamp with time zone not null default clock_timestamp(),
  constraint "hidden_people_pkey" primary key (person_id, kind, hidden_id),
  constraint "kind_is_known" check ((kind = ANY (ARRAY['block'::text, 'mute'::text]))),
  constraint "nobody_hides_themselves" check ((person_id <> hidden_id))
);

create table "queues"."housekeeping" (
  "key"      text    not null,
  "position" integer not null,
  "kind"     text    not null,
  "function" text    not null,
  "drains"   text,
  constraint "function_is_a_name" check ((function ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "housekeeping_has_one_order" unique ("position"),
  constraint "housekeeping_pkey" primary key (key),
  constraint "kind_is_known"
    check ((kind = ANY (ARRAY['fold'::text, 'prune'::text, 'prune_queue'::text, 'report'::text]))),
  constraint "position_is_positive" check (("position" > 0))
);

create table "queues"."image_removals" (
  "id"           uuid                     not null default gen_random_uuid(),
  "objects"      jsonb                    not null,
  "owner_id"     uuid,
  "post_id"      uuid,
  "image_id"     uuid,
  "rounds"       integer                  not null default 0,
  "requested_at" timestamp with time zone not null default clock_timestamp(),
  constraint "a_picture_has_its_place" check (((image_id IS NULL) OR ((owner_id IS NOT NULL) AND (post_id IS
    NOT NULL)))),
  constraint "image_removals_pkey" primary key (id),
  constraint "objects_are_a_bounded_list"
    check (((jsonb_typeof(objects) = 'array'::text) AND (jsonb_array_length(objects) <= 100))),
  constraint "rounds_are_bounded" check (((rounds >= 0) AND (rounds <= 100)))
);

create table "queues"."image_settings" (
  "is_only"             boolean not null default true,
  "uploads_bucket"      text    not null default 'uploads'::text,
  "images_bucket"       text    not null default 'images'::text,
  "keeps_location"      boolean not null default false,
  "keeps_serial_number" boolean not null default false,
  "reads_heic"          boolean not null default false,
  "removes_uploads"     boolean not null default false,
  "hold_function"       text,
  "orphan_days"         integer not null default 7,
  "retention_days"      integer not null default 30,
  constraint "buckets_are_names"
    check (((uploads_bucket ~ '^[A-Za-z0-9_.-]{1,100}$'::text) AND (images_bucket ~ '^[A-Za-z0-9_.-]{1,100}$'::text))),
  constraint "buckets_differ" check ((uploads_bucket <> images_bucket)),
  constraint "hold_function_is_a_name" check ((hold_function ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "image_settings_pkey" primary key (is_only),
  constraint "orphan_days_are_in_bounds" check (((orphan_days >= 1) AND (orphan_days <= 3650))),
  constraint "retention_is_in_bounds" check (((retention_days >= 1) AND (retention_days <= 3650))),
  constraint "there_is_one_row" check (is_only)
);

create table "queues"."jobs" (
  "name"                     text not null,
  "schedule"                 text not null,
  "schedule_without_seconds" text,
  "command"                  text not null,
  "purpose"                  text not null,
  constraint "jobs_pkey" primary key (name)
);

create unlogged table "queues"."marks" (
  "queue"          text                     not null,
  "n"              bigint                   generated always as identity not null,
  "at"             timestamp with time zone not null,
  "written_by"     xid8                     not null default pg_current_xact_id(),
  "trigger_oid"    oid                      not null,
  "trigger_xmin"   xid                      not null,
  "due_after"      timestamp with time zone not null,
  "next_due_after" timestamp with time zone not null,
  "writers"        text[],
  "writers_since"  timestamp with time zone,
  "passed"         text[]                   not null default '{}'::text[],
  "passed_after"   timestamp with time zone,
  constraint "marks_pkey" primary key (queue, n),
  constraint "passed_writers_have_a_start" check (((passed = '{}'::text[]) = (passed_after IS NULL))),
  constraint "the_next_mark_is_not_before" check ((next_due_after >= due_after)),
  constraint "writers_have_a_time" check (((writers IS NULL) = (writers_since IS NULL)))
);

create table "queues"."message_keys" (
  "queue"       text                     not null,
  "key"         text                     not null,
  "msg_id"      bigint,
  "enqueued_at" timestamp with time zone,
  constraint "key_has_1_to_200_characters" check (((length(key) >= 1) AND (length(key) <= 200))),
  constraint "keys_name_a_message" check (((msg_id IS NULL) = (enqueued_at IS NULL))),
  constraint "message_keys_pkey" primary key (queue, key)
);

create table "queues"."moderation_log" (
  "id"         bigint                   generated always as identity not null,
  "at"         timestamp with time zone not null default clock_timestamp(),
  "action"     text                     not null,
  "actor_id"   uuid,
  "person_id"  uuid,
  "comment_id" uuid,
  "post_id"    uuid,
  "revision"   integer,
  "body"       text,
  "reasons"    jsonb,
  "scores"     jsonb,
  "model"      text,
  "note"       text,
  "opinion"    jsonb,
  constraint "action_is_known"
    check
    ((action = ANY (ARRAY['approved'::text, 'flagged'::text, 'rejected'::text, 'deleted'::text, 'reported'::text,
    'dismissed'::text, 'appealed'::text, 'banned'::text, 'unbanned'::text]))),
  constraint "body_is_bounded" check ((length(body) <= 2000)),
  constraint "moderation_log_pkey" primary key (id),
  constraint "note_is_short" check ((length(note) <= 1000))
);

create table "queues"."moderation_settings" (
  "language"       text         not null,
  "offence_flag"   numeric(4,3) not null default 0.5,
  "offence_reject" numeric(4,3) not null default 0.8,
  "spam_flag"      numeric(4,3) not null default 0.5,
  "spam_reject"    numeric(4,3) not null default 0.8,
  constraint "language_is_known" check ((language = ANY (ARRAY['en'::text, 'es'::text, 'other'::text]))),
  constraint "moderation_settings_pkey" primary key (language),
  constraint "offence_thresholds_rise"
    check ((((0)::numeric <= offence_flag) AND (offence_flag <= offence_reject) AND (offence_reject <= (1)::numeric))),
  constraint "spam_thresholds_rise"
    check ((((0)::numeric <= spam_flag) AND (spam_flag <= spam_reject) AND (spam_reject <= (1)::numeric)))
);

create table "queues"."moderators" (
  "profile_id" uuid                     not null,
  "since"      timestamp with time zone not null default now(),
  constraint "moderators_pkey" primary key (profile_id)
);

create table "queues"."notification_actors" (
  "recipient_id"    uuid                     not null,
  "group_key"       text                     not null,
  "actor"           text                     not null,
  "name"            text,
  "is_active"       boolean                  not null,
  "at"              timestamp with time zone not null,
  "notification_id" uuid,
  constraint "actor_is_short" check (((length(actor) >= 1) AND (length(actor) <= 300))),
  constraint "group_key_is_short" check ((length(group_key) <= 200)),
  constraint "name_is_short" check ((length(name) <= 200)),
  constraint "notification_actors_pkey" primary key (recipient_id, group_key, actor)
);

create table "queues"."notification_deliveries" (
  "id"                  uuid                     not null default gen_random_uuid(),
  "notification_id"     uuid                     not null,
  "recipient_id"        uuid                     not null,
  "channel"             text                     not null,
  "device_id"           uuid,
  "status"              text                     not null default 'pending'::text,
  "reason"              text,
  "provider"            text,
  "provider_message_id" text,
  "tries"               integer                  not null default 0,
  "uncertain_tries"     integer                  not null default 0,
  "created_at"          timestamp with time zone not null default now(),
  "claimed_at"          timestamp with time zone,
  "settled_at"          timestamp with time zone,
  "is_uncertain"        boolean                  not null default false,
  constraint "channel_is_known" check ((channel = ANY (ARRAY['push'::text, 'email'::text]))),
  constraint "notification_deliveries_pkey" primary key (id),
  constraint "one_row_per_target" unique nulls not DISTINCT (notification_id, channel, device_id),
  constraint "only_a_push_has_a_device" check (((device_id IS NULL) OR (channel = 'push'::text))),
  constraint "status_is_known"
    check ((status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'skipped'::text, 'failed'::text]))),
  constraint "tries_are_counted" check (((tries >= 0) AND ((uncertain_tries >= 0) AND (uncertain_tries <= tries)))),
  constraint "what_was_not_sent_has_a_reason"
    check (((status <> ALL (ARRAY['skipped'::text, 'failed'::text])) OR (reason IS NOT NULL)))
);

create table "queues"."notification_settings" (
  "is_only"           boolean                not null default true,
  "coalesce_secs"     integer                not null default 3600,
  "email_delay_secs"  integer                not null default 600,
  "hourly_cap_push"   integer                not null default 20,
  "hourly_cap_email"  integer                not null default 6,
  "quiet_from"        time without time zone,
  "quiet_until"       time without time zone,
  "max_age_secs"      integer                not null default 86400,
  "breaker_failures"  integer                not null default 5,
  "breaker_base_secs" integer                not null default 30,
  "breaker_cap_secs"  integer                not null default 900,
  "retention_days"    integer                not null default 90,
  constraint "breaker_failures_is_at_most_1000" check ((breaker_failures <= 1000)),
  constraint "breaker_failures_is_positive" check ((breaker_failures > 0)),
  constraint "breaker_grows" check (((breaker_base_secs > 0) AND (breaker_cap_secs >= breaker_base_secs))),
  constraint "breaker_is_at_most_a_day" check ((breaker_cap_secs <= 86400)),
  constraint "coalesce_is_at_most_a_week" check (((coalesce_secs >= 0) AND (coalesce_secs <= 604800))),
  constraint "email_delay_is_at_most_a_week" check (((email_delay_secs >= 0) AND (email_delay_secs <= 604800))),
  constraint "hourly_caps_are_at_most_10000" check (((hourly_cap_push <= 10000) AND (hourly_cap_email <= 10000))),
  constraint "hourly_caps_are_not_negative" check (((hourly_cap_push >= 0) AND (hourly_cap_email >= 0))),
  constraint "max_age_is_at_most_28_days" check ((max_age_secs <= 2419200)),
  constraint "max_age_is_positive" check ((max_age_secs > 0)),
  constraint "notification_settings_pkey" primary key (is_only),
  constraint "quiet_hours_begin_and_end" check (((quiet_from IS NULL) = (quiet_until IS NULL))),
  constraint "retention_covers_the_window"
    check (((retention_days > 0) AND ((retention_days * (86400)::bigint) >= coalesce_secs))),
  constraint "retention_is_at_most_ten_years" check ((retention_days <= 3650)),
  constraint "there_is_one_row" check (is_only)
);

create table "queues"."operator_log" (
  "id"          bigint                   generated always as identity not null,
  "at"          timestamp with time zone not null default clock_timestamp(),
  "operator_id" uuid                     not null,
  "action"      text                     not null,
  "queue"       text,
  "arguments"   jsonb                    not null,
  "affected"    bigint                   not null,
  "result"      jsonb                    not null,
  constraint "affected_is_not_negative" check ((affected >= 0)),
  constraint "arguments_are_an_object" check ((jsonb_typeof(arguments) = 'object'::text)),
  constraint "operator_log_pkey" primary key (id),
  constraint "result_is_an_object" check ((jsonb_typeof(result) = 'object'::text))
);

create table "queues"."operators" (
  "profile_id" uuid                     not null,
  "since"      timestamp with time zone not null default now(),
  constraint "operators_pkey" primary key (profile_id)
);

create unlogged table "queues"."rate_limit_calls" (
  "minute"  timestamp with time zone not null,
  "action"  text                     not null,
  "answer"  text                     not null,
  "key"     bigint                   not null,
  "backend" integer                  not null,
  "kind"    text,
  "calls"   bigint                   not null,
  constraint "answer_is_known" check ((answer = ANY (ARRAY['allowed'::text, 'refused'::text, 'deferred'::text]))),
  constraint "rate_limit_calls_pkey" primary key (minute, action, answer, key, backend)
);

alter table "queues"."rate_limit_calls"
  set (fillfactor=70);

create table "queues"."rate_limit_hours" (
  "hour"   timestamp with time zone not null,
  "action" text                     not null,
  "answer" text                     not null,
  "calls"  bigint                   not null,
  constraint "rate_limit_hours_pkey" primary key (hour, action, answer)
);

create unlogged table "queues"."rate_limit_keys" (
  "key"     bigint                   not null,
  "free_at" timestamp with time zone not null,
  "action"  text                     not null,
  "kind"    text                     not null,
  "calls"   bigint                   not null default 0,
  constraint "rate_limit_keys_pkey" primary key (key)
);

alter table "queues"."rate_limit_keys"
  set (fillfactor=70);

create table "queues"."rate_limit_settings" (
  "is_only"          boolean not null default true,
  "address_header"   text,
  "trusted_proxies"  integer not null default 0,
  "exempt_addresses" inet[]  not null default '{}'::inet[],
  "key_seed"         bigint  not null,
  constraint "header_is_in_lower_case" check ((address_header ~ '^[a-z][a-z0-9-]{0,62}$'::text)),
  constraint "proxies_are_for_a_list"
    check (((trusted_proxies > 0) = COALESCE((address_header = 'x-forwarded-for'::text), false))),
  constraint "proxies_are_in_bounds" check (((trusted_proxies >= 0) AND (trusted_proxies <= 10))),
  constraint "rate_limit_settings_pkey" primary key (is_only),
  constraint "there_is_one_row" check (is_only)
);

create table "queues"."rate_limits" (
  "action"         text    not null,
  "per_minute"     integer not null,
  "burst"          integer not null,
  "address_factor" integer not null default 10,
  "enabled"        boolean not null default true,
  constraint "action_is_a_name" check ((action ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
  constraint "address_factor_is_in_bounds" check (((address_factor >= 1) AND (address_factor <= 1000))),
  constraint "burst_is_in_bounds" check (((burst >= 1) AND (burst <= 10000))),
  constraint "per_minute_is_in_bounds" check (((per_minute >= 1) AND (per_minute <= 60000))),
  constraint "rate_limits_pkey" primary key (action)
);

create table "queues"."redrives" (
  "queue"        text                     not null,
  "rate_per_sec" numeric                  not null,
  "until"        timestamp with time zone not null,
  constraint "redrives_pkey" primary key (queue, rate_per_sec)
);

create table "queues"."reports" (
  "id"          uuid                     not null default gen_random_uuid(),
  "reporter_id" uuid                     not null,
  "comment_id"  uuid,
  "post_id"     uuid,
  "reason"      text                     not null,
  "note"        text,
  "reported_at" timestamp with time zone not null default clock_timestamp(),
  "closed_at"   timestamp with time zone,
  constraint "a_comment_is_reported_once" unique (reporter_id, comment_id),
  constraint "a_post_is_reported_once" unique (reporter_id, post_id),
  constraint "it_is_about_one_thing" check ((num_nonnulls(comment_id, post_id) = 1)),
  constraint "note_is_short" check ((length(note) <= 500)),
  constraint "reason_is_known"
    check
    ((reason = ANY (ARRAY['spam'::text, 'harassment'::text, 'hate'::text, 'violence'::text, 'sexual'::text,
    'self_harm'::text, 'other'::text]))),
  constraint "reports_pkey" primary key (id)
);

create table "queues"."restrictions" (
  "profile_id"    uuid                     not null,
  "limited_until" timestamp with time zone not null default '-infinity'::timestamp with time zone,
  "banned_until"  timestamp with time zone not null default '-infinity'::timestamp with time zone,
  "ban_note"      text,
  constraint "ban_note_is_short" check ((length(ban_note) <= 1000)),
  constraint "restrictions_pkey" primary key (profile_id)
);

create table "queues"."reviews" (
  "id"         uuid                     not null default gen_random_uuid(),
  "comment_id" uuid,
  "post_id"    uuid,
  "opened_at"  timestamp with time zone not null default clock_timestamp(),
  "image_id"   uuid,
  constraint "it_is_about_one_thing" check ((num_nonnulls(comment_id, post_id, image_id) = 1)),
  constraint "reviews_comment_id_key" unique (comment_id),
  constraint "reviews_image_id_key" unique (image_id),
  constraint "reviews_pkey" primary key (id),
  constraint "reviews_post_id_key" unique (post_id)
);

create table "queues"."runs" (
  "id"              uuid                     not null,
  "queue"           text                     not null,
  "started_at"      timestamp with time zone not null default clock_timestamp(),
  "last_seen_at"    timestamp with time zone not null default clock_timestamp(),
  "finished_at"     timestamp with time zone,
  "claimed"         bigint                   not null default 0,
  "processed"       bigint                   not null default 0,
  "retried"         bigint                   not null default 0,
  "dead_lettered"   bigint                   not null default 0,
  "released"        bigint                   not null default 0,
  "lost"            bigint                   not null default 0,
  "batches"         bigint                   not null default 0,
  "settled_seq"     bigint                   not null default 0,
  "stopped_because" text,
  "deferred"        bigint                   not null default 0,
  "error_code"      text,
  "error"           text,
  constraint "finished_runs_say_why" check (((finished_at IS NULL) = (stopped_because IS NULL))),
  constraint "runs_pkey" primary key (id)
);

create table "queues"."samples" (
  "queue"            text                     not null,
  "at"               timestamp with time zone not null,
  "verdict"          text                     not null,
  "visible"          bigint,
  "in_flight"        bigint,
  "delayed"          bigint,
  "dead_letters"     bigint,
  "oldest_age_secs"  numeric,
  "workers_active"   integer,
  "counters"         jsonb                    not null,
  "latency_p50_secs" numeric,
  "latency_p95_secs" numeric,
  constraint "counters_are_an_object" check ((jsonb_typeof(counters) = 'object'::text)),
  constraint "samples_pkey" primary key (queue, at),
  constraint "verdict_is_known" check ((verdict = ANY (ARRAY['ok'::text, 'late'::text, 'failing'::text])))
);

create table "queues"."settings" (
  "queue"                   text    not null,
  "visibility_timeout_secs" integer not null default 60,
  "batch_size"              integer not null default 100,
  "max_retries"             integer not null default 3,
  "max_crashes"             integer not null default 3,
  "backoff_base_secs"       integer not null default 10,
  "backoff_cap_secs"        integer not null default 3600,
  "max_message_bytes"       integer not null default 262144,
  "retention_days"          integer,
  "schedule_secs"           integer not null default 10,
  "max_workers"             integer not null default 2,
  "paused"                  boolean not null default false,
  "function_name"           text,
  "wakes"                   boolean not null default false,
  "claim_hook"              text,
  "dead_letter_hook"        text,
  "delivery_concurrency"    integer not null default 16,
  constraint "backoff_grows" check (((backoff_base_secs > 0) AND (backoff_cap_secs >= backoff_base_secs))),
  constraint "backoff_is_at_most_a_week" check ((backoff_cap_secs <= 604800)),
  constraint "batch_size_is_within_a_claim" check (((batch_size >= 1) AND (batch_size <= 1000))),
  constraint "delivery_concurrency_is_bounded" check (((delivery_concurrency >= 1) AND (delivery_concurrency <= 100))),
  constraint "function_name_is_a_slug" check ((function_name ~ '^[A-Za-z][A-Za-z0-9_-]*$'::text)),
  constraint "function_name_is_short" check ((length(function_name) <= 100)),
  constraint "hooks_are_names"
    check (((claim_hook ~ '^[a-z][a-z0-9_]{0,62}$'::text) AND (dead_letter_hook ~ '^[a-z][a-z0-9_]{0,62}$'::text))),
  constraint "max_crashes_is_at_most_100" check ((max_crashes <= 100)),
  constraint "max_crashes_leaves_a_chance" check ((max_crashes >= 2)),
  constraint "max_message_bytes_is_at_most_16_mib" check ((max_message_bytes <= 16777216)),
  constraint "max_message_bytes_is_positive" check ((max_message_bytes > 0)),
  constraint "max_retries_is_at_most_100" check ((max_retries <= 100)),
  constraint "max_retries_is_not_negative" check ((max_retries >= 0)),
  constraint "max_workers_is_at_most_100" check ((max_workers <= 100)),
  constraint "max_workers_is_positive" check ((max_workers > 0)),
  constraint "queue_is_a_name" check (((queue ~ '^[a-z][a-z0-9_]{0,42}$'::text) AND (queue !~~ '%\_dlq'::text))),
  constraint "retention_is_at_most_ten_years" check ((retention_days <= 3650)),
  constraint "retention_is_positive" check ((retention_days > 0)),
  constraint "schedule_is_at_most_a_day" check ((schedule_secs <= 86400)),
  constraint "schedule_is_positive" check ((schedule_secs > 0)),
  constraint "settings_pkey" primary key (queue),
  constraint "visibility_timeout_is_at_most_12_hours" check ((visibility_timeout_secs <= 43200)),
  constraint "visibility_timeout_is_positive" check ((visibility_timeout_secs > 0))
);

create table "queues"."settlements" (
  "queue"         text                     not null,
  "at"            timestamp with time zone not null default clock_timestamp(),
  "id"            bigint                   generated always as identity not null,
  "processed"     bigint                   not null default 0,
  "retried"       bigint                   not null default 0,
  "dead_lettered" bigint                   not null default 0,
  "released"      bigint                   not null default 0,
  "lost"          bigint                   not null default 0,
  "expired"       bigint                   not null default 0,
  "last_failure"  jsonb,
  "deferred"      bigint                   not null default 0,
  "run_id"        uuid,
  "began_at"      timestamp with time zone default now(),
  constraint "counts_are_not_negative" check ((LEAST(processed, retried, dead_lettered, released, lost, expired) >= 0)),
  constraint "deferred_is_not_negative" check ((deferred >= 0)),
  constraint "settlements_pkey" primary key (queue, at, id)
);

create table "queues"."totals" (
  "queue"   text   not null,
  "counted" text   not null,
  "label"   text   not null,
  "rows"    bigint not null,
  constraint "counted_is_known" check ((counted = ANY (ARRAY['dispatches'::text, 'runs'::text]))),
  constraint "rows_is_not_negative" check ((rows >= 0)),
  constraint "totals_pkey" primary key (queue, counted, label)
);

create table "queues"."tracked_events" (
  "event" text not null,
  constraint "event_is_a_name" check ((event ~ '^[a-z][a-z0-9_]{0,63}$'::text)),
  constraint "likes_come_from_toggles" check ((event <> ALL (ARRAY['like'::text, 'unlike'::text]))),
  constraint "tracked_events_pkey" primary key (event)
);

create table "queues"."trending_hours" (
  "post_id" uuid                     not null,
  "hour"    timestamp with time zone not null,
  "weight"  bigint                   not null,
  "gain"    bigint                   not null,
  "likes"   bigint                   not null,
  constraint "gain_bounds_weight" check (((gain >= 0) AND (weight <= gain))),
  constraint "hour_is_whole" check ((((EXTRACT(epoch FROM hour))::bigint % (3600)::bigint) = 0)),
  constraint "trending_hours_pkey" primary key (post_id, hour)
);

alter table "queues"."trending_hours"
  set (fillfactor=80);

create table "queues"."trending_ranks" (
  "post_id"   uuid                     not null,
  "rank"      double precision         not null,
  "last_hour" timestamp with time zone not null,
  constraint "trending_ranks_pkey" primary key (post_id)
);

alter table "queues"."trending_ranks"
  set (fillfactor=80);

create table "queues"."trending_settings" (
  "is_only"        boolean not null default true,
  "half_life_secs" integer not null default 86400,
  constraint "half_life_is_an_hour_to_a_year" check (((half_life_secs >= 3600) AND (half_life_secs <= 31536000))),
  constraint "there_is_one_row" check (is_only),
  constraint "trending_settings_pkey" primary key (is_only)
);

create table "queues"."upload_problems" (
  "bucket"   text                     not null,
  "path"     text                     not null,
  "code"     text                     not null,
  "error"    text                     not null,
  "tries"    integer                  not null default 1,
  "first_at" timestamp with time zone not null default clock_timestamp(),
  "last_at"  timestamp with time zone not null default clock_timestamp(),
  constraint "error_is_bounded" check ((length(error) <= 500)),
  constraint "upload_problems_pkey" primary key (bucket, path)
);

revoke all on sequence "public"."analytics_daily_id_seq" from "anon";

revoke all on sequence "public"."analytics_daily_id_seq" from "authenticated";

revoke all on sequence "public"."analytics_daily_id_seq" from "service_role";

create type "queues"."claimed_delivery" as (
  "id"              uuid,
  "is_open"         boolean,
  "status"          text,
  "channel"         text,
  "notification_id" uuid,
  "recipient_id"    uuid,
  "device_id"       uuid,
  "age_secs"        integer,
  "tries"           integer,
  "sent_last_hour"  integer
);

create type "queues"."notification_event" as (
  "place"           bigint,
  "recipient_id"    uuid,
  "type"            text,
  "group_key"       text,
  "actor"           text,
  "actor_name"      text,
  "at"              timestamp with time zone,
  "is_withdrawn"    boolean,
  "title"           text,
  "bodies"          text[],
  "someone"         text,
  "url"             text,
  "data"            jsonb,
  "deliveries"      jsonb,
  "notification_id" uuid,
  "is_new"          boolean
);

create type "queues"."queue_health" as (
  "queue"               text,
  "verdict"             text,
  "reason"              text,
  "remedy"              text,
  "paused"              boolean,
  "visible"             bigint,
  "in_flight"           bigint,
  "delayed"             bigint,
  "dead_letters"        bigint,
  "is_estimate"         boolean,
  "oldest_age_secs"     numeric,
  "workers_active"      integer,
  "processed_1_min"     bigint,
  "processed_5_min"     bigint,
  "processed_60_min"    bigint,
  "failed_1_min"        bigint,
  "failed_5_min"        bigint,
  "failed_60_min"       bigint,
  "failure_rate_1_min"  numeric,
  "failure_rate_5_min"  numeric,
  "failure_rate_60_min" numeric,
  "run_p50_secs"        numeric,
  "run_p95_secs"        numeric,
  "last_error_code"     text,
  "last_error"          text,
  "last_error_at"       timestamp with time zone,
  "failed_calls"        integer,
  "last_call_outcome"   text,
  "last_call_error"     text,
  "last_call_at"        timestamp with time zone
);

create type "queues"."rate_limit_key" as (
  "key"       bigint,
  "cost"      interval,
  "tolerance" interval,
  "action"    text,
  "kind"      text
);

create or replace function public.appeal_comment (
  p_comment_id uuid,
  p_body       text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.appeal_comment(p_comment_id, p_body);
end $function$;

revoke all on function "public"."appeal_comment"(uuid, text) from public, "anon", "service_role";

create or replace function public.approve_comment (
  p_comment_id uuid,
  p_note       text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.approve_comment(p_comment_id, p_note);
end $function$;

revoke all on function "public"."approve_comment"(uuid, text) from public, "anon", "service_role";

create or replace function public.approve_image (
  p_image_id uuid,
  p_note     text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.approve_image(p_image_id, p_note);
end $function$;

revoke all on function "public"."approve_image"(uuid, text) from public, "anon", "service_role";

create or replace function public.ban_person (
  p_person uuid,
  p_secs   integer,
  p_note   text    default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.ban_person(p_person, p_secs, p_note);
end $function$;

revoke all on function "public"."ban_person"(uuid, integer, text) from public, "anon", "service_role";

create or replace function public.block_person (
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.block_person(p_person);
end $function$;

revoke all on function "public"."block_person"(uuid) from public, "anon", "service_role";

create or replace function public.claim_messages (
  p_queue       text,
  p_limit       integer default null::integer,
  p_run         uuid    default null::uuid,
  p_alone       boolean default false,
  p_needs_place boolean default false
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.claim_messages(p_queue, p_limit, p_run, coalesce(p_alone, false), coalesce(p_needs_place, false));
end $function$;

revoke all
  on function "public"."claim_messages"(text, integer, uuid, boolean, boolean)
  from public, "anon", "authenticated";

create or replace function public.close_post_review (
  p_post_id uuid,
  p_note    text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.close_post_review(p_post_id, p_note);
end $function$;

revoke all on function "public"."close_post_review"(uuid, text) from public, "anon", "service_role";

create or replace function public.delete_comment (
  p_comment_id uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.delete_comment(p_comment_id);
end $function$;

revoke all on function "public"."delete_comment"(uuid) from public, "anon", "service_role";

create or replace function public.edit_comment (
  p_comment_id uuid,
  p_body       text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.edit_comment(p_comment_id, p_body);
end $function$;

revoke all on function "public"."edit_comment"(uuid, text) from public, "anon", "service_role";

create or replace function public.enqueue_image (
  p_path       text,
  p_bucket     text   default null::text,
  p_size_bytes bigint default null::bigint
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.enqueue_image(p_path, p_bucket, p_size_bytes);
end $function$;

revoke all on function "public"."enqueue_image"(text, text, bigint) from public, "anon";

create or replace function public.heartbeat_run (
  p_queue text,
  p_run   uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.heartbeat_run(p_queue, p_run);
end $function$;

revoke all on function "public"."heartbeat_run"(text, uuid) from public, "anon", "authenticated";

create or replace function public.list_comments (
  p_post_id   uuid,
  p_parent_id uuid    default null::uuid,
  p_limit     integer default 20,
  p_before    text    default null::text
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.user_id();
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.check_page(p_limit);
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_before', p_before) c;

  -- One more than asked for, to see whether there are more.
  select
    array_agg(json_build_object(
      'id', n.id, 'post_id', n.post_id, 'parent_id', n.parent_id, 'author_id', n.author_id, 'reply_to', n.reply_to,
      'body', n.body, 'status', n.status, 'created_at', n.created_at, 'edited_at', n.edited_at,
      'is_own', n.author_id is not distinct from v_person,
      'own', case when n.author_id = v_person then queues.own_details(n.id) end) order by n.created_at desc, n.id desc),
    array_agg(queues.cursor_of(n.created_at, n.id) order by n.created_at desc, n.id desc)
  into v_items, v_cursors
  from (
    select c.id, c.post_id, c.parent_id, c.author_id, c.reply_to, c.body, c.status, c.created_at, c.edited_at
    from public.comments c
    where coalesce(c.parent_id, c.post_id) = coalesce(p_parent_id, p_post_id) and c.post_id = p_post_id
      and (c.created_at, c.id) < (
        coalesce(v_at, 'infinity'), coalesce(v_id, uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      -- What else moderators may read is in their list of reviews.
      and (c.author_id = v_person or c.status = 'approved')
      and not queues.is_apart_from(c.author_id) and not queues.has_muted(c.author_id)
      -- Replies are hidden with the comment above them.
      and (p_parent_id is null or exists (select from public.comments t where t.id = p_parent_id))
    order by c.created_at desc, c.id desc
    limit p_limit + 1
  ) n;

  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $function$;

revoke all on function "public"."list_comments"(uuid, uuid, integer, text) from public, "service_role";

create or replace function public.list_hidden_people (
  p_kind   text,
  p_limit  integer default 20,
  p_before text    default null::text
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return queues.list_hidden_people(p_kind, p_limit, p_before);
end $function$;

revoke all on function "public"."list_hidden_people"(text, integer, text) from public, "anon", "service_role";

create or replace function public.list_notifications (
  p_limit  integer default 20,
  p_before text    default null::text,
  p_unread boolean default false
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- <microseconds since 1970>.<id> of the last item. Clients must not rely on the format.
  c_cursor constant text := '^(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$';
  v_person uuid := queues.signed_in();
  v_before text[];
  v_updated_at timestamptz := timestamptz 'infinity';
  v_id uuid := uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_page public.notifications[];
  v_items json[];
  v_cursors text[];
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise sqlstate 'PT422' using message = '`p_limit` is not between 1 and 100', hint = 'omit it for the default, 20';
  end if;
  if p_before is not null then
    v_before := regexp_match(p_before, c_cursor);
    if v_before is null then
      raise sqlstate 'PT422' using
        message = '`p_before` is not a cursor', hint = 'pass the `next` of the previous page, or nothing for the first';
    end if;
    v_updated_at := timestamptz '1970-01-01 00:00:00Z' + v_before[1]::bigint * interval '1 microsecond';
    v_id := v_before[2]::uuid;
  end if;

  -- One more than asked for, to see whether there are more. Two statements, because each has an index of its own.
  if p_unread then
    v_page := array(
      select n from public.notifications n
      where recipient_id = v_person and read_at is null and withdrawn_at is null
        and updated_at <= v_updated_at and (updated_at, id) < (v_updated_at, v_id)
      order by updated_at desc, id desc
      limit p_limit + 1);
  else
    v_page := array(
      select n from public.notifications n
      where recipient_id = v_person and withdrawn_at is null and (updated_at, id) < (v_updated_at, v_id)
      order by updated_at desc, id desc
      limit p_limit + 1);
  end if;

  select
    array_agg(json_build_object(
      'id', n.id, 'type', n.type, 'title', n.title, 'body', n.body, 'url', n.url, 'data', n.data,
      'actor_count', n.actor_count, 'is_read', n.read_at is not null, 'created_at', n.created_at,
      'updated_at', n.updated_at) order by n.updated_at desc, n.id desc),
    array_agg(format('%s.%s', (extract(epoch from n.updated_at) * 1000000)::bigint, n.id) order by n.updated_at desc, n.id desc)
  into v_items, v_cursors
  from unnest(v_page) n;

  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $function$;

revoke all on function "public"."list_notifications"(integer, text, boolean) from public, "anon", "service_role";

create or replace function public.list_reviews (
  p_limit integer default 20,
  p_after text    default null::text
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return queues.list_reviews(p_limit, p_after);
end $function$;

revoke all on function "public"."list_reviews"(integer, text) from public, "anon", "service_role";

create or replace function public.mark_all_notifications_read (
  p_until timestamp with time zone default now()
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.mark_all_notifications_read(p_until);
end $function$;

revoke all
  on function "public"."mark_all_notifications_read"(timestamp with time zone)
  from public, "anon", "service_role";

create or replace function public.mark_notifications_read (
  p_ids uuid[]
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.mark_notifications_read(p_ids);
end $function$;

revoke all on function "public"."mark_notifications_read"(uuid[]) from public, "anon", "service_role";

create or replace function public.mute_person (
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.mute_person(p_person);
end $function$;

revoke all on function "public"."mute_person"(uuid) from public, "anon", "service_role";

create or replace function public.notification_preferences()
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return queues.notification_preferences();
end $function$;

revoke all on function "public"."notification_preferences"() from public, "anon", "service_role";

create or replace function public.operate (
  p_action    text,
  p_arguments jsonb,
  p_dry_run   boolean default true
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.operate(p_action, p_arguments, p_dry_run);
end $function$;

revoke all on function "public"."operate"(text, jsonb, boolean) from public, "anon", "service_role";

create or replace function public.operator_page (
  p_page      text,
  p_arguments jsonb default '{}'::jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.operator_page(p_page, p_arguments);
end $function$;

revoke all on function "public"."operator_page"(text, jsonb) from public, "anon", "service_role";

create or replace function public.post_comment (
  p_post_id   uuid,
  p_body      text,
  p_parent_id uuid default null::uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- As the caller, so that the policies of posts apply.
  if not exists (select from public.posts_new where id = p_post_id) then
    return json_build_object(
      'success', false, 'error', 'This post does not exist any more.', 'code', 'post_not_found');
  end if;
  return queues.post_comment(p_post_id, p_body, p_parent_id);
end $function$;

revoke all on function "public"."post_comment"(uuid, text, uuid) from public, "anon", "service_role";

create or replace function public.queue_metrics()
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.metrics();
end $function$;

revoke all on function "public"."queue_metrics"() from public, "anon", "authenticated";

create or replace function public.register_device (
  p_provider text,
  p_token    text,
  p_p256dh   text default null::text,
  p_auth     text default null::text,
  p_name     text default null::text
)
  returns uuid
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.register_device(p_provider, p_token, p_p256dh, p_auth, p_name);
end $function$;

revoke all on function "public"."register_device"(text, text, text, text, text) from public, "anon", "service_role";

create or replace function public.reject_comment (
  p_comment_id uuid,
  p_note       text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.reject_comment(p_comment_id, p_note);
end $function$;

revoke all on function "public"."reject_comment"(uuid, text) from public, "anon", "service_role";

create or replace function public.reject_image (
  p_image_id uuid,
  p_note     text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.reject_image(p_image_id, p_note);
end $function$;

revoke all on function "public"."reject_image"(uuid, text) from public, "anon", "service_role";

create or replace function public.report_comment (
  p_comment_id uuid,
  p_reason     text,
  p_note       text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.report_comment(p_comment_id, p_reason, p_note);
end $function$;

revoke all on function "public"."report_comment"(uuid, text, text) from public, "anon", "service_role";

create or replace function public.report_post (
  p_post_id uuid,
  p_reason  text,
  p_note    text default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.report_post(p_post_id, p_reason, p_note);
end $function$;

revoke all on function "public"."report_post"(uuid, text, text) from public, "anon", "service_role";

create or replace function public.set_notification_preferences (
  p_preferences jsonb
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.set_notification_preferences(p_preferences);
end $function$;

revoke all on function "public"."set_notification_preferences"(jsonb) from public, "anon", "service_role";

create or replace function public.settle_messages (
  p_queue      text,
  p_settlement jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.settle_messages(p_queue, p_settlement);
end $function$;

revoke all on function "public"."settle_messages"(text, jsonb) from public, "anon", "authenticated";

create or replace function public.toggle_post_like (
  p_post_id    uuid,
  p_session_id text,
  p_defer      boolean default false
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.toggle_post_like(p_post_id, p_session_id, coalesce(p_defer, false));
end $function$;

revoke all on function "public"."toggle_post_like"(uuid, text, boolean) from public, "service_role";

create or replace function public.track_event (
  p_event      text,
  p_post_id    uuid  default null::uuid,
  p_session_id text  default null::text,
  p_metadata   jsonb default '{}'::jsonb
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.track_events(
    jsonb_build_array(jsonb_build_object('event', p_event, 'post_id', p_post_id, 'metadata', p_metadata)), p_session_id);
end $function$;

revoke all on function "public"."track_event"(text, uuid, text, jsonb) from public, "service_role";

create or replace function public.track_events (
  p_events     jsonb,
  p_session_id text  default null::text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.track_events(p_events, p_session_id);
end $function$;

revoke all on function "public"."track_events"(jsonb, text) from public, "service_role";

create or replace function public.trending_posts (
  p_window interval default '24:00:00'::interval,
  p_limit  integer  default 20
)
  returns table (
    post_id uuid,
    score   double precision,
    likes   bigint
  )
  language plpgsql
  stable
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  set enable_seqscan to 'off'
  AS $function$
#variable_conflict use_column
declare
  c_limit constant integer := least(p_limit, 100);
  c_since constant timestamptz := date_trunc(
    'hour', now() - greatest(interval '0', least(interval '30 days', p_window)), 'UTC');
  c_decay constant double precision := queues.trending_decay();
  c_now_secs constant double precision := extract(epoch from now())::double precision;
  -- Depending on the order of addition, the logarithms of equal sums may differ by this much.
  c_tolerance constant double precision := 1e-6::double precision;
  -- The rank of a post with the smallest gain in the first hour of the window.
  c_least_rank constant double precision := c_decay * extract(epoch from c_since)::double precision - c_tolerance;
  v_looked_at integer := c_limit;
  v_next_rank double precision;
  v_post_ids uuid[];
  v_scores double precision[];
  v_likes bigint[];
begin
  if p_window is null or p_window <= interval '0' then
    raise sqlstate 'PT422' using
      message = '`p_window` is not a positive interval', hint = 'use an hour to 30 days, such as ''24 hours''';
  end if;
  if p_limit is null or p_limit < 1 then
    raise sqlstate 'PT422' using message = '`p_limit` is not positive', hint = '1 to 100 posts';
  end if;

  -- The threshold algorithm (Fagin, Lotem and Naor, 2001) over one list: look at the posts with a gain in the window in
  -- the order of their highest possible score, twice as many each time, until the next one cannot be among the best.
  loop
    v_looked_at := 2 * v_looked_at;
    with candidates as materialized (
      select post_id from queues.trending_ranks
      where rank >= c_least_rank and last_hour >= c_since
      order by rank desc limit v_looked_at
    ), best as (
      select c.post_id, s.score, s.likes
      from candidates c
      join public.posts_new p on p.id = c.post_id
      cross join lateral (
        select sum(h.weight * exp(c_decay * (extract(epoch from h.hour) - c_now_secs))) as score, sum(h.likes)::bigint as likes
        from queues.trending_hours h
        where h.post_id = c.post_id and h.hour >= c_since
      ) s
      where s.score > 0
      order by s.score desc, c.post_id
      limit c_limit
    )
    select array_agg(post_id order by score desc, post_id), array_agg(score order by score desc, post_id),
      array_agg(likes order by score desc, post_id)
    into v_post_ids, v_scores, v_likes
    from best;

    v_next_rank := (
      select rank from queues.trending_ranks
      where rank >= c_least_rank and last_hour >= c_since
      order by rank desc offset v_looked_at limit 1);
    exit when v_next_rank is null
      or ln(v_scores[c_limit]) >= v_next_rank - c_decay * c_now_secs + c_tolerance;
  end loop;

  return query select * from unnest(v_post_ids, v_scores, v_likes);
end $function$;

create or replace function public.unblock_person (
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.unblock_person(p_person);
end $function$;

revoke all on function "public"."unblock_person"(uuid) from public, "anon", "service_role";

create or replace function public.unmute_person (
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.unmute_person(p_person);
end $function$;

revoke all on function "public"."unmute_person"(uuid) from public, "anon", "service_role";

create or replace function public.unread_notifications()
  returns integer
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_countable constant integer := 1000;
  v_person uuid := queues.signed_in();
begin
  return (
    select count(*)::integer from (
      select from public.notifications
      where recipient_id = v_person and read_at is null and withdrawn_at is null
      limit c_countable
    ) counted);
end $function$;

revoke all on function "public"."unread_notifications"() from public, "anon", "service_role";

create or replace function public.unregister_device (
  p_provider text,
  p_token    text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.unregister_device(p_provider, p_token);
end $function$;

revoke all on function "public"."unregister_device"(text, text) from public, "anon", "service_role";

create or replace function public.unsubscribe (
  p_token text
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.unsubscribe(p_token);
end $function$;

create or replace function queues.abandon_upload (
  p_bucket text,
  p_path   text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  update public.post_images set upload_removed_at = clock_timestamp() where bucket = p_bucket and path = p_path;
  delete from public.post_images where bucket = p_bucket and path = p_path;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
end $function$;

create or replace function queues.account_ages (
  p_profiles uuid[]
)
  returns table (
    profile_id uuid,
    age_secs   bigint
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return query
    select u.id, greatest(0, extract(epoch from clock_timestamp() - (to_jsonb(u) ->> 'created_at')::timestamptz))::bigint
    from auth.users u
    where u.id = any(p_profiles) and to_jsonb(u) ->> 'created_at' is not null;
exception
  when undefined_table or undefined_column or invalid_schema_name then
    return;
end $function$;

create or replace function queues.acknowledge (
  p_settings queues.settings,
  p_msg_ids  bigint[]
)
  returns void
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
begin
  if p_settings.retention_days is null then
    perform pgmq.delete(p_settings.queue, p_msg_ids);
  else
    perform queues.archive(p_settings.queue, p_msg_ids);
  end if;
  delete from queues.failures where queue = p_settings.queue and msg_id = any(p_msg_ids);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise;
  when others then
    -- Not the fault of a message, whatever its SQLSTATE says of other statements.
    raise sqlstate 'PT500' using
      message = format('messages of queue `%s` cannot be acknowledged: %s (%s)', p_settings.queue, sqlerrm, sqlstate),
      hint = format('look for a constraint or a trigger of pgmq.a_%s that pgmq did not make', p_settings.queue);
end $function$;

create or replace function queues.acknowledged_by (
  p_queue       text,
  p_archived_at timestamp with time zone
)
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Longer than a settlement may take.
  c_longest constant interval := interval '1 minute';
begin
  return (
    select run_id from queues.settlements
    where queue = p_queue and at between p_archived_at and p_archived_at + c_longest and began_at = p_archived_at
    limit 1);
end $function$;

create or replace function queues.act_on_letters (
  p_action    text,
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_filter jsonb := p_arguments -> 'filter';
  v_limit integer := queues.number_argument(p_arguments, 'limit', 1000, 1, 10000)::integer;
  v_rate numeric := queues.number_argument(p_arguments, 'rate_per_sec', 100, 0.001, 10000);
  v_done text := case p_action when 'redrive' then 'redriven' when 'cancel_redrive' then 'cancelled' else 'discarded' end;
  v_result jsonb;
begin
  -- All of them is said, not left out.
  if v_filter is null then
    perform queues.reject('filter', 'is missing', 'for all dead letters: {}');
  end if;
  v_result := case p_action
    when 'redrive' then queues.redrive(v_queue, v_filter, v_limit, v_rate)
    when 'cancel_redrive' then queues.cancel_redrive(v_queue, v_filter, v_limit)
    else queues.discard(v_queue, v_filter, v_limit) end;
  if (v_result ->> v_done)::integer = 0 and v_filter ? 'msg_ids' then
    perform queues.letters_gone(v_queue, v_filter -> 'msg_ids');
  end if;
  return v_result - v_done || jsonb_build_object('affected', v_result -> v_done);
end $function$;

create or replace function queues.active_workers (
  p_queue text
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- As in queues.take_place.
  c_clock_set_back constant interval := interval '1 minute';
  v_silent_since timestamptz := queues.silent_since();
begin
  return (
    select count(*)::integer from queues.runs r
    where r.queue = p_queue and r.finished_at is null
      and r.last_seen_at between v_silent_since and v_silent_since + c_clock_set_back
  ) + queues.calls_on_their_way(p_queue);
end $function$;

create or replace function queues.add_deliveries (
  p_events queues.notification_event[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_delay_secs integer;
  v_messages jsonb[];
  v_is_urgent boolean := false;
begin
  for v_delay_secs, v_messages in
    with wanted as materialized (
      select distinct on (e.notification_id, d.channel, d.device_id)
        gen_random_uuid() as id, e.notification_id, e.recipient_id, d.channel, d.device_id, d.skipped,
        n.data #> '{metadata,correlation_id}' as correlation_id,
        greatest(coalesce(d.delay_secs, 0), 0) as delay_secs
      from unnest(p_events) e
      join public.notifications n on n.id = e.notification_id and n.read_at is null
      cross join lateral jsonb_to_recordset(e.deliveries) as d (
        channel text, device_id uuid, delay_secs integer, skipped text)
      where not e.is_withdrawn
      order by e.notification_id, d.channel, d.device_id, e.at desc, e.place
    ), added as (
      insert into queues.notification_deliveries as l (
        id, notification_id, recipient_id, channel, device_id, status, reason, settled_at)
      select id, notification_id, recipient_id, channel, device_id,
        case when skipped is null then 'pending' else 'skipped' end, skipped, case when skipped is not null then now() end
      from wanted
      order by notification_id, channel, device_id
      -- A delivery that was skipped as withdrawn is added again.
      on conflict on constraint one_row_per_target do update
        set status = excluded.status, reason = excluded.reason, settled_at = excluded.settled_at
        where l.status = 'skipped' and l.reason = 'withdrawn' and excluded.status = 'pending'
      returning l.id, l.notification_id, l.channel, l.device_id, l.status
    )
    select w.delay_secs, array_agg(jsonb_strip_nulls(
      jsonb_build_object('v', 1, 'delivery_id', a.id, 'correlation_id', w.correlation_id)) order by a.id)
    from added a
    join wanted w on w.notification_id = a.notification_id and w.channel = a.channel
      and w.device_id is not distinct from a.device_id
    where a.status = 'pending'
    group by w.delay_secs
    order by w.delay_secs
  loop
    perform pgmq.send_batch('deliveries', v_messages, v_delay_secs);
    v_is_urgent := v_is_urgent or v_delay_secs = 0;
  end loop;
  if v_is_urgent then
    perform queues.wake('deliveries');
  end if;
end $function$;

create or replace function queues.add_due()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.due (queue) values (new.queue) on conflict do nothing;
  return null;
end $function$;

create or replace function queues.add_upload (
  p_bucket     text,
  p_path       text,
  p_size_bytes bigint
)
  returns public.post_images
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_owner uuid;
  v_post uuid;
  v_image public.post_images;
begin
  select owner_id, post_id into v_owner, v_post from queues.read_upload_path(p_path);
  insert into public.post_images as i (post_id, owner_id, bucket, path, size_bytes)
  values (v_post, v_owner, p_bucket, p_path, p_size_bytes)
  -- Another upload to the same place. What is published stays recorded until it is replaced.
  on conflict (bucket, path) do update set
    revision = i.revision + 1, status = 'pending', reason = null, error = null, processed_at = null,
    size_bytes = excluded.size_bytes, upload_removed_at = null
  returning * into v_image;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
  perform queues.send_image(v_image);
  return v_image;
end $function$;

create or replace function queues.advance_mark (
  p_queue text,
  p_every interval default '00:00:00.5'::interval
)
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  -- A row may be written this much after its sender read the clock, and then is not moved: see queues.create_queue.
  c_lag constant interval := interval '250 milliseconds';
  -- Longer than any request of PostgREST may take. Until then, claims walk over what others finish meanwhile.
  c_patience constant interval := interval '10 seconds';
  v_now timestamptz := clock_timestamp();
  m queues.marks := queues.newest_mark(p_queue);
  v_open text[];
  v_before_first timestamptz;
begin
  if m.trigger_oid is null or v_now < m.at + p_every or not queues.hold_mark(p_queue) then
    return m.due_after;
  end if;
  m := queues.newest_mark(p_queue);
  if v_now < m.at + p_every then
    return m.due_after;
  end if;

  v_open := queues.open_writers(p_queue);
  if m.next_due_after = m.due_after then
    -- Nothing is announced yet, so nobody has to be waited for.
    m.writers := '{}';
    m.writers_since := v_now;
  elsif m.writers is null then
    m.writers := array(select unnest(v_open) except select unnest(m.passed));
    m.writers_since := v_now;
  else
    m.writers := array(select unnest(m.writers) intersect select unnest(v_open));
  end if;
  if m.writers <> '{}' and v_now > m.writers_since + c_patience then
    m.passed := m.passed || m.writers;
    m.passed_after := coalesce(m.passed_after, m.due_after);
    m.writers := '{}';
  end if;
  if m.writers = '{}' then
    -- A statement of its own, after the look at the writers: its snapshot has what those wrote that have ended.
    -- Two microseconds: what the trigger moves to just after the mark comes before the first.
    execute format('select vt - interval ''2 microseconds'' from pgmq.%I where vt > $1 and vt <= $2 order by vt limit 1', 'q_' || p_queue)
      into v_before_first using m.due_after, v_now - c_lag;
    m.due_after := least(m.next_due_after, v_before_first);
    m.next_due_after := least(v_now - c_lag, v_before_first);
    m.writers := null;
    m.writers_since := null;
  end if;
  insert into queues.marks (
    queue, at, trigger_oid, trigger_xmin, due_after, next_due_after, writers, writers_since, passed, passed_after)
  values (p_queue, v_now, m.trigger_oid, m.trigger_xmin, m.due_after, m.next_due_after, m.writers, m.writers_since,
    m.passed, m.passed_after);
  return m.due_after;
end $function$;

create or replace function queues.alert_access (
  OUT url text,
  OUT key bytea,
  OUT problem text,
  OUT remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_secret constant text := 'queues_alert_secret';
  v_secret record;
begin
  url := (select s.webhook_url from queues.alert_settings s);
  select p.problem, p.remedy into problem, remedy from queues.pg_net_problem() p;
  if url is null then
    problem := 'no webhook is set';
    remedy := 'update queues.alert_settings set webhook_url = ''https://…''';
  end if;
  if problem is not null then
    return;
  end if;
  select * into v_secret from queues.read_secret(c_secret);
  problem := v_secret.problem;
  remedy := v_secret.remedy;
  -- As Standard Webhooks writes secrets: whsec_ and base64.
  if v_secret.secret ~ '^whsec_[A-Za-z0-9+/]{32,100}={0,2}$' and (length(v_secret.secret) - 6) % 4 = 0 then
    key := decode(substr(v_secret.secret, 7), 'base64');
  elsif problem is null then
    problem := format('the secret `%s` is not whsec_ followed by base64', c_secret);
    -- Of two UUIDs, which need no extension.
    remedy := format('select vault.update_secret((select id from vault.secrets where name = %L), ''whsec_'' || '
      'encode(decode(replace(concat(gen_random_uuid(), gen_random_uuid()), ''-'', ''''), ''hex''), ''base64''))', c_secret);
  end if;
end $function$;

create or replace function queues.alerts_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_shown constant integer := 200;
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.over_at is null desc, a.raised_at desc), '[]')
      from (select * from queues.alerts order by over_at is null desc, raised_at desc limit c_shown) a),
    'settings', (select to_jsonb(s) - 'is_only' from queues.alert_settings s),
    -- Without the key itself.
    'webhook', (select jsonb_build_object('problem', a.problem, 'remedy', a.remedy) from queues.alert_access() a));
end $function$;

create or replace function queues.analytics_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_trending constant integer := 20;
  c_window constant interval := interval '24 hours';
  v_days integer := queues.number_argument(p_arguments, 'days', 14, 1, 90)::integer;
  v_since date := (clock_timestamp() at time zone 'UTC')::date - v_days;
begin
  perform queues.check_keys('arguments', p_arguments, array['days']);
  return jsonb_build_object(
    'reports', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.day desc), '[]') from public.analytics_reports r where r.day > v_since),
    -- Whole days are in the reports.
    'today', (
      select coalesce(jsonb_object_agg(t.event_type, t.events), '{}')
      from (
        select d.event_type, sum(d.count) as events from public.analytics_daily d
        where d.day = (clock_timestamp() at time zone 'UTC')::date group by d.event_type
      ) t),
    'trending', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.score desc, t.post_id), '[]') from public.trending_posts(c_window, c_trending) t));
end $function$;

create or replace function queues.app_search_path()
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return 'public, extensions, pg_temp';
end $function$;

create or replace function queues.appeal_comment (
  p_comment_id uuid,
  p_body       text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_author uuid := queues.person();
  v_refused json;
  v_comment public.comments;
begin
  if queues.body_problem(p_body) is not null or length(p_body) > 1000 then
    return queues.refuse_comment('invalid_body', 'The appeal must have 1 to 1000 characters, and one that can be seen.');
  end if;
  select * into v_comment from public.comments where id = p_comment_id and author_id = v_author for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;
  if v_comment.status <> 'rejected' then
    return queues.refuse_comment('not_rejected', 'Only a comment that was rejected can be appealed.');
  end if;
  -- After what may be waited for.
  v_refused := queues.charge_person('report', v_author);
  if v_refused is not null then
    return v_refused;
  end if;
  insert into queues.appeals (comment_id, body) values (p_comment_id, p_body) on conflict do nothing;
  if not found then
    return queues.refuse_comment('already_appealed', 'You have appealed once already. The decision stands.');
  end if;
  perform queues.log_moderation('appealed', v_comment, v_author, p_body);
  perform queues.open_review(p_comment_id, null);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'appeal');
    return null;
end $function$;

create or replace function queues.append_failure (
  p_history jsonb,
  p_failure jsonb
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return case when jsonb_array_length(p_history) < 20 then p_history else p_history - 0 end || p_failure;
end $function$;

create or replace function queues.apply_comment_opinions (
  p_opinions jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_reasons constant integer := 8;
  v_told public.comments[];
begin
  perform queues.check_items('effects.comment_opinions', p_opinions, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$',
    'verdict', '^"(approved|flagged|rejected)"$',
    'reason', '^(\{|null$)',
    'hold_secs', '^\d{1,9}$',
    'provider', '^"(openai|http)"$',
    'opinion', '^\{'));

  perform from public.comments
  where id = any(array(select (o ->> 'comment_id')::uuid from jsonb_array_elements(p_opinions) o))
  order by id for no key update;

  with opinions as materialized (
    select distinct on (comment_id, revision) *
    from jsonb_to_recordset(p_opinions) as o (
      comment_id uuid, revision integer, verdict text, reason jsonb, hold_secs integer, provider text, opinion jsonb)
    order by comment_id, revision
  ), told as (
    -- Otherwise it was edited, deleted or decided by a moderator meanwhile.
    update public.comments c set
      opinion = o.opinion || jsonb_build_object('provider', o.provider, 'verdict', o.verdict, 'at', clock_timestamp()),
      status = o.verdict,
      decided_at = case o.verdict when 'flagged' then c.decided_at else clock_timestamp() end,
      reasons = case o.verdict
        when 'approved' then '[]'
        when 'flagged' then c.reasons
        else jsonb_path_query_array(c.reasons, format('$[0 to %s]', c_reasons - 2)::jsonpath)
          || jsonb_build_array(o.reason) end
    from opinions o
    where c.id = o.comment_id and c.revision = o.revision and c.status = 'flagged'
    returning c as comment, o.hold_secs
  ), held as (
    insert into queues.restrictions as r (profile_id, limited_until)
    select (t.comment).author_id, clock_timestamp() + make_interval(secs => max(t.hold_secs))
    from told t where t.hold_secs > 0 group by 1 order by 1
    on conflict (profile_id) do update set limited_until = greatest(r.limited_until, excluded.limited_until)
  )
  select array_agg(t.comment order by (t.comment).id) into v_told from told t;
  if v_told is null then
    return;
  end if;

  perform queues.log_moderation(c.status, c, null, null) from unnest(v_told) c where c.status <> 'flagged';
  perform queues.close_unneeded_reviews(array(select c.id from unnest(v_told) c where c.status <> 'flagged'));
  perform queues.tell_of(v_told, true);
end $function$;

create or replace function queues.apply_comment_verdicts (
  p_verdicts jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_decided public.comments[];
  v_asked public.comments[];
  v_final public.comments[];
begin
  perform queues.check_items('effects.comment_verdicts', p_verdicts, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$',
    'verdict', '^"(approved|flagged|rejected)"$',
    'reasons', '^\[',
    'scores', '^\{',
    'language', '^"',
    'model', '^"',
    'simhash', '^("|null$)',
    'hold_secs', '^\d{1,9}$',
    'asks', '^(true|false)$'));

  perform from public.comments
  where id = any(array(select (v ->> 'comment_id')::uuid from jsonb_array_elements(p_verdicts) v))
  order by id for no key update;

  with verdicts as materialized (
    select distinct on (comment_id, revision) *
    from jsonb_to_recordset(p_verdicts) as v (
      comment_id uuid, revision integer, verdict text, reasons jsonb, scores jsonb, language text, model text, simhash text,
      hold_secs integer, asks boolean)
    order by comment_id, revision
  ), decided as (
    -- Otherwise it was edited, decided or deleted meanwhile.
    update public.comments c set
      status = v.verdict, decided_at = clock_timestamp(), decided_by = null, reasons = v.reasons, scores = v.scores,
      language = v.language, model = v.model
    from verdicts v
    where c.id = v.comment_id and c.revision = v.revision and c.status = 'pending'
    returning c as comment, v.simhash, v.hold_secs, v.asks
  ), remembered as (
    insert into queues.comment_simhashes as s (comment_id, simhash, author_id)
    select (d.comment).id, d.simhash, (d.comment).author_id from decided d where d.simhash is not null
    order by 1
    on conflict (comment_id) do update set simhash = excluded.simhash, at = excluded.at
  ), held as (
    insert into queues.restrictions as r (profile_id, limited_until)
    select (d.comment).author_id, clock_timestamp() + make_interval(secs => max(d.hold_secs))
    from decided d where d.hold_secs > 0 group by 1 order by 1
    on conflict (profile_id) do update set limited_until = greatest(r.limited_until, excluded.limited_until)
  )
  select array_agg(d.comment order by (d.comment).id),
    array_agg(d.comment order by (d.comment).id) filter (where d.asks and (d.comment).status = 'flagged'),
    array_agg(d.comment order by (d.comment).id) filter (where not d.asks or (d.comment).status <> 'flagged')
  into v_decided, v_asked, v_final from decided d;
  if v_decided is null then
    return;
  end if;

  perform queues.log_moderation(c.status, c, null, null) from unnest(v_decided) c;
  perform queues.open_review(c.id, null) from unnest(v_decided) c where c.status = 'flagged';
  perform queues.close_unneeded_reviews(array(select c.id from unnest(v_decided) c where c.status <> 'flagged'));
  perform queues.ask_for_opinions(v_asked);
  perform queues.tell_of(v_asked, false);
  perform queues.tell_of(v_final, true);
end $function$;

create or replace function queues.apply_deferred_like (
  p_like queues.deferred_likes
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- In the name of the request that asked for it, also for triggers of the app. The error of a like undoes this, too.
  perform queues.set_correlation_id(p_like.correlation_id);
  perform queues.change_like(p_like.post_id, p_like.session_id, p_like.profile_id, p_like.is_liked);
  perform queues.set_correlation_id(null);
  return null;
exception
  -- The tables of the app, or its triggers, refuse it: that would be so at every try.
  when raise_exception or integrity_constraint_violation or data_exception then
    return left(format('rejected: %s (%s)', sqlerrm, sqlstate), 500);
end $function$;

create or replace function queues.apply_effects (
  p_effects jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_effect queues.effects;
begin
  for v_effect in select * from queues.effects where p_effects ? key order by position loop
    execute format('select %s($1)', queues.registered_function('effect', v_effect.key, v_effect.function))
      using p_effects -> v_effect.key;
  end loop;
end $function$;

create or replace function queues.apply_post_images (
  p_results jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_result record;
  v_image public.post_images;
  v_removal queues.image_removals;
  v_changed uuid[] := array[]::uuid[];
begin
  perform queues.check_items('effects.post_images', p_results, jsonb_build_object(
    'image_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,9}$',
    'picture', '^(\{|null$)',
    'reason', '^("|null$)',
    'error', '^("|null$)'));

  for v_result in
    select * from jsonb_to_recordset(p_results) as r (image_id uuid, revision integer, picture jsonb, reason text, error text)
    order by image_id, revision
  loop
    select * into v_image from public.post_images where id = v_result.image_id for no key update;
    if not found or v_image.revision <> v_result.revision or v_image.status in ('held', 'ready') then
      -- The picture is gone, or another upload has taken its place: nobody needs what was published for this one. A result
      -- that is there already has the same paths.
      if v_result.picture is not null and (v_image.id is null or v_image.revision <> v_result.revision) then
        v_removal.objects := queues.variant_objects(v_result.picture -> 'variants');
        perform queues.remove_objects(v_removal, 0);
      end if;
    elsif v_result.picture is not null then
      perform queues.record_picture(v_image, v_result.picture);
      v_changed := v_changed || v_image.id;
    else
      perform queues.record_failure(v_image, v_result.reason, v_result.error);
      v_changed := v_changed || v_image.id;
    end if;
  end loop;
  perform queues.broadcast_images(v_changed);
end $function$;

create or replace function queues.apply_unanswered_opinions (
  p_questions jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_items('effects.unanswered_opinions', p_questions, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$'));
  perform queues.tell_without_opinion(array_agg((q ->> 'comment_id')::uuid), array_agg(q ->> 'revision'))
  from jsonb_array_elements(p_questions) q;
end $function$;

create or replace function queues.approve_comment (
  p_comment_id uuid,
  p_note       text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.decide_comment(p_comment_id, 'approved', p_note);
end $function$;

create or replace function queues.approve_image (
  p_image_id uuid,
  p_note     text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.moderate_image(p_image_id, 'approved', p_note);
end $function$;

create or replace function queues.archive (
  p_name    text,
  p_msg_ids bigint[]
)
  returns void
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
begin
  perform pgmq.archive(p_name, p_msg_ids);
exception
  when unique_violation then
    perform queues.move_ids(p_name);
    execute format($sql$
      with gone as (
        delete from pgmq.%1$I where msg_id = any($1) returning msg_id, read_ct, enqueued_at, vt, message, headers
      )
      insert into pgmq.%2$I (msg_id, read_ct, enqueued_at, vt, message, headers)
      select
        case when a.msg_id is null then gone.msg_id else nextval($2) end, gone.read_ct, gone.enqueued_at, gone.vt, gone.message,
        case when a.msg_id is null then gone.headers else
          case when jsonb_typeof(gone.headers) = 'object' then gone.headers else '{}' end
          || jsonb_build_object('original_msg_id', gone.msg_id) end
      from gone left join pgmq.%2$I a on a.msg_id = gone.msg_id
      $sql$, 'q_' || p_name, 'a_' || p_name)
    using p_msg_ids, queues.sequence_of(p_name);
end $function$;

create or replace function queues.are_apart (
  p_one   uuid,
  p_other uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return exists (
      select from queues.hidden_people where person_id = p_one and kind = 'block' and hidden_id = p_other)
    or exists (
      select from queues.hidden_people where person_id = p_other and kind = 'block' and hidden_id = p_one);
end $function$;

create or replace function queues.are_posts_public()
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return exists (
    select from pg_catalog.pg_class c
    where c.oid = 'public.posts_new'::regclass
      and (not c.relrowsecurity
        or exists (
            select from pg_catalog.pg_policy p
            where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
              and p.polroles && array[0, 'anon'::regrole::oid] and pg_catalog.pg_get_expr(p.polqual, c.oid) = 'true')
          and not exists (
            select from pg_catalog.pg_policy p
            where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*'))));
end $function$;

create or replace function queues.ask_for_opinions (
  p_comments public.comments[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_messages jsonb[] := array(
    select jsonb_build_object('v', 1, 'comment_id', c.id, 'revision', c.revision)
    from unnest(p_comments) c where c.status = 'flagged');
begin
  if cardinality(v_messages) > 0 then
    perform pgmq.send_batch('comment_opinions', v_messages);
    perform queues.wake('comment_opinions');
  end if;
end $function$;

create or replace function queues.audience_of (
  p_comment public.comments
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('type', kind, 'recipient_id', recipient) order by kind, recipient), '[]')
    from (
      -- Once each: as who is answered, as the owner of the post, or as who is mentioned.
      select distinct on (recipient) recipient, kind
      from (
        select p_comment.reply_to as recipient, 'comment_reply' as kind, 1 as rank
        union all
        select owner_id, 'new_comment', 2 from queues.post_details(p_comment.post_id)
        union all
        select person, 'mention', 3 from unnest(queues.mentioned_people(p_comment.body)) person
      ) all_
      where recipient <> p_comment.author_id
      order by recipient, rank
    ) told);
end $function$;

create or replace function queues.audit_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_limit integer;
  v_before record;
  v_rows queues.operator_log[];
begin
  perform queues.check_keys('arguments', p_arguments, array['operator_id', 'action', 'queue', 'limit', 'before']);
  v_limit := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  select * into v_before from queues.place_argument(p_arguments, 'before', '\d{1,18}');
  v_rows := array(
    select l from queues.operator_log l
    where (v_before.id is null or l.id < v_before.id::bigint)
      and (not p_arguments ? 'operator_id' or l.operator_id = queues.id_argument(p_arguments, 'operator_id'))
      and (not p_arguments ? 'action' or l.action = queues.text_argument(p_arguments, 'action'))
      and (not p_arguments ? 'queue' or l.queue = queues.text_argument(p_arguments, 'queue'))
    order by l.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(l) || jsonb_build_object('operator', p.username) order by l.id desc), '[]')
      from unnest(v_rows[:v_limit]) l left join public.profiles p on p.id = l.operator_id),
    'next', case when cardinality(v_rows) > v_limit then queues.place_of(v_rows[v_limit].at, v_rows[v_limit].id::text) end);
end $function$;

create or replace function queues.backlog (
  p_queue     text,
  p_due_after timestamp with time zone default null::timestamp with time zone
)
  returns integer
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  v_backlog integer;
begin
  -- As parameters, the times can be compared by the index on vt; a volatile call cannot.
  execute format('select count(*) from (select from pgmq.%I where vt > $1 and vt <= $2 limit 1000) visible', 'q_' || p_queue)
    into v_backlog using coalesce(p_due_after, (queues.newest_mark(p_queue)).due_after), clock_timestamp();
  return v_backlog;
end $function$;

create or replace function queues.ban_person (
  p_person uuid,
  p_secs   integer,
  p_note   text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_longest constant integer := 365 * 86400;
  v_moderator uuid := queues.moderator();
  v_until timestamptz;
begin
  perform queues.check_range('p_secs', p_secs, 0, c_longest);
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  if p_person is null or p_person = v_moderator or not exists (select from public.profiles where id = p_person) then
    return queues.refuse_comment('person_not_found', 'This is not another person.');
  end if;
  v_until := case when p_secs > 0 then clock_timestamp() + make_interval(secs => p_secs) else '-infinity' end;
  insert into queues.restrictions as r (profile_id, banned_until, ban_note) values (p_person, v_until, p_note)
  on conflict (profile_id) do update set
    banned_until = excluded.banned_until, ban_note = excluded.ban_note,
    -- Who is let in again is not held back by the machine either.
    limited_until = case when p_secs > 0 then r.limited_until else '-infinity' end;
  insert into queues.moderation_log (action, actor_id, person_id, note)
  values (case when p_secs > 0 then 'banned' else 'unbanned' end, v_moderator, p_person, p_note);
  return json_build_object('success', true, 'until', nullif(v_until, '-infinity'));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'ban');
    return null;
end $function$;

create or replace function queues.base64url_bytes (
  p_text text
)
  returns integer
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  v_text text := rtrim(p_text, '=');
begin
  if p_text !~ '^[A-Za-z0-9_-]+={0,2}$' then
    return null;
  end if;
  return length(decode(rpad(translate(v_text, '-_', '+/'), (length(v_text) + 3) / 4 * 4, '='), 'base64'));
exception
  when invalid_parameter_value then
    return null;
end $function$;

create or replace function queues.block_person (
  p_person uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.hide_person(p_person, 'block');
end $function$;

create or replace function queues.body_problem (
  p_body text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  c_chars constant integer := 2000;
  -- UTF-8 takes up to four bytes for one. Measured first, so that a huge text is not counted or searched.
  c_bytes constant integer := 4 * c_chars;
  -- A character that is not a space, a control or another one that shows nothing: soft hyphen, joiners, fillers, marks of
  -- direction, variation selectors, tags. Listed, because what counts as a space depends on the locale.
  c_visible constant text := '[^\u0001-\u0020\u007F-\u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F'
    '\u2000-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]';
begin
  if p_body is null or octet_length(p_body) > c_bytes or length(p_body) > c_chars or p_body !~ c_visible then
    return format('The comment must have 1 to %s characters, and one that can be seen.', c_chars);
  end if;
  return null;
end $function$;

create or replace function queues.box_of (
  p_queue text,
  p_box   text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return case p_box
    when 'queue' then 'q_' || p_queue when 'archive' then 'a_' || p_queue
    when 'dead_letters' then concat('q_', p_queue, '_dlq') when 'discarded' then concat('a_', p_queue, '_dlq') end;
end $function$;

create or replace function queues.breakers_for (
  p_providers text[],
  p_services  text[] default '{}'::text[]
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- After this time, the permit of a worker that has ended is free again.
  c_permit constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_permits queues.circuit_breakers[];
begin
  with due as materialized (
    select provider, service from queues.circuit_breakers
    where (service = '' and provider = any(p_providers) or service <> '' and service = any(p_services))
      and open_until <= v_now and (probe_until <= v_now) is not false
    -- If the row is locked, another claim is taking the permit or a settlement sets the breaker.
    order by provider, service for update skip locked
  ), permitted as (
    update queues.circuit_breakers b set probe_until = v_now + c_permit
    from due where b.provider = due.provider and b.service = due.service
    returning b
  )
  select array_agg(b) into v_permits from permitted;

  return (
    with wanted as (
      select provider, '' as service from unnest(p_providers) provider
      union
      select 'web_push', service from unnest(p_services) service where service <> ''
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', w.provider,
      'version', coalesce(b.version, 0),
      'failures', coalesce(b.failures, 0),
      'trips', coalesce(b.trips, 0),
      'open_secs', case when b.open_until is not null then greatest(0, ceil(extract(epoch from b.open_until - v_now))) end,
      'may_probe', p.provider is not null,
      'reason', b.reason
    ) || case when w.service = '' then '{}' else jsonb_build_object('service', w.service) end
    order by w.provider, w.service), '[]')
    from wanted w
    left join queues.circuit_breakers b using (provider, service)
    left join unnest(v_permits) p using (provider, service)
    -- A push service that has not failed has no row.
    where b.provider is not null or w.service <> '');
end $function$;

create or replace function queues.broadcast_images (
  p_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', id, 'post_id', post_id, 'path', path, 'status', status, 'reason', reason, 'error', error,
      'variants', case when status in ('held', 'ready') then variants end, 'width', width, 'height', height,
      'color', color, 'thumbhash', thumbhash),
    'image', 'notifications:' || owner_id, true)
  from public.post_images
  where id = any(p_ids)
  order by created_at, id;
exception
  when others then
    -- A broadcast is only a hint: apps read the rows later.
    raise warning 'pictures were not broadcast: %', sqlerrm;
end $function$;

create or replace function queues.broadcast_notifications (
  p_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', id, 'type', type, 'title', title, 'body', body, 'url', url, 'actor_count', actor_count,
      'is_withdrawn', withdrawn_at is not null, 'updated_at', updated_at),
    'notification', 'notifications:' || recipient_id, true)
  from public.notifications
  where id = any(p_ids)
  order by updated_at, id;
exception
  when others then
    -- A broadcast is only a hint: apps read the rows later.
    raise warning 'notifications were not broadcast: %', sqlerrm;
end $function$;

create or replace function queues.call_remedy (
  p_settings queues.settings,
  p_outcome  text
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_status integer := (
    select status_code from queues.dispatches
    where queue = p_settings.queue and outcome = p_outcome order by requested_at desc, id desc limit 1);
begin
  return case
    when p_outcome = 'not_sent' then
      -- It may have been repaired by now.
      coalesce((select remedy from queues.project_access()), 'the next tick calls again, and so does `select queues.dispatch()`')
    when p_outcome = 'refused' and v_status in (401, 403) then
      'the secret `queues_secret_key` in Vault is not a valid secret key: `select vault.update_secret((select id from '
      'vault.secrets where name = ''queues_secret_key''), ''sb_secret_…'')`'
    when p_outcome = 'refused' and v_status = 404 then
      format('deploy the function `%s`, or correct queues.settings.function_name', p_settings.function_name)
    when p_outcome = 'refused' then
      format('read the logs of the function `%s`', p_settings.function_name)
    when p_outcome = 'timed_out' then
      format('the function `%s` did not answer in time: read its logs', p_settings.function_name)
    when p_outcome = 'failed' then
      'nothing answers at the address in the secret `queues_project_url` in Vault: `select vault.update_secret((select '
      'id from vault.secrets where name = ''queues_project_url''), ''https://….supabase.co'')`'
    else
      'the next tick calls again; if that call is lost too: `select net.worker_restart()`'
  end;
end $function$;

create or replace function queues.call_worker (
  p_queue text,
  p_cause text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- A worker answers at once, but may have to start first.
  c_timeout_ms constant integer := 10000;
  v_function_name text := (select function_name from queues.settings where queue = p_queue);
  v_access record;
  v_request_id bigint;
begin
  select * into v_access from queues.project_access();
  if v_access.problem is null then
    begin
      v_request_id := net.http_post(
        url => v_access.url || '/functions/v1/' || v_function_name,
        headers => jsonb_build_object(
          'apikey', v_access.key, 'Prefer', 'respond-async', 'Content-Type', 'application/json'),
        timeout_milliseconds => c_timeout_ms);
    exception
      when others then
        v_access.problem := format('pg_net refused the call (%s)', left(sqlerrm, 500));
        v_access.remedy := 'check the secret `queues_project_url` in Vault, then select net.worker_restart()';
    end;
  end if;
  if v_access.problem is not null then
    insert into queues.dispatches (queue, cause, outcome, answered_at, error)
    values (p_queue, p_cause, 'not_sent', clock_timestamp(), format('%s: %s', v_access.problem, v_access.remedy));
  else
    insert into queues.dispatches (queue, cause, request_id) values (p_queue, p_cause, v_request_id);
  end if;
end $function$;

create or replace function queues.calls_on_their_way (
  p_queue text
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Variables: an index cannot be used with a volatile call, and there are many old calls.
  v_now timestamptz := clock_timestamp();
  c_until_claim constant interval := interval '15 seconds';
  -- How long pg_net may have held a call that was answered just now.
  c_held_up constant interval := interval '5 minutes';
begin
  return (
    -- The answer is read from pg_net as soon as it is there: when the next tick records it, the run may have ended long
    -- ago. A call that waits in pg_net counts for as long as it waits: another would wait behind it.
    select count(*)::integer from queues.open_calls(p_queue) c
    where (c.is_waiting or c.status_code between 200 and 299 or not c.is_answered
        and c.requested_at between v_now - c_until_claim and v_now + c_until_claim)
      and not exists (select from queues.runs r where r.id = c.run_id)
  ) + (
    select count(*)::integer from queues.dispatches d
    where d.queue = p_queue and d.outcome = 'accepted'
      and d.answered_at between v_now - c_until_claim and v_now + c_until_claim and d.requested_at > v_now - c_held_up
      and not exists (select from queues.runs r where r.id = d.run_id)
  );
end $function$;

create or replace function queues.cancel (
  p_queue     text,
  p_dedup_key text,
  OUT         cancelled boolean,
  OUT         reason text
)
  returns record
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings := queues.existing_queue(p_queue);
  v_key queues.message_keys;
begin
  if p_dedup_key is null then
    perform queues.reject('p_dedup_key', 'is missing', 'the key with which the message was sent');
  end if;
  cancelled := false;
  select k.* into v_key from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key for update;
  if not found then
    reason := 'not_found';
    return;
  end if;

  reason := queues.lock_keyed(v_key);
  if reason = 'waiting' then
    perform queues.name_drops(p_queue, jsonb_build_array(jsonb_build_object(
      'msg_id', v_key.msg_id, 'code', 'cancelled', 'error', 'its sender cancelled it')))
      where v_settings.retention_days is not null;
    perform queues.acknowledge(v_settings, array[v_key.msg_id]);
    cancelled := true;
    reason := null;
  end if;
  if reason is distinct from 'in_progress' then
    delete from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key;
  end if;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'cancel');
end $function$;

create or replace function queues.cancel_redrive (
  p_queue  text,
  p_filter jsonb   default '{}'::jsonb,
  p_limit  integer default 10000
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_condition text;
  v_messages text;
  v_msg_ids bigint[];
  v_times timestamptz[];
  v_left bigint;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  v_condition := queues.letter_condition(p_filter);
  perform pg_advisory_xact_lock(hashtextextended('queues.redrive', 0) # hashtextextended(p_queue, 0));

  -- Redriven messages that no worker has claimed since, as the dead letters they were.
  v_messages := format($sql$
    select q.msg_id as id, q.vt, f.redriven_from,
      (f.redriven_from ->> 'msg_id')::bigint as msg_id, (f.redriven_from ->> 'enqueued_at')::timestamptz as enqueued_at,
      f.redriven_from -> 'letter' || jsonb_build_object('message', q.message, 'history', f.history - (-1))
        || case when f.delivered <> '{}' then jsonb_build_object('delivered', f.delivered) else '{}' end as message
    from queues.failures f join pgmq.%I q on q.msg_id = f.msg_id
    where f.queue = %L and f.redriven_from is not null and q.read_ct = 1 and f.settled_read_ct = 1
    $sql$, 'q_' || p_queue, p_queue);

  execute format($sql$
    with chosen as materialized (
      select id from (%1$s) l where %2$s order by id limit $2
    ), locked as materialized (
      select msg_id as id from pgmq.%3$I where msg_id in (select id from chosen) and read_ct = 1
      order by msg_id for update skip locked
    ), cancelled as materialized (
      select l.* from (%1$s) l where id in (select id from locked)
    ), removed as (
      delete from pgmq.%3$I where msg_id in (select id from cancelled)
    ), forgotten as (
      delete from queues.failures where queue = $1 and msg_id in (select id from cancelled)
    ), sent as (
      select s.msg_id, c.enqueued_at
      from (select * from cancelled order by id) c
      cross join lateral pgmq.send($3, c.message) s (msg_id)
    )
    select array_agg(msg_id order by msg_id), array_agg(enqueued_at order by msg_id) from sent
    $sql$, v_messages, v_condition, 'q_' || p_queue)
  into v_msg_ids, v_times using p_queue, p_limit, p_queue || '_dlq';
  -- They have been dead letters since then.
  execute format($sql$
    update pgmq.%I q set enqueued_at = l.enqueued_at from unnest($1, $2) as l (msg_id, enqueued_at) where q.msg_id = l.msg_id
    $sql$, 'q_' || p_queue || '_dlq')
  using v_msg_ids, v_times;

  execute format('select count(*) from (select from (%s) l where %s limit 10000) l', v_messages, v_condition) into v_left;
  -- What is left keeps its times; the next redrive at its rate follows it.
  execute format($sql$
    update queues.redrives r set until = coalesce((
      select max(l.vt) + make_interval(secs => (1 / r.rate_per_sec)::float8) from (%s) l
      where (l.redriven_from ->> 'rate_per_sec')::numeric = r.rate_per_sec), clock_timestamp())
    where r.queue = $1
    $sql$, v_messages)
  using p_queue;
  return jsonb_build_object('cancelled', coalesce(cardinality(v_msg_ids), 0), 'left', v_left);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'cancel_redrive');
    return null;
end $function$;

create or replace function queues.cancel_redriven (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  return queues.act_on_letters('cancel_redrive', p_arguments);
end $function$;

create or replace function queues.change_like (
  p_post_id    uuid,
  p_session_id text,
  p_profile_id uuid,
  p_is_liked   boolean,
  OUT          step integer,
  OUT          new_like_count bigint
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_post record;
  v_before numeric;
  v_removed integer;
begin
  select likes into v_before from public.posts_new where id = p_post_id;
  if p_is_liked is not null and p_is_liked = queues.likes_post(p_post_id, p_session_id, p_profile_id) then
    step := 0;
    new_like_count := coalesce(queues.like_count(v_before), 0);
    return;
  end if;

  perform set_config('search_path', queues.app_search_path(), true);
  -- A person's like is theirs on every device; nobody takes it back by knowing a session id. A like that the session gave
  -- before its person signed in is adopted.
  delete from public.post_ratings
  where post_id = p_post_id and (profile_id = p_profile_id or profile_id is null and session_id = p_session_id);
  get diagnostics v_removed = row_count;
  if v_removed > 0 then
    step := -1;
  else
    -- A session id stands for the session alone: a person's like has one that nobody knows.
    insert into public.post_ratings (post_id, session_id, profile_id)
    values (p_post_id, case when p_profile_id is null then p_session_id else gen_random_uuid()::text end, p_profile_id);
    step := 1;
  end if;

  -- The count follows the ratings: an app may have stored one twice, or never have counted a post. Where a trigger of the
  -- app counts, it has done so by now.
  update public.posts_new p set likes = case
    when p.likes is distinct from v_before then p.likes
    when queues.like_count(p.likes::numeric) is null then (select count(*) from public.post_ratings r where r.post_id = p_post_id)
    else greatest(0, p.likes + case when v_removed > 0 then -v_removed else 1 end)
  end
  where p.id = p_post_id
  returning coalesce(queues.like_count(p.likes::numeric), 0) into new_like_count;

  select * into v_post from queues.post_details(p_post_id);
  perform pgmq.send('like_events', jsonb_build_object(
    'v', 1,
    'event_type', case step when 1 then 'like' else 'unlike' end,
    'event_value', step,
    'post_id', p_post_id,
    'post_owner_id', v_post.owner_id,
    'post_caption', v_post.caption,
    'liker_session_id', p_session_id,
    'liker_profile_id', p_profile_id,
    'new_like_count', new_like_count,
    'timestamp', clock_timestamp(),
    'metadata', jsonb_strip_nulls(jsonb_build_object('correlation_id', queues.correlation_id()))));
  perform queues.wake('like_events');
end $function$;

create or replace function queues.change_settings (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_bounds jsonb := queues.setting_bounds();
  v_queue text := queues.queue_argument(p_arguments);
  v_changes jsonb := p_arguments -> 'changes';
  v_expected jsonb := coalesce(p_arguments -> 'expected', '{}');
  v_old jsonb;
  v_new queues.settings;
  v_constraint text;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'changes', 'expected']);
  perform queues.check_keys('changes', v_changes, array(select jsonb_object_keys(v_bounds)));
  perform queues.check_keys('expected', v_expected, array(select jsonb_object_keys(v_bounds)));
  perform queues.check_setting(key, v_bounds -> key, value) from jsonb_each(v_changes);

  select s.* into v_new from queues.settings s where queue = v_queue for no key update;
  v_old := to_jsonb(v_new);
  if not v_old @> v_expected then
    raise sqlstate 'PT409' using
      message = format('the settings of queue `%s` were changed by somebody else meanwhile', v_queue), detail = 'settings_changed',
      hint = 'look at them again';
  end if;
  v_new := jsonb_populate_record(v_new, v_changes);
  update queues.settings set
    visibility_timeout_secs = v_new.visibility_timeout_secs, batch_size = v_new.batch_size, max_retries = v_new.max_retries,
    max_crashes = v_new.max_crashes, backoff_base_secs = v_new.backoff_base_secs, backoff_cap_secs = v_new.backoff_cap_secs,
    max_message_bytes = v_new.max_message_bytes, retention_days = v_new.retention_days, schedule_secs = v_new.schedule_secs,
    max_workers = v_new.max_workers, wakes = v_new.wakes, delivery_concurrency = v_new.delivery_concurrency
  where queue = v_queue;
  return (
    select jsonb_build_object('affected', count(*), 'before', coalesce(jsonb_object_agg(key, v_old -> key), '{}'),
      'after', coalesce(jsonb_object_agg(key, value), '{}'))
    from jsonb_each(v_changes) where v_old -> key is distinct from value);
exception
  -- What compares two settings.
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform queues.reject('changes', format('break the rule `%s`', v_constraint), 'change the settings that belong together at once');
    return null;
end $function$;

create or replace function queues.charge (
  p_keys queues.rate_limit_key[]
)
  returns interval
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_held bigint;
  v_wait interval;
begin
  loop
    -- A row for each key that has none yet, so that callers who come at the same time wait for one another. Before any is
    -- locked: who holds one key and waits for another to be inserted could be what the inserting call waits for.
    insert into queues.rate_limit_keys (key, free_at, action, kind)
    select p.key, v_now, p.action, p.kind from unnest(p_keys) p
    where not exists (select from queues.rate_limit_keys k where k.key = p.key)
    order by p.key
    on conflict do nothing;

    with held as materialized (
      select k.key, k.free_at from queues.rate_limit_keys k
      where k.key = any(array(select p.key from unnest(p_keys) p))
      order by k.key
      for update
    ),
    judged as materialized (
      select h.key, p.cost, f.free_at, f.free_at + p.cost - p.tolerance - v_now as wait
      from held h join unnest(p_keys) p on p.key = h.key
      cross join lateral queues.free_at(h.free_at, p.tolerance, v_now) f (free_at)
    ),
    verdict as materialized (
      select count(*) as held, max(wait) as wait from judged
    ),
    charged as (
      update queues.rate_limit_keys k
      set free_at = greatest(j.free_at, v_now) + j.cost, calls = k.calls + 1
      from judged j, verdict v
      where k.key = j.key and v.held = cardinality(p_keys) and v.wait <= interval '0'
    )
    select held, wait into v_held, v_wait from verdict;
    exit when v_held = cardinality(p_keys);
  end loop;
  return v_wait;
end $function$;

create or replace function queues.charge_person (
  p_action text,
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_keys queues.rate_limit_key[] := queues.rate_limit_keys_of(p_action, null, p_person);
  -- A flood is refused before it locks anything.
  v_wait interval := queues.rate_limit_wait(v_keys);
begin
  if v_wait is null or v_wait <= interval '0' then
    v_wait := queues.charge(v_keys);
  end if;
  if v_wait > interval '0' then
    perform queues.count_call(p_action, 'refused', v_keys);
    return queues.refuse_too_many(v_wait, 'rate_limited', 'Too many requests');
  end if;
  perform queues.count_call(p_action, 'allowed', v_keys);
  return null;
end $function$;

create or replace function queues.check_array (
  p_field text,
  p_value jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if jsonb_typeof(p_value) <> 'array' then
    perform queues.reject(p_field, 'is not an array', 'leave the key out if there is nothing to list');
  end if;
end $function$;

create or replace function queues.check_console()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function(new.kind, new.key, new.function) where new.kind in ('page', 'action');
  return new;
end $function$;

create or replace function queues.check_device (
  p_provider text,
  p_token    text,
  p_p256dh   text,
  p_auth     text,
  p_name     text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if p_provider is null or p_provider not in ('fcm', 'apns', 'web_push') then
    perform queues.reject('p_provider', 'is not known', 'fcm, apns or web_push');
  end if;
  if p_token is null or length(p_token) not between 1 and 4096 or p_token ~ '[\u0001-\u001f\u007f-\u009f]' then
    perform queues.reject('p_token', 'is not a token', '1 to 4096 characters, none of them a control character');
  end if;
  if p_provider = 'apns' and p_token !~* '^([0-9a-f]{2})+$' then
    perform queues.reject(
      'p_token', 'is not an APNs token', 'the bytes of the device token as hexadecimal digits, without spaces');
  end if;
  if length(p_name) > 100 or p_name ~ '[\u0001-\u001f\u007f-\u009f]' then
    perform queues.reject('p_name', 'is not a name', 'at most 100 characters, none of them a control character');
  end if;

  if p_provider <> 'web_push' then
    if p_p256dh is not null then
      perform queues.reject('p_p256dh', 'does not apply to ' || p_provider, 'only web_push has keys');
    elsif p_auth is not null then
      perform queues.reject('p_auth', 'does not apply to ' || p_provider, 'only web_push has keys');
    end if;
    return;
  end if;
  if p_token !~* '^https://[^\s/?#@\\]+(/|$)' or p_token ~ '\s' then
    perform queues.reject('p_token', 'is not an https URL', 'the endpoint of the browser''s PushSubscription');
  end if;
  if queues.base64url_bytes(p_p256dh) is distinct from 65 then
    perform queues.reject('p_p256dh', 'is not 65 bytes in base64url', 'getKey("p256dh") of the PushSubscription');
  end if;
  if queues.base64url_bytes(p_auth) is distinct from 16 then
    perform queues.reject('p_auth', 'is not 16 bytes in base64url', 'getKey("auth") of the PushSubscription');
  end if;
end $function$;

create or replace function queues.check_effect()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function('effect', new.key, new.function);
  return new;
end $function$;

create or replace function queues.check_gauge()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function('gauge', new.name, new.function);
  return new;
end $function$;

create or replace function queues.check_hooks()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function('claim_hook', new.queue, new.claim_hook) where new.claim_hook is not null;
  perform queues.registered_function('dead_letter_hook', new.queue, new.dead_letter_hook)
    where new.dead_letter_hook is not null;
  return new;
end $function$;

create or replace function queues.check_housekeeping()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function(new.kind, new.key, new.function) where new.kind in ('fold', 'prune', 'prune_queue', 'report');
  return new;
end $function$;

create or replace function queues.check_image_settings()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.registered_function('hold', 'hold_function', new.hold_function) where new.hold_function is not null;
  return new;
end $function$;

create or replace function queues.check_items (
  p_field    text,
  p_items    jsonb,
  p_patterns jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_bad record;
begin
  perform queues.check_rows(p_field, p_items, array(select jsonb_object_keys(p_patterns)));

  select place - 1 as place, key, pattern into v_bad
  from jsonb_array_elements(p_items) with ordinality i (item, place)
  cross join jsonb_each_text(p_patterns) p (key, pattern)
  where coalesce((item -> key)::text, '') !~ pattern
  limit 1;
  if found then
    perform queues.reject(
      format('%s[%s].%s', p_field, v_bad.place, v_bad.key), 'is missing or has a wrong type',
      format('its JSON must match %s', v_bad.pattern));
  end if;
end $function$;

create or replace function queues.check_keys (
  p_field text,
  p_value jsonb,
  p_known text[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_unknown text;
begin
  if jsonb_typeof(p_value) is distinct from 'object' then
    perform queues.reject(p_field, 'is not an object', format('known keys: %s', array_to_string(p_known, ', ')));
  end if;
  select min(key) into v_unknown from jsonb_object_keys(p_value - p_known) key;
  if v_unknown is not null then
    perform queues.reject(
      format('%s.%s', p_field, left(v_unknown, 64)), 'is not known',
      format('known keys: %s', array_to_string(p_known, ', ')));
  end if;
end $function$;

create or replace function queues.check_leases (
  p_field  text,
  p_leases jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- The JSON of two integers in range.
  c_lease constant text := '\[[0-9]{1,18}, [0-9]{1,9}\]';
  v_place bigint;
begin
  perform queues.check_array(p_field, p_leases);
  -- All at once first, which is much faster than one at a time.
  if p_leases::text !~ format('^\[(%s(, )?)*\]$', c_lease) then
    select place - 1 into v_place
    from jsonb_array_elements(p_leases) with ordinality l (lease, place)
    where lease::text !~ format('^%s$', c_lease)
    limit 1;
    perform queues.reject(format('%s[%s]', p_field, v_place), 'is not a lease', 'a lease is [msg_id, read_ct]');
  end if;
end $function$;

create or replace function queues.check_message (
  p_queue   text,
  p_field   text,
  p_message jsonb
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_bytes integer := (select max_message_bytes from queues.settings where queue = p_queue);
begin
  if p_message is null then
    perform queues.reject(p_field, 'is missing', 'a message is JSON');
  elsif octet_length(p_message::text) > v_bytes then
    perform queues.reject(p_field, format('has more than %s bytes', v_bytes), 'a worker would not be given it');
  end if;
end $function$;

create or replace function queues.check_notifications (
  p_notifications jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_targets constant text[] := array['channel', 'device_id', 'delay_secs', 'skipped'];
  v_bad record;
begin
  perform queues.check_rows('effects.notifications', p_notifications, array[
    'recipient_id', 'type', 'group', 'since', 'actor', 'actor_name', 'at', 'withdrawn', 'title', 'bodies', 'someone',
    'url', 'data', 'deliveries']);
  -- All at once first, as in queues.check_rows.
  select place - 1 as place, value -> 'deliveries' as targets into v_bad
  from jsonb_array_elements(p_notifications) with ordinality n (value, place)
  where case when jsonb_typeof(value -> 'deliveries') = 'array' then exists (
      select from jsonb_array_elements(value -> 'deliveries') target
      where case when jsonb_typeof(target) = 'object' then target - c_targets <> '{}' else true end)
    else value ? 'deliveries' end
  limit 1;
  if found then
    perform queues.check_rows(format('effects.notifications[%s].deliveries', v_bad.place), v_bad.targets, c_targets);
  end if;
end $function$;

create or replace function queues.check_page (
  p_limit integer
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise sqlstate 'PT422' using message = '`p_limit` is not between 1 and 100', hint = 'omit it for the default, 20';
  end if;
end $function$;

create or replace function queues.check_preferences (
  p_preferences jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- As browsers, phones and POSIX spell it: es-MX, es_MX, es_MX.UTF-8, zh-Hant-TW, es-u-nu-latn.
  c_locale constant text := '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,8}([.@][A-Za-z0-9._@=;-]{1,40})?$';
  v_key text;
begin
  perform queues.check_keys('p_preferences', p_preferences, array[
    'language', 'time_zone', 'quiet_from', 'quiet_until', 'push_notifications', 'email_notifications']);

  if p_preferences ? 'language' and coalesce(p_preferences ->> 'language', '') !~ c_locale then
    perform queues.reject('p_preferences.language', 'is not a language', 'as in en, es, es-AR or es_MX');
  end if;
  if p_preferences ->> 'time_zone' is not null
    and not exists (select from pg_catalog.pg_timezone_names where name = p_preferences ->> 'time_zone') then
    perform queues.reject('p_preferences.time_zone', 'is not a time zone', 'as in America/Mexico_City; null for UTC');
  end if;
  foreach v_key in array array['quiet_from', 'quiet_until'] loop
    if p_preferences ->> v_key !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$' then
      perform queues.reject('p_preferences.' || v_key, 'is not a time of day', 'as in 22:30');
    end if;
  end loop;
  foreach v_key in array array['push_notifications', 'email_notifications'] loop
    if jsonb_typeof(p_preferences -> v_key) <> 'boolean' then
      perform queues.reject('p_preferences.' || v_key, 'is neither true nor false', 'leave it out to keep its value');
    end if;
  end loop;
end $function$;

create or replace function queues.check_range (
  p_field text,
  p_value numeric,
  p_min   numeric,
  p_max   numeric
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if p_value is null or p_value not between p_min and p_max then
    perform queues.reject(p_field, format('is not between %s and %s', p_min, p_max), 'omit it for the default');
  end if;
end $function$;

create or replace function queues.check_rows (
  p_field text,
  p_rows  jsonb,
  p_keys  text[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_bad record;
begin
  perform queues.check_array(p_field, p_rows);
  select place - 1 as place, value into v_bad
  from jsonb_array_elements(p_rows) with ordinality r (value, place)
  where case when jsonb_typeof(value) = 'object' then value - p_keys <> '{}' else true end
  limit 1;
  if found then
    perform queues.check_keys(format('%s[%s]', p_field, v_bad.place), v_bad.value, p_keys);
  end if;
end $function$;

create or replace function queues.check_setting (
  p_setting text,
  p_bounds  jsonb,
  p_value   jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if p_value = 'null' then
    if (p_bounds ->> 'nullable')::boolean then
      return;
    end if;
    perform queues.reject('changes.' || p_setting, 'is null', 'this setting needs a value');
  elsif p_bounds ->> 'type' = 'boolean' then
    if jsonb_typeof(p_value) <> 'boolean' then
      perform queues.reject('changes.' || p_setting, 'is neither true nor false', 'JSON: true or false, without quotes');
    end if;
    return;
  elsif p_value::text !~ '^\d{1,18}$' then
    perform queues.reject('changes.' || p_setting, 'is not a whole number', 'JSON: digits, without quotes');
  end if;
  perform queues.check_range('changes.' || p_setting, p_value::text::numeric, (p_bounds ->> 'min')::numeric,
    coalesce((p_bounds ->> 'max')::numeric, 2147483647));
end $function$;

create or replace function queues.check_settlement (
  p_settlement jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_failed constant jsonb := jsonb_build_object(
    'msg_id', '^\d{1,18}$', 'read_ct', '^\d{1,9}$', 'code', '^".{1,100}"$', 'error', '^"',
    'delivered', '^$|^null$|^\[("([^"\\]|\\.)*"(, )?)*\]$');
  c_delayed constant jsonb := c_failed || jsonb_build_object('delay_secs', '^\d{1,7}$');
  v_effects jsonb := coalesce(p_settlement -> 'effects', '{}');
begin
  perform queues.check_keys('settlement', p_settlement, array[
    'run_id', 'seq', 'stopped_because', 'error', 'acks', 'drops', 'releases', 'retries', 'deferrals', 'dead_letters', 'effects']);

  if coalesce(p_settlement ->> 'run_id', '') !~* '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$' then
    perform queues.reject('run_id', 'is not a uuid', 'null if no run is recorded');
  end if;
  if p_settlement ->> 'run_id' is not null
    and coalesce((p_settlement -> 'seq')::text, '') !~ '^[1-9]\d{0,17}$' then
    perform queues.reject('seq', 'is not a positive integer', 'number the settlements of a run: 1, 2, 3');
  end if;
  if jsonb_typeof(p_settlement -> 'stopped_because') not in ('string', 'null') then
    perform queues.reject('stopped_because', 'is not a string', 'null until the run ends');
  end if;

  perform queues.check_leases('acks', p_settlement -> 'acks');
  perform queues.check_leases('releases', p_settlement -> 'releases');
  if p_settlement ? 'error' then
    perform queues.check_items('error', jsonb_build_array(p_settlement -> 'error'), '{"code": "^\".{1,100}\"$", "error": "^\""}');
  end if;
  perform queues.check_items('drops', p_settlement -> 'drops', c_failed - 'delivered');
  perform queues.check_items('dead_letters', p_settlement -> 'dead_letters', c_failed);
  perform queues.check_items('retries', p_settlement -> 'retries', c_delayed);
  perform queues.check_items('deferrals', p_settlement -> 'deferrals', c_delayed);

  perform queues.check_keys('effects', v_effects, array(select key from queues.effects));
end $function$;

create or replace function queues.check_tracked_events (
  p_events jsonb
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_events_per_call constant integer := 50;
  c_metadata_bytes constant integer := 2048;
  -- Fewer than the workers accept, so that no client makes a dead letter.
  c_deepest constant jsonpath := jsonpath '$.**{16}';
  c_patterns constant jsonb := jsonb_build_object(
    'event', '^"', 'metadata', '^(\{|null$|$)',
    'post_id', '^("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"|null|)$');
  -- More than a burst would never be allowed.
  v_most integer := least(c_events_per_call, (select burst from queues.rate_limits where action = 'event' and enabled));
  v_bad record;
begin
  if jsonb_typeof(p_events) is distinct from 'array' then
    perform queues.reject('p_events', 'is not an array', 'for example [{"event": "page_view"}]');
  end if;
  if jsonb_array_length(p_events) > v_most then
    perform queues.reject('p_events', format('has %s events', jsonb_array_length(p_events)),
      format('send up to %s in a call', v_most));
  end if;
  perform queues.check_items('p_events', p_events, c_patterns);

  select place - 1 as place, field, problem, hint into v_bad
  from jsonb_array_elements(p_events) with ordinality e (event, place)
  cross join lateral (
    select 'event' as field, 'is not allowed' as problem,
      'the owner of the database allows it with: insert into queues.tracked_events (event) values (''…'')' as hint
    where not exists (select from queues.tracked_events t where t.event = e.event ->> 'event')
    union all
    select 'metadata', case when octet_length((e.event -> 'metadata')::text) > c_metadata_bytes
        then format('has more than %s bytes', c_metadata_bytes)
        when jsonb_path_exists(e.event -> 'metadata', c_deepest) then 'is nested too deeply' end,
      'send what will be counted or looked at, and an id for the rest'
  ) p
  where problem is not null
  order by place limit 1;
  if found then
    perform queues.reject(format('p_events[%s].%s', v_bad.place, v_bad.field), v_bad.problem, v_bad.hint);
  end if;
end $function$;

create or replace function queues.claim_context (
  p_settings queues.settings,
  p_messages text
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- As in queues.lease.
  c_context_bytes constant integer := 4 * 1024 * 1024;
  v_context text;
begin
  execute format('select %s($1)::text', queues.registered_function('claim_hook', p_settings.queue, p_settings.claim_hook))
    into v_context using concat('[', p_messages, ']')::jsonb;
  if octet_length(v_context) > c_context_bytes then
    raise program_limit_exceeded using
      message = format('the context of this claim has %s bytes, more than the %s that a claim may have',
        octet_length(v_context), c_context_bytes),
      hint = 'claim fewer messages';
  end if;
  return coalesce(v_context, 'null');
end $function$;

create or replace function queues.claim_context_alone (
  p_settings queues.settings,
  p_messages text,
  OUT        context text,
  OUT        error json
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
begin
  context := queues.claim_context(p_settings, p_messages);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise;
  -- OTHERS does not include query_canceled, which is how the statement timeout ends a hook that takes too long.
  when query_canceled or others then
    error := json_build_object('code', sqlstate, 'message', sqlerrm);
end $function$;

create or replace function queues.claim_deliveries (
  p_ids uuid[]
)
  returns SETOF queues.claimed_delivery
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz;
begin
  -- One claim per person at a time, so that each sees the deliveries of earlier claims within the hour.
  -- In the order of the keys, so that two claims cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct hashtextextended('queues.deliveries', 0) # hashtextextended(recipient_id::text, 0) as key
    from queues.notification_deliveries
    where id = any(p_ids) and status not in ('sent', 'skipped')
    order by key
  ) recipients;

  -- A new statement: it must see what was committed by the transactions that the previous one waited for.
  v_now := clock_timestamp();
  return query
  with before as materialized (
    select d.*, n.place, d.status not in ('sent', 'skipped') as is_open
    from queues.notification_deliveries d
    join unnest(p_ids) with ordinality n (id, place) on d.id = n.id
    order by d.id for update of d
  ), earlier as (
    select b.recipient_id, b.channel, (
        select count(*) from queues.notification_deliveries h
        where h.recipient_id = b.recipient_id and h.channel = b.channel and h.claimed_at > v_now - interval '1 hour'
          and h.status in ('sending', 'sent')
          and h.id <> all(array(select open.id from before open where open.is_open))) as sent
    from before b
    where b.is_open
    group by b.recipient_id, b.channel
  ), claimed as (
    update queues.notification_deliveries d
    set status = 'sending',
      reason = null,
      provider = coalesce(device.provider, d.provider),
      tries = d.tries + 1,
      uncertain_tries = d.uncertain_tries + (b.status = 'sending' or b.is_uncertain)::integer,
      is_uncertain = false,
      claimed_at = v_now,
      settled_at = null
    from before b left join public.devices device on device.id = b.device_id
    where d.id = b.id and b.is_open
  )
  select b.id, b.is_open,
    -- A failed delivery is in its queue again after a redrive.
    case b.status when 'failed' then 'pending' else b.status end,
    b.channel, b.notification_id, b.recipient_id, b.device_id,
    greatest(0, extract(epoch from v_now - b.created_at))::integer,
    b.tries,
    case when b.is_open
      then e.sent + count(*) filter (where b.is_open) over (partition by b.recipient_id, b.channel order by b.place) - 1
      else 0 end::integer
  from before b
  left join earlier e on e.recipient_id = b.recipient_id and e.channel = b.channel;
end $function$;

create or replace function queues.claim_messages (
  p_queue       text,
  p_limit       integer,
  p_run         uuid,
  p_alone       boolean,
  p_needs_place boolean
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '3s'
  AS $function$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_limit integer := case when p_alone then 1
    else least(1000, greatest(1, coalesce(p_limit, v_settings.batch_size))) end;
  v_messages text;
  v_leased integer := 0;
  v_expired integer;
  v_crashed jsonb;
  v_context text;
  v_context_error json;
  v_has_place boolean := true;
  v_due_after timestamptz;
begin
  if p_needs_place and p_run is not null then
    v_has_place := queues.take_place(p_run, p_queue, v_settings.max_workers);
  elsif p_run is not null then
    perform queues.touch_run(p_run, p_queue);
  end if;

  v_due_after := queues.advance_mark(p_queue);
  -- If all candidates are given up, there may be others behind them. Bounded by the statement timeout of 8 seconds.
  for attempt in 1..10 loop
    exit when v_settings.paused or not v_has_place;
    select messages, leased, expired, crashed into v_messages, v_leased, v_expired, v_crashed
    from queues.lease(v_settings, v_limit, v_due_after);
    if v_expired > 0 or v_crashed is not null then
      insert into queues.settlements (queue, run_id, dead_lettered, expired, last_failure)
      values (p_queue, p_run, coalesce(jsonb_array_length(v_crashed), 0), v_expired,
        queues.failure(
          coalesce(v_crashed #>> '{-1,code}', 'lease_expired'),
          coalesce(
            v_crashed #>> '{-1,error}', format('%s leases expired: their worker crashed or was too slow', v_expired))));
    end if;
    exit when v_crashed is null;
    perform queues.dead_letter(v_settings, v_crashed, p_was_tried => false, p_run => p_run);
    if p_run is not null then
      update queues.runs set dead_lettered = dead_lettered + jsonb_array_length(v_crashed) where id = p_run;
    end if;
    exit when v_leased > 0;
  end loop;

  if p_run is not null and v_leased > 0 then
    update queues.runs set claimed = claimed + v_leased, batches = batches + 1 where id = p_run;
  end if;
  if v_settings.claim_hook is not null and v_leased > 0 then
    if p_alone then
      select context, error into v_context, v_context_error from queues.claim_context_alone(v_settings, v_messages);
    else
      v_context := queues.claim_context(v_settings, v_messages);
    end if;
  end if;

  return concat(
    '{"now":', to_json(clock_timestamp()),
    ',"policy":', queues.claim_policy(v_settings),
    ',"backlog":', queues.backlog(p_queue, v_due_after),
    ',"context":' || v_context,
    ',"context_error":' || v_context_error::text,
    ',"messages":[', v_messages, ']}')::json;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'claim');
    return null;
end $function$;

create or replace function queues.claim_named_deliveries (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_settings queues.notification_settings;
  v_claimed queues.claimed_delivery[];
  v_recipients uuid[];
  v_deliveries jsonb;
  v_providers text[];
  v_services text[];
begin
  select * into v_settings from queues.notification_settings;
  v_claimed := array(select c from queues.claim_deliveries(queues.delivery_ids(p_messages)) c);
  v_recipients := array(select distinct recipient_id from unnest(v_claimed));

  select
    coalesce(jsonb_object_agg(c.id, jsonb_build_object(
      'status', c.status,
      'channel', c.channel,
      'age_secs', c.age_secs,
      'tries', c.tries,
      'notification', jsonb_build_object(
        'id', n.id,
        'type', n.type,
        'title', n.title,
        'body', n.body,
        'url', n.url,
        'data', n.data,
        'actor_count', n.actor_count,
        'is_read', n.read_at is not null,
        'is_withdrawn', n.withdrawn_at is not null),
      'recipient', jsonb_build_object(
        'id', r.profile_id,
        'language', r.language,
        'push_notifications', r.push_notifications,
        'email_notifications', r.email_notifications,
        'email', e.email,
        'unsubscribe_token', case when e.email is not null then queues.unsubscribe_token(r.profile_id) end,
        'quiet', r.quiet,
        'local_time', r.local_time,
        'sent_last_hour', c.sent_last_hour),
      'about', case when c.is_open and c.channel = 'email' then queues.email_details(n.data, r.profile_id) end,
      'service', queues.push_service(device.provider, device.token),
      'device', case
        when device.id is not null then jsonb_build_object(
          'id', device.id, 'provider', device.provider, 'token', device.token, 'p256dh', device.p256dh, 'auth', device.auth)
        when own.token is not null then jsonb_build_object(
          'id', null, 'provider', 'fcm', 'token', own.token, 'p256dh', null, 'auth', null) end)), '{}')
  into v_deliveries
  from unnest(v_claimed) c
  join public.notifications n on n.id = c.notification_id
  join queues.recipients(v_recipients) r on r.profile_id = c.recipient_id
  left join queues.email_addresses(v_recipients) e on e.profile_id = c.recipient_id and c.channel = 'email'
  -- Devices and tokens that somebody else has registered since are left out.
  left join public.devices device on device.id = c.device_id and device.profile_id = c.recipient_id
  left join lateral (
    select r.push_token
    where c.channel = 'push' and c.device_id is null and not queues.is_held_by_another(r.profile_id, r.push_token)
  ) own (token) on true;

  -- Only deliveries that may be sent need a provider. Only the worker knows which one emails use.
  select array_agg(distinct provider), array_agg(distinct v_deliveries #>> array[c.id::text, 'service'])
  into v_providers, v_services
  from unnest(v_claimed) c
  cross join lateral unnest(case c.channel
    when 'email' then array['resend', 'sendgrid']
    else array[v_deliveries #>> array[c.id::text, 'device', 'provider']] end) provider
  where c.is_open and v_deliveries #> array[c.id::text, 'notification', 'is_withdrawn'] = 'false';

  return jsonb_build_object(
    'settings', jsonb_build_object(
      'hourly_caps', jsonb_build_object('push', v_settings.hourly_cap_push, 'email', v_settings.hourly_cap_email),
      'max_age_secs', v_settings.max_age_secs,
      'breaker_failures', v_settings.breaker_failures,
      'breaker_base_secs', v_settings.breaker_base_secs,
      'breaker_cap_secs', v_settings.breaker_cap_secs),
    'breakers', queues.breakers_for(v_providers, v_services),
    'deliveries', v_deliveries);
end $function$;

create or replace function queues.claim_policy (
  p_settings queues.settings
)
  returns json
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return json_build_object(
    'visibility_timeout_secs', p_settings.visibility_timeout_secs,
    'batch_size', p_settings.batch_size,
    'max_retries', p_settings.max_retries,
    'backoff_base_secs', p_settings.backoff_base_secs,
    'backoff_cap_secs', p_settings.backoff_cap_secs,
    'max_message_bytes', p_settings.max_message_bytes,
    'delivery_concurrency', p_settings.delivery_concurrency);
end $function$;

create or replace function queues.cleanup_step()
  returns integer
  language plpgsql
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
declare
  c_rows constant integer := 5000;
  v_cleanup queues.cleanups;
  v_target record;
  v_removed integer;
  v_left integer := c_rows;
  v_all_tried boolean := true;
begin
  -- Of two concurrent dispatchers, one does the step.
  select * into v_cleanup from queues.cleanups where finished_at is null for update skip locked;

  for v_target in
    select t.*, coalesce(v_cleanup.errors ? t.name, false) as has_failed
    from (
      -- Every step folds; the rest is for the steps of a round.
      select 0 as position, 'queues.settlements' as name, queue, null::queues.housekeeping as task from queues.settings
      union all
      select 0, key, null, h from queues.housekeeping h where kind = 'fold'
      union all
      select h.position, replace(h.key, '{queue}', coalesce(s.queue, '')), s.queue, h
      from queues.housekeeping h left join queues.settings s on h.kind = 'prune_queue'
      where v_cleanup.id is not null and h.kind in ('prune', 'prune_queue')
    ) t
    -- What has failed in this round comes last: it may use up the time of the step.
    order by has_failed, t.position, t.queue
  loop
    begin
      if v_target.task is null then
        perform queues.fold_hours(v_target.queue, c_rows);
        continue;
      end if;
      if (v_target.task).kind = 'fold' then
        perform queues.prune(v_target.task, null, c_rows);
        continue;
      end if;
      v_removed := queues.prune(v_target.task, v_target.queue, v_left);
      v_left := v_left - v_removed;
      if v_removed > 0 then
        v_cleanup.removed := v_cleanup.removed || jsonb_build_object(
          v_target.name, coalesce((v_cleanup.removed -> v_target.name)::bigint, 0) + v_removed);
      end if;
    exception
      when query_canceled then
        -- Out of time: what was removed before is kept, and the next step goes on with the others.
        v_all_tried := v_target.has_failed;
        v_cleanup.errors := v_cleanup.errors || jsonb_build_object(v_target.name, sqlerrm);
        exit;
      when others then
        -- An error must not stop the calls of this tick or other tables.
        raise warning 'housekeeping of % failed: %', v_target.name, sqlerrm;
        v_cleanup.errors := v_cleanup.errors || jsonb_build_object(v_target.name, sqlerrm);
    end;
    exit when v_left <= 0;
  end loop;

  update queues.cleanups
  set removed = v_cleanup.removed, errors = v_cleanup.errors,
    finished_at = case when v_left = c_rows and v_all_tried then clock_timestamp() end
  where id = v_cleanup.id;
  return c_rows - v_left;
end $function$;

create or replace function queues.client_network()
  returns inet
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_settings queues.rate_limit_settings;
  v_value text;
  v_elements text[];
begin
  select * into v_settings from queues.rate_limit_settings;
  if v_settings.address_header is null then
    return null;
  end if;
  -- PostgREST stores the headers of the request there, with names in lower case.
  v_value := nullif(current_setting('request.headers', true), '')::json ->> v_settings.address_header;
  if v_settings.trusted_proxies > 0 then
    v_elements := string_to_array(v_value, ',');
    v_value := v_elements[cardinality(v_elements) - v_settings.trusted_proxies + 1];
  end if;
  return queues.limited_network(v_value, v_settings.exempt_addresses);
end $function$;

create or replace function queues.clock_problem (
  p_queue text,
  OUT     reason text,
  OUT     remedy text
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_tick_every interval := make_interval(secs => queues.tick_secs());
  v_patience interval := greatest(interval '90 seconds', v_tick_every + interval '30 seconds');
  -- While the server was down, nothing could run.
  v_first_tick interval := v_tick_every + interval '10 seconds';
  v_now timestamptz := clock_timestamp();
  v_due timestamptz := (select at from queues.due where queue = p_queue);
  v_problem record;
  v_tick record;
begin
  if v_due > v_now - v_patience or queues.started_at() > v_now - v_first_tick then
    return;
  end if;
  reason := case when v_due is null then 'the dispatcher has not run yet'
    else format('the dispatcher does not run: the queue was due %s seconds ago', round(extract(epoch from v_now - v_due))) end;

  select * into v_problem from queues.read_only_problem();
  if v_problem.problem is null then
    select * into v_problem from queues.job_problem('dispatch-queues');
  end if;
  if v_problem.problem is not null then
    reason := format('%s, and %s', reason, v_problem.problem);
    remedy := v_problem.remedy;
    return;
  end if;

  select * into v_tick from queues.last_tick();
  if v_tick.started_at < v_due then
    reason := format('%s, although its job exists: pg_cron has not run it for %s seconds', reason,
      round(extract(epoch from v_now - v_tick.started_at)));
    remedy := 'restart the database, which restarts pg_cron; until then, `select queues.dispatch()` runs one tick';
  elsif v_tick.status = 'failed' then
    reason := format('%s, and the job `dispatch-queues` failed: %s', reason, v_tick.message);
    remedy := '`select queues.dispatch()` shows the error; the next tick continues once it is fixed';
  elsif v_tick.status is not null then
    reason := format('%s, although its job runs (%s)', reason, v_tick.status);
    remedy := 'a session may hold a lock: `select pid, wait_event_type, state, query from pg_stat_activity` shows it, and '
      '`select pg_terminate_backend(pid)` ends it';
  else
    reason := format('%s, although its job exists: pg_cron does not run it', reason);
    remedy := 'restart the database, which restarts pg_cron; until then, `select queues.dispatch()` runs one tick';
  end if;
end $function$;

create or replace function queues.close_breaker (
  p_provider text,
  p_service  text default null::text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  update queues.circuit_breakers set
    version = version + 1, failures = 0, trips = 0, open_until = null, probe_until = null, reason = null,
    updated_at = clock_timestamp()
  where provider = p_provider and (p_service is null or service = p_service);
  if not found then
    raise sqlstate 'PT404' using
      message = case when p_service is null then format('there is no provider `%s`', left(p_provider, 100))
        else format('there is no provider `%s` with the push service `%s`', left(p_provider, 100), left(p_service, 200)) end,
      hint = format('providers are %s', (
        select string_agg(provider, ', ' order by provider) from queues.circuit_breakers where service = ''));
  end if;
end $function$;

create or replace function queues.close_post_review (
  p_post_id uuid,
  p_note    text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_moderator uuid := queues.moderator();
begin
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  if not exists (select from queues.reviews where post_id = p_post_id) then
    return queues.refuse_comment('post_not_found', 'This post does not wait for a moderator.');
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, post_id, note)
  select 'dismissed', v_moderator, (select owner_id from queues.post_details(id)), id, p_note
  from public.posts_new where id = p_post_id;
  perform queues.close_review(null, p_post_id);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'close');
    return null;
end $function$;

create or replace function queues.close_provider_breaker (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_provider text := coalesce(queues.text_argument(p_arguments, 'provider'), '');
begin
  perform queues.check_keys('arguments', p_arguments, array['provider', 'service']);
  perform queues.close_breaker(v_provider, queues.text_argument(p_arguments, 'service', '^.{1,300}$'));
  return jsonb_build_object('affected', 1);
end $function$;

create or replace function queues.close_review (
  p_comment uuid,
  p_post    uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  delete from queues.reviews where comment_id = p_comment or post_id = p_post;
  update queues.reports set closed_at = clock_timestamp()
  where closed_at is null and (comment_id = p_comment or post_id = p_post);
  update queues.appeals set closed_at = clock_timestamp() where closed_at is null and comment_id = p_comment;
end $function$;

create or replace function queues.close_unneeded_reviews (
  p_comments uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  delete from queues.reviews r
  where r.comment_id = any(p_comments)
    and not exists (select from queues.reports p where p.comment_id = r.comment_id and p.closed_at is null)
    and not exists (select from queues.appeals a where a.comment_id = r.comment_id and a.closed_at is null);
end $function$;

create or replace function queues.comment_answer (
  p_comment public.comments
)
  returns json
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return json_build_object('success', true, 'comment', json_build_object(
    'id', p_comment.id, 'post_id', p_comment.post_id, 'parent_id', p_comment.parent_id, 'body', p_comment.body,
    'status', p_comment.status, 'revision', p_comment.revision, 'created_at', p_comment.created_at,
    'edited_at', p_comment.edited_at));
end $function$;

create or replace function queues.comment_backlog()
  returns table (
    why         text,
    waiting     bigint,
    oldest_secs bigint
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
begin
  return query
    select w.why, count(b.since), coalesce(extract(epoch from v_now - min(b.since)), 0)::bigint
    from unnest('{pending,flagged,reported,appealed}'::text[]) with ordinality w (why, place)
    left join (
      select 'pending' as why, coalesce(c.edited_at, c.created_at) as since from public.comments c where c.status = 'pending'
      union all
      -- Each once, by what asks the most for an answer.
      select
        case
          when exists (select from queues.appeals a where a.comment_id = r.comment_id and a.closed_at is null) then 'appealed'
          when exists (
            select from queues.reports p
            where p.closed_at is null and (p.comment_id = r.comment_id or p.post_id = r.post_id)) then 'reported'
          else 'flagged' end,
        r.opened_at
      from queues.reviews r
    ) b on b.why = w.why
    group by w.why, w.place
    order by w.place;
end $function$;

create or replace function queues.comment_context (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
  v_authors uuid[] := array(select distinct author_id from public.comments where id = any(v_ids));
begin
  return jsonb_build_object(
    'settings', jsonb_build_object(
      'thresholds', (
        select coalesce(jsonb_object_agg(language, jsonb_build_object(
          'offence', jsonb_build_object('flag', offence_flag, 'reject', offence_reject),
          'spam', jsonb_build_object('flag', spam_flag, 'reject', spam_reject))), '{}')
        from queues.moderation_settings),
      'opinion', (
        select jsonb_build_object('provider', opinion_provider, 'from', opinion_from, 'to', opinion_to)
        from queues.comment_settings where opinion_provider is not null)),
    'comments', (
      select coalesce(jsonb_object_agg(c.id, jsonb_build_object(
        'revision', c.revision,
        'status', c.status,
        'body', c.body,
        'language', p.language,
        'author', jsonb_build_object(
          'id', c.author_id, 'age_secs', a.age_secs,
          'offences', case c.status when 'pending' then queues.offences_of(c.author_id, c.id) else 0 end))), '{}')
      from public.comments c
      join queues.recipients(v_authors) p on p.profile_id = c.author_id
      left join queues.account_ages(v_authors) a on a.profile_id = c.author_id
      where c.id = any(v_ids)),
    'recent', queues.recent_simhashes());
end $function$;

create or replace function queues.comment_health()
  returns table (
    status              text,
    reason              text,
    remedy              text,
    pending             bigint,
    oldest_pending_secs numeric,
    waiting             bigint,
    oldest_waiting_secs numeric,
    moderators          bigint,
    decided_24h         jsonb
  )
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  -- What an author may have to wait for the machine, and what for a moderator.
  c_machine_secs constant integer := 900;
  c_moderator_secs constant integer := 86400;
  v_now timestamptz := clock_timestamp();
  v_provider record;
begin
  -- edited_at, because an edit makes an old comment wait anew.
  select count(*), extract(epoch from v_now - min(coalesce(c.edited_at, c.created_at)))::numeric(20, 1)
  into pending, oldest_pending_secs from public.comments c where c.status = 'pending';
  select count(*), extract(epoch from v_now - min(r.opened_at))::numeric(20, 1)
  into waiting, oldest_waiting_secs from queues.reviews r;
  select count(*) into moderators from queues.moderators;
  select coalesce(jsonb_object_agg(d.action, d.n), '{}') into decided_24h
  from (
    select l.action, count(*) as n from queues.moderation_log l
    where l.at > v_now - interval '1 day' and l.action in ('approved', 'flagged', 'rejected') group by l.action
  ) d;

  status := 'ok';
  if oldest_pending_secs > c_machine_secs then
    status := 'late';
    reason := queues.one_or_many(pending, '%s comment has waited to be judged for %s s',
      '%s comments wait to be judged, the oldest for %s s', round(oldest_pending_secs)::text);
    remedy := 'select * from queues.health() where queue = ''comment_moderation''';
  elsif waiting > 0 and moderators = 0 then
    status := 'failing';
    reason := queues.one_or_many(waiting, '%s comment or post waits for a moderator, and there is none',
      '%s comments and posts wait for a moderator, and there is none');
    remedy := 'insert into queues.moderators (profile_id) values (''…'')';
  elsif oldest_waiting_secs > c_moderator_secs then
    status := 'late';
    reason := queues.one_or_many(waiting, '%s comment or post has waited for a moderator for %s h',
      '%s comments and posts wait for a moderator, the oldest for %s h', round(oldest_waiting_secs / 3600)::text);
    remedy := 'have moderators work through list_reviews(), or add some to queues.moderators';
  else
    select h.* into v_provider
    from queues.delivery_health() h join queues.comment_settings s on s.opinion_provider = h.provider
    where h.reason is not null;
    if found then
      status := 'late';
      reason := format('`%s` is not asked about flagged comments: %s', v_provider.provider, v_provider.reason);
      remedy := v_provider.remedy;
    end if;
  end if;
  return next;
end $function$;

create or replace function queues.comment_notifications (
  p_comment   public.comments,
  p_told      jsonb,
  p_withdrawn boolean
)
  returns jsonb[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return array(
    select t || jsonb_build_object(
      'v', 1,
      'post_id', p_comment.post_id,
      'post_caption', (select caption from queues.post_details(p_comment.post_id)),
      'comment_id', p_comment.id,
      'comment', p_comment.body,
      'actor_profile_id', p_comment.author_id,
      'withdrawn', p_withdrawn,
      'timestamp', clock_timestamp())
    from jsonb_array_elements(p_told) t);
end $function$;

create or replace function queues.console_function (
  p_kind text,
  p_key  text
)
  returns regproc
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_function text := (select function from queues.console where kind = p_kind and key = p_key);
begin
  if v_function is null then
    raise sqlstate 'PT404' using
      message = format('there is no %s `%s`', p_kind, left(p_key, 64)),
      hint = format('known: %s', (select string_agg(key, ', ' order by key) from queues.console where kind = p_kind));
  end if;
  return queues.registered_function(p_kind, p_key, v_function);
end $function$;

create or replace function queues.correlation_id()
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_id text := nullif(current_setting('queues.correlation_id', true), '');
  v_headers json := nullif(current_setting('request.headers', true), '')::json;
begin
  if v_id is not null or v_headers is null then
    return v_id;
  end if;
  v_id := queues.read_correlation_id(v_headers ->> 'x-correlation-id');
  if v_id is null then
    -- For people alone: a worker that settles acts for many requests at once.
    v_id := case when current_setting('role', true) in ('anon', 'authenticated') then gen_random_uuid()::text end;
  end if;
  perform queues.set_correlation_id(v_id);
  return v_id;
end $function$;

create or replace function queues.correlation_id_of (
  p_message jsonb
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return queues.read_correlation_id(p_message #>> '{metadata,correlation_id}');
end $function$;

create or replace function queues.count_analytics_daily (
  p_counts jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_rows('effects.analytics_daily', p_counts, array['day', 'event_type', 'post_id', 'count']);
  -- In the order of the key, so that two settlements with the same counters cannot deadlock.
  insert into public.analytics_daily as d (day, event_type, post_id, count)
  select day, event_type, post_id, sum(count)
  from jsonb_to_recordset(p_counts) as c (day date, event_type text, post_id uuid, count bigint)
  group by day, event_type, post_id
  order by day, event_type, post_id
  on conflict on constraint one_counter_per_key do update
    set count = d.count + excluded.count;
end $function$;

create or replace function queues.count_call (
  p_action text,
  p_answer text,
  p_keys   queues.rate_limit_key[]
)
  returns void
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  v_key bigint := bigint '0';
  v_kind text;
begin
  -- An action without a limit costs nothing more.
  if p_keys = '{}' then
    return;
  end if;
  if p_answer <> 'allowed' then
    select p.key, p.kind into v_key, v_kind
    from unnest(p_keys) p
    join queues.rate_limit_keys k on k.key = p.key
    order by k.free_at + p.cost - p.tolerance desc
    limit 1;
  end if;
  insert into queues.rate_limit_calls as c (minute, action, answer, key, backend, kind, calls)
  values (date_trunc('minute', clock_timestamp()), p_action, p_answer, coalesce(v_key, 0), pg_backend_pid(), v_kind, 1)
  on conflict (minute, action, answer, key, backend) do update set calls = c.calls + 1;
end $function$;

create or replace function queues.count_letters (
  p_queue     text,
  p_condition text
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_letters integer;
begin
  execute format('select count(*) from (select from pgmq.%I where %s limit 10000) l', 'q_' || p_queue || '_dlq', p_condition)
    into v_letters;
  return v_letters;
end $function$;

create or replace function queues.count_messages (
  p_settings queues.settings,
  OUT        visible bigint,
  OUT        in_flight bigint,
  OUT        delayed bigint,
  OUT        dead_letters bigint,
  OUT        is_estimate boolean,
  OUT        oldest_age_secs numeric
)
  returns record
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  c_in_flight constant integer := 10000;
  c_oldest constant integer := 1000;
  v_table text := 'q_' || p_settings.queue;
  v_after timestamptz := (queues.newest_mark(p_settings.queue)).due_after;
  v_now timestamptz := clock_timestamp();
  v_waiting record;
  v_dead record;
begin
  select c.rows, c.is_estimate into visible, is_estimate from queues.count_rows(
    v_table, format('vt > %s and vt <= %s', queues.time_literal(v_after), queues.time_literal(v_now))) c;
  select * into v_waiting from queues.count_rows(v_table, 'vt > ' || queues.time_literal(v_now));
  select * into v_dead from queues.count_rows(v_table || '_dlq', 'msg_id > 0');

  -- A lease ends within the visibility timeout. An invisible message may also have been retried or sent with a delay.
  execute format($sql$
    select count(*)
    from (select msg_id, read_ct from pgmq.%I where vt > $2 and vt <= $3 order by vt limit $4) q
    where read_ct > 0 and not exists (
      select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct)
    $sql$, v_table)
  into in_flight
  using p_settings.queue, v_now, v_now + make_interval(secs => p_settings.visibility_timeout_secs), c_in_flight;

  -- A lease and a release move the visibility time, and the message still waits.
  execute format($sql$
    select extract(epoch from $2 - min(case when q.read_ct = 0 then q.vt else least(q.vt, coalesce(f.waiting_since, q.enqueued_at)) end))
    from (select msg_id, read_ct, vt, enqueued_at from pgmq.%I where vt > $4 and vt <= $2 order by vt limit $3) q
    left join queues.failures f on f.queue = $1 and f.msg_id = q.msg_id
    $sql$, v_table)
  into oldest_age_secs using p_settings.queue, v_now, c_oldest, v_after;

  delayed := greatest(0, v_waiting.rows - in_flight);
  dead_letters := v_dead.rows;
  is_estimate := is_estimate or v_waiting.is_estimate or v_dead.is_estimate;
end $function$;

create or replace function queues.count_rows (
  p_table     text,
  p_condition text,
  OUT         rows bigint,
  OUT         is_estimate boolean
)
  returns record
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  c_bound constant integer := 10000;
  v_plan jsonb;
begin
  execute format('select count(*) from (select from pgmq.%I where %s limit %s) r', p_table, p_condition, c_bound + 1)
    into rows;
  is_estimate := rows > c_bound;
  if is_estimate then
    execute format('explain (format json) select from pgmq.%I where %s', p_table, p_condition) into v_plan;
    rows := greatest(rows, (v_plan #>> '{0,Plan,Plan Rows}')::bigint);
  end if;
end $function$;

create or replace function queues.count_trending (
  p_hours jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_this_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
  v_hours queues.trending_hours[];
begin
  perform queues.check_rows('effects.trending', p_hours, array['post_id', 'hour', 'weight', 'gain', 'likes']);
  v_hours := array(
    select (post_id, at, sum(weight), sum(gain), sum(likes))::queues.trending_hours
    from jsonb_to_recordset(p_hours) as h (post_id uuid, hour timestamptz, weight bigint, gain bigint, likes bigint)
    -- A time in the future, from a producer whose clock is ahead, counts as now.
    cross join lateral (select case when hour > c_this_hour then c_this_hour else hour end) t (at)
    -- Older hours are in no window. The table rejects a missing hour.
    where (hour < now() - interval '30 days') is not true
    group by post_id, at);

  -- Both tables in the order of their keys, so that two settlements with the same posts cannot deadlock.
  insert into queues.trending_hours as t (post_id, hour, weight, gain, likes)
  select post_id, hour, weight, gain, likes from unnest(v_hours)
  order by post_id, hour
  on conflict (post_id, hour) do update
    set weight = t.weight + excluded.weight, gain = t.gain + excluded.gain, likes = t.likes + excluded.likes;

  -- The logarithm of a sum from the logarithms of its terms, with the largest factored out so that nothing overflows.
  insert into queues.trending_ranks as t (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))),
    last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour from unnest(v_hours) where gain > 0
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour
  order by post_id
  on conflict (post_id) do update
    -- exp() raises an error if its result underflows.
    set rank = greatest(t.rank, excluded.rank) + ln(1 + exp(-least(abs(t.rank - excluded.rank), 700))),
      last_hour = greatest(t.last_hour, excluded.last_hour);
end $function$;

create or replace function queues.counted (
  p_queue text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- The platform ends a run after minutes: one that is silent for longer was killed.
  c_killed_after constant interval := interval '15 minutes';
begin
  return (
    select jsonb_build_object(
      'dispatches', coalesce(jsonb_object_agg(label, rows) filter (where counted = 'dispatches'), '{}'),
      'runs', coalesce(jsonb_object_agg(label, rows) filter (where counted = 'runs'), '{}'))
    from (
      select counted, label, sum(rows) as rows
      from (
        select counted, label, rows from queues.totals where queue = p_queue
        union all
        select 'dispatches', outcome, count(*) from queues.dispatches
        where queue = p_queue and outcome is not null group by outcome
        union all
        select 'runs', coalesce(stopped_because, 'killed'), count(*) from queues.runs
        where queue = p_queue
          and (finished_at is not null or last_seen_at < clock_timestamp() - c_killed_after)
        group by stopped_because
      ) c
      group by counted, label
    ) c
  );
end $function$;

create or replace function queues.counters (
  p_queue text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select jsonb_build_object(
      'processed', coalesce(sum(processed), 0),
      'retried', coalesce(sum(retried), 0),
      'deferred', coalesce(sum(deferred), 0),
      'dead_lettered', coalesce(sum(dead_lettered), 0),
      'released', coalesce(sum(released), 0),
      'lost', coalesce(sum(lost), 0),
      'expired', coalesce(sum(expired), 0))
    from queues.settlements where queue = p_queue
  );
end $function$;

create or replace function queues.create_queue (
  p_queue text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_name text;
begin
  if not exists (select from queues.settings where queue = p_queue) then
    raise exception 'queue `%` has no settings', p_queue
      using hint = 'insert its row into queues.settings first';
  end if;

  foreach v_name in array array[p_queue, p_queue || '_dlq'] loop
    perform pgmq.create(v_name);
    execute format(
      'create or replace trigger keep_ids_fresh before insert on pgmq.%I '
      'for each statement execute function queues.keep_ids_fresh(%L)', 'q_' || v_name,
      queues.sequence_of(v_name));
  end loop;
  -- Always: also while a replica or a restore writes. See queues.marks.
  execute format(
    'create or replace trigger stay_above_mark before insert or update of vt on pgmq.%1$I for each row '
    'when (new.vt < clock_timestamp() - interval ''100 milliseconds'') execute function queues.stay_above_mark(); '
    'alter table pgmq.%1$I enable always trigger stay_above_mark', 'q_' || p_queue);
  -- The dead letters first: their ids are in their own queue, those of the messages in both.
  perform queues.move_ids(p_queue || '_dlq');
  perform queues.move_ids(p_queue);

  -- Every message soon leaves three dead rows at the front of the index, where each claim starts to scan.
  execute format(
    'alter table pgmq.%I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)',
    'q_' || p_queue);
end $function$;

create or replace function queues.cursor_of (
  p_at timestamp with time zone,
  p_id uuid
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return format('%s.%s', (extract(epoch from p_at) * 1000000)::bigint, p_id);
end $function$;

create or replace function queues.daily()
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_catch_up_days constant integer := 30;
  v_yesterday date := (clock_timestamp() at time zone 'UTC')::date - 1;
  v_report queues.housekeeping;
  v_reported date;
  v_day date;
  v_errors jsonb := jsonb_build_object();
begin
  for v_report in select * from queues.housekeeping where kind = 'report' order by position loop
    -- Includes days that were missed because the job did not run or the report failed.
    select max(started_at at time zone 'UTC')::date - 1 into v_reported
    from queues.cleanups where not errors ? v_report.key;

    v_day := greatest(v_yesterday - c_catch_up_days, least(v_reported + 1, v_yesterday));
    while v_day <= v_yesterday loop
      begin
        execute format('select %s($1)', queues.registered_function(v_report.kind, v_report.key, v_report.function))
          using v_day;
      exception
        when others then
          raise warning '% of % failed: %', v_report.key, v_day, sqlerrm;
          v_errors := v_errors || jsonb_build_object(v_report.key, format('%s: %s', v_day, sqlerrm));
      end;
      v_day := v_day + 1;
    end loop;
  end loop;

  -- One round at a time: one that is still under way continues.
  insert into queues.cleanups as c (errors) values (v_errors)
  on conflict ((finished_at is null)) where finished_at is null do update set errors = c.errors || excluded.errors;
end $function$;

create or replace function queues.dead_letter (
  p_settings  queues.settings,
  p_items     jsonb,
  p_was_tried boolean,
  p_run       uuid            default null::uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := p_settings.queue;
  v_hook regproc;
begin
  if p_settings.dead_letter_hook is not null then
    v_hook := queues.registered_function('dead_letter_hook', v_queue, p_settings.dead_letter_hook);
    -- Bodies that are too large for a worker are withheld from the hook too.
    execute format($sql$
      select %s(jsonb_agg(jsonb_build_object(
        'msg_id', q.msg_id,
        'message', case when octet_length(q.message::text) <= $2 then q.message end,
        'code', d.code)))
      from jsonb_to_recordset($1) as d (msg_id bigint, code text)
      join pgmq.%I q using (msg_id)
      having count(*) > 0
      $sql$, v_hook, 'q_' || v_queue)
    using p_items, p_settings.max_message_bytes;
  end if;
  -- One send per message: an array of bodies of any size could get too large.
  execute format($sql$
    with dead as (
      delete from pgmq.%1$I q
      using jsonb_to_recordset($2) as d (msg_id bigint, code text, error text, delivered text[])
      where q.msg_id = d.msg_id
      returning q.msg_id, q.read_ct, q.enqueued_at, q.message, queues.failure(d.code, d.error, $5) as failure, d.delivered
    ), forgotten as (
      delete from queues.failures f using dead
      where f.queue = $1 and f.msg_id = dead.msg_id
      returning f.*
    )
    select count(*)
    from (select * from dead order by msg_id) dead
    left join forgotten f using (msg_id)
    cross join lateral (
      select array(select distinct unnest(f.delivered || dead.delivered) order by 1)
    ) a (delivered)
    cross join lateral pgmq.send($3, jsonb_build_object(
      'queue', $1,
      'msg_id', dead.msg_id,
      'enqueued_at', dead.enqueued_at,
      'message', dead.message,
      'reason', dead.failure -> 'code',
      'error', dead.failure -> 'error',
      'attempts', coalesce(f.failures, 0) + $4,
      'crashes', dead.read_ct - coalesce(f.settlements, 0) - $4,
      'first_failed_at', coalesce(to_jsonb(f.first_failed_at), dead.failure -> 'at'),
      'last_failed_at', dead.failure -> 'at',
      'history', queues.append_failure(coalesce(f.history, '[]'), dead.failure)
    ) || case when a.delivered <> '{}' then jsonb_build_object('delivered', a.delivered) else '{}' end)
    $sql$, 'q_' || v_queue)
  using v_queue, p_items, v_queue || '_dlq', p_was_tried::integer, p_run;
end $function$;

create or replace function queues.dead_letters (
  p_queue  text,
  p_filter jsonb   default '{}'::jsonb,
  p_limit  integer default 100
)
  returns table (
    msg_id           bigint,
    dead_lettered_at timestamp with time zone,
    reason           text,
    error            text,
    message          jsonb,
    details          jsonb
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query execute format($sql$
    select msg_id, enqueued_at, message ->> 'reason', message ->> 'error', message -> 'message',
      message - '{reason,error,message}'::text[]
    from pgmq.%I where %s order by msg_id limit $1
    $sql$, 'q_' || p_queue || '_dlq', queues.letter_condition(p_filter))
  using p_limit;
end $function$;

create or replace function queues.dead_letters_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_bytes constant integer := 64 * 1024;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 500)::integer;
  v_after bigint := queues.number_argument(p_arguments, 'after', 0, 0, 999999999999999999)::bigint;
  v_condition text := queues.letter_condition(coalesce(p_arguments -> 'filter', '{}'));
  v_items jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit', 'after']);
  execute format($sql$
    select coalesce(jsonb_agg(jsonb_build_object(
      'msg_id', msg_id, 'dead_lettered_at', enqueued_at, 'reason', message -> 'reason', 'error', message -> 'error',
      'field', queues.letter_field(message), 'size_bytes', octet_length((message -> 'message')::text),
      'message', case when octet_length((message -> 'message')::text) <= $3 then message -> 'message' end,
      'details', message - '{reason,error,message}'::text[]) order by msg_id), '[]')
    from (select msg_id, enqueued_at, message from pgmq.%I where msg_id > $1 and %s order by msg_id limit $2 + 1) l
    $sql$, 'q_' || v_queue || '_dlq', v_condition)
  into v_items using v_after, v_limit, c_bytes;
  return jsonb_build_object(
    'items', (select coalesce(jsonb_agg(i order by n), '[]') from jsonb_array_elements(v_items) with ordinality e (i, n) where n <= v_limit),
    'next', case when jsonb_array_length(v_items) > v_limit then v_items -> (v_limit - 1) -> 'msg_id' end,
    -- Up to 10000, as the actions say it.
    'matching', queues.count_letters(v_queue, v_condition));
end $function$;

create or replace function queues.decide_comment (
  p_comment_id uuid,
  p_decision   text,
  p_note       text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_moderator uuid := queues.moderator();
  v_before text;
  v_comment public.comments;
begin
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  select status into v_before from public.comments where id = p_comment_id for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more.');
  end if;
  if (select author_id from public.comments where id = p_comment_id) = v_moderator then
    return queues.refuse_comment('own_comment', 'Another moderator must decide about your own comment.');
  end if;

  update public.comments set
    status = p_decision, decided_at = clock_timestamp(), decided_by = v_moderator, was_decided_by_a_moderator = true,
    -- The evidence of the machine stays in the log.
    reasons = case p_decision when 'approved' then '[]' else reasons end,
    note = case p_decision when 'rejected' then p_note end
  where id = p_comment_id
  returning * into v_comment;
  perform queues.log_moderation(p_decision, v_comment, v_moderator, p_note);
  perform queues.close_review(p_comment_id, null);
  -- A report that changes nothing is no news for the author.
  if v_before <> p_decision then
    perform queues.tell_of(array[v_comment], true);
  end if;
  return json_build_object('success', true, 'status', p_decision);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'decide');
    return null;
end $function$;

create or replace function queues.decide_image (
  p_image_id uuid,
  p_decision text,
  p_actor    uuid,
  p_note     text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_image public.post_images;
begin
  select * into v_image from public.post_images where id = p_image_id for no key update;
  if v_image.status is null or v_image.status not in ('held', 'ready') then
    return false;
  end if;
  if p_decision = 'flagged' then
    insert into queues.reviews (image_id) values (p_image_id) on conflict do nothing;
  else
    delete from queues.reviews where image_id = p_image_id;
  end if;
  if p_decision = 'approved' then
    update public.post_images set status = 'ready' where id = p_image_id;
  elsif p_decision = 'rejected' then
    perform queues.record_failure(v_image, 'rejected', coalesce(p_note, 'a moderator has decided against this picture'));
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, post_id, note)
  values (p_decision, p_actor, v_image.owner_id, v_image.post_id, p_note);
  perform queues.broadcast_images(array[p_image_id]);
  return true;
end $function$;

create or replace function queues.defer (
  p_queue     text,
  p_deferrals jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  execute format($sql$
    with deferrals as (
      select * from jsonb_to_recordset($2) as d (msg_id bigint, read_ct integer, delay_secs integer, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs) + queues.spread(q.msg_id)
      from deferrals where q.msg_id = deferrals.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct, delivered, waiting_since)
    select $1, msg_id, 1, read_ct, coalesce(delivered, '{}'), clock_timestamp() + make_interval(secs => delay_secs)
    from deferrals
    order by msg_id
    on conflict (queue, msg_id) do update set
      waiting_since = excluded.waiting_since,
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_deferrals;
end $function$;

create or replace function queues.defer_like (
  p_post_id    uuid,
  p_session_id text,
  p_profile_id uuid,
  p_wait       interval
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_max_open constant integer := 20;
  v_owners text[] := queues.like_owners(p_session_id, p_profile_id);
  v_owner text := v_owners[1];
  v_address_key bigint := queues.rate_limit_address_key('like');
  v_limit queues.rate_limits;
  v_step interval;
  v_before queues.deferred_likes;
  v_has_message boolean;
  v_is_liked boolean;
  v_apply_after timestamptz;
begin
  select * into v_limit from queues.rate_limits where action = 'like';
  v_step := interval '1 minute' / v_limit.per_minute;
  perform queues.lock_like_owners(v_owners, array[v_address_key]);
  v_has_message := exists (select from queues.deferred_likes where owner = v_owner and outcome is null);
  select * into v_before from queues.deferred_likes
  where owner = v_owner and post_id = p_post_id and outcome is null for update;

  if v_before.id is not null and not v_before.is_superseded then
    v_apply_after := v_before.apply_after;
  else
    if c_max_open <= (
        select count(*) from queues.deferred_likes where owner = v_owner and outcome is null and not is_superseded)
      or c_max_open * v_limit.address_factor <= (
        select count(*) from queues.deferred_likes
        where address_key = v_address_key and outcome is null and not is_superseded)
    then
      return null;
    end if;
    -- After the owner's earlier ones, at the pace of the limit.
    v_apply_after := greatest(
      clock_timestamp() + p_wait,
      (select max(apply_after) from queues.deferred_likes where owner = v_owner and outcome is null) + v_step);
  end if;

  v_is_liked := not coalesce(
    queues.supersede_likes(p_post_id, v_owners), queues.likes_post(p_post_id, p_session_id, p_profile_id));
  insert into queues.deferred_likes as d (
    owner, post_id, session_id, profile_id, address_key, is_liked, apply_after, correlation_id)
  values (
    v_owner, p_post_id, p_session_id, p_profile_id, v_address_key, v_is_liked, v_apply_after, queues.correlation_id())
  on conflict (owner, post_id) where outcome is null do update set
    session_id = excluded.session_id,
    address_key = excluded.address_key,
    is_liked = excluded.is_liked,
    is_superseded = false,
    correlation_id = excluded.correlation_id,
    apply_after = excluded.apply_after,
    revision = d.revision + 1;
  if not v_has_message then
    perform queues.wake_deferred_likes(array[v_owner]);
  end if;

  perform set_config('response.status', '202', true);
  return json_build_object('success', true, 'deferred', true, 'applyAfter', v_apply_after, 'isLiked', v_is_liked);
end $function$;

create or replace function queues.deferred_action_context (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Of one owner. The message that follows has the rest.
  c_likes constant integer := 50;
  v_now timestamptz := clock_timestamp();
begin
  return jsonb_build_object('likes', (
    select coalesce(jsonb_object_agg(o.owner, o.likes), '{}')
    from (
      select named.owner, jsonb_agg(
        jsonb_build_object(
          'id', d.id,
          'revision', d.revision,
          'is_liked', d.is_liked,
          'is_superseded', d.is_superseded,
          'apply_after', d.apply_after,
          'free_at', v_now + case when d.wait > interval '0' then d.wait end,
          'post', case when d.has_post then jsonb_build_object(
            'is_liked', queues.likes_post(d.post_id, d.session_id, d.profile_id)) end)
        order by d.apply_after, d.kept_at, d.id) as likes
      from (select distinct m #>> '{message,owner}' as owner from jsonb_array_elements(p_messages) m) named
      cross join lateral (
        select l.*,
          queues.rate_limit_wait(queues.rate_limit_keys('like', l.session_id, l.profile_id, l.address_key)) as wait,
          exists (select from public.posts_new p where p.id = l.post_id) as has_post
        from queues.deferred_likes l
        where l.owner = named.owner and l.outcome is null
        order by l.apply_after, l.kept_at, l.id
        limit c_likes
      ) d
      group by named.owner
    ) o));
end $function$;

create or replace function queues.delete_comment (
  p_comment_id uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.person();
  v_comment public.comments;
begin
  select c.* into v_comment
  from public.comments c
  where c.id = p_comment_id and (
    c.author_id = v_person
    or c.status = 'approved' and (select owner_id from queues.post_details(c.post_id)) = v_person)
  for update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;

  perform queues.log_moderation('deleted', v_comment, v_person, null);
  -- Replies go with it, and nobody is to be told any more of what they cannot see.
  perform queues.withdraw_comment(c) from public.comments c
  where c.id = p_comment_id or c.parent_id = p_comment_id order by c.id;
  delete from public.comments where id = p_comment_id;
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'delete');
    return null;
end $function$;

create or replace function queues.deliveries_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Rows that are read to fill a page, and notifications of a person.
  c_read constant integer := 20000;
  c_notifications constant integer := 1000;
  v_person uuid := queues.id_argument(p_arguments, 'person_id');
  v_provider text := queues.text_argument(p_arguments, 'provider');
  v_status text := queues.text_argument(p_arguments, 'status', '^(pending|sending|sent|skipped|failed)$');
  v_channel text := queues.text_argument(p_arguments, 'channel', '^(push|email)$');
  v_reason text := queues.text_argument(p_arguments, 'reason');
  v_correlation_id text := queues.text_argument(p_arguments, 'correlation_id', '^[0-9a-f-]{32,36}$');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_read bigint;
  v_last text;
  v_rows queues.notification_deliveries[];
begin
  perform queues.check_keys('arguments', p_arguments,
    array['person_id', 'provider', 'status', 'channel', 'reason', 'correlation_id', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_before.at := coalesce(v_before.at, 'infinity');
  v_before.id := coalesce(v_before.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');

  with read as materialized (
    (select d from queues.notification_deliveries d
     where v_person is null and (d.created_at, d.id) < (v_before.at, v_before.id::uuid)
     order by d.created_at desc, d.id desc limit c_read)
    union all
    -- The ledger has no index on the person; notifications have.
    (select d
     from (select n.id from public.notifications n where n.recipient_id = v_person order by n.created_at desc limit c_notifications) n
     join queues.notification_deliveries d on d.notification_id = n.id
     where (d.created_at, d.id) < (v_before.at, v_before.id::uuid))
  ), found as (
    select d from read
    where (v_provider is null or (d).provider = v_provider) and (v_status is null or (d).status = v_status)
      and (v_channel is null or (d).channel = v_channel) and (v_reason is null or starts_with((d).reason, v_reason))
      and (v_correlation_id is null or exists (
        select from public.notifications n
        where n.id = (d).notification_id and n.data #>> '{metadata,correlation_id}' = v_correlation_id))
    order by (d).created_at desc, (d).id desc limit v_limit + 1
  )
  select array(select d from found), (select count(*) from read),
    (select queues.place_of((d).created_at, (d).id::text) from read order by (d).created_at, (d).id limit 1)
  into v_rows, v_read, v_last;

  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object(
        'username', p.username, 'type', n.type, 'title', n.title, 'correlation_id', n.data #> '{metadata,correlation_id}') order by d.created_at desc, d.id desc), '[]')
      from unnest(v_rows[:v_limit]) d
      left join public.profiles p on p.id = d.recipient_id left join public.notifications n on n.id = d.notification_id),
    'next', case
      when cardinality(v_rows) > v_limit then queues.place_of(v_rows[v_limit].created_at, v_rows[v_limit].id::text)
      when v_read = c_read then v_last end,
    'read', v_read);
end $function$;

create or replace function queues.delivery_health()
  returns table (
    provider       text,
    state          text,
    reason         text,
    remedy         text,
    open_until     timestamp with time zone,
    sent_60_min    bigint,
    failed_60_min  bigint,
    skipped_60_min bigint,
    uncertain_24_h bigint,
    service        text
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_misconfigured constant text := 'provider_misconfigured';
  v_now timestamptz := clock_timestamp();
begin
  return query
  with configured as materialized (
    select p.about, string_agg(p.problem, '; ' order by p.problem collate "C") as problem,
      string_agg(distinct p.remedy collate "C", '; ') as remedy
    from queues.configuration_problems p
    group by p.about
  ), hour as materialized (
    select coalesce(d.provider, v.provider) as provider,
      count(*) filter (where d.status = 'sent') as sent,
      count(*) filter (where d.status = 'failed') as failed,
      count(*) filter (where d.status = 'skipped') as skipped
    from queues.notification_deliveries d
    left join public.devices v on d.provider is null and v.id = d.device_id
    where d.settled_at > v_now - interval '1 hour'
    group by coalesce(d.provider, v.provider)
    union all
    select o.provider, o.given, o.failed, o.unneeded from queues.opinions_of_last_hour() o
  ), day as materialized (
    select d.provider, sum(d.uncertain_tries) as uncertain
    from queues.notification_deliveries d
    where d.uncertain_tries > 0 and d.claimed_at > v_now - interval '1 day'
    group by d.provider
  ), judged as (
    select b.*,
      case when b.open_until is null then 'closed' when b.open_until > v_now then 'open' else 'half_open' end as state
    from queues.circuit_breakers b
    where b.service = '' or b.open_until is not null
  )
  select j.provider, j.state,
    case
      -- The breaker says the same in other words.
      when j.state <> 'closed' and c.problem is not null and starts_with(j.reason, c_misconfigured) then c.problem
      else nullif(concat_ws('; ', case when j.state <> 'closed' then j.reason end, c.problem), '') end,
    case
      when c.problem is not null and j.state <> 'closed' then
        format('%s; then `select queues.close_breaker(%L)`', c.remedy, j.provider)
      when c.problem is not null or j.state = 'closed' then c.remedy
      when starts_with(j.reason, c_misconfigured) then queues.provider_remedy(j.provider, j.service)
      else 'no action is needed: its messages wait, and a worker probes it after open_until' end,
    j.open_until,
    coalesce(h.sent, 0), coalesce(h.failed, 0), coalesce(h.skipped, 0), coalesce(d.uncertain, 0),
    nullif(j.service, '')
  from judged j
  -- The numbers and the configuration are those of the provider as a whole.
  left join hour h on h.provider = j.provider and j.service = ''
  left join day d on d.provider = j.provider and j.service = ''
  left join configured c on c.about = j.provider and j.service = ''
  union all
  select c.about, 'closed', c.problem, c.remedy, null, 0, 0, 0, 0, null
  from configured c
  where not exists (select from judged j where j.provider = c.about)
  order by 1, 10 nulls first;
end $function$;

create or replace function queues.delivery_ids (
  p_messages jsonb
)
  returns uuid[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- The forms of a uuid that the core accepts.
  c_uuid constant text := '^(?:urn:uuid:)?\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?$';
begin
  return array(
    select id
    from (
      select (m ->> 'msg_id')::bigint as msg_id,
        substring(lower((m #>> '{message,delivery_id}') collate "C") from c_uuid)::uuid as id
      from jsonb_array_elements(p_messages) m
      -- A worker rejects other versions without looking up their delivery.
      where coalesce(m #> '{message,v}', '1') = '1'
    ) named
    where id is not null
    group by id
    order by min(msg_id));
end $function$;

create or replace function queues.device_token (
  p_provider text,
  p_token    text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  -- Hexadecimal digits, in upper case from some libraries.
  return case p_provider when 'apns' then lower(p_token) else p_token end;
end $function$;

create or replace function queues.devices_of (
  p_profile    uuid,
  p_push_token text
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_devices constant integer := 20;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'provider', provider) order by last_seen_at desc, id), '[]')
    from (
      select d.id, d.provider, d.last_seen_at from public.devices d where d.profile_id = p_profile
      union all
      -- The token of an app that does not register devices, unless it has been registered since.
      select null, 'fcm', '-infinity'
      where p_push_token is not null and not queues.is_held_by_another(p_profile, p_push_token) and not exists (
        select from public.devices d
        where d.provider = 'fcm' and md5(d.token) = md5(p_push_token) and d.token = p_push_token)
      order by last_seen_at desc, id
      limit c_devices
    ) latest);
end $function$;

create or replace function queues.diagnose (
  p_settings queues.settings,
  p_health   queues.queue_health
)
  returns queues.queue_health
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_late_schedules constant integer := 3;
  c_few_tries constant integer := 3;
  c_many_rejected constant integer := 10;
  c_unheard_calls constant integer := 2;
  h queues.queue_health := p_health;
  v_missing text := queues.missing_tables(h.queue);
  v_ids text := case when v_missing is null then queues.ids_problem(h.queue) end;
  v_tick_error text := (select last_error from queues.due where queue = h.queue);
  v_problem record;
  v_dying integer;
  v_failing record;
  v_rejected bigint;
  v_unheard bigint;
  v_started_at timestamptz := queues.started_at();
  -- How long the oldest message may wait, and has waited while the server ran.
  v_late_secs integer := c_late_schedules * greatest(p_settings.schedule_secs, queues.tick_secs());
  v_waited_secs numeric := case when h.oldest_age_secs is not null then
    least(h.oldest_age_secs, extract(epoch from clock_timestamp() - v_started_at)) end;
begin
  h.verdict := 'failing';
  if v_missing is not null then
    h.reason := format('the queue was dropped: %s missing', v_missing);
    h.remedy := format('`select queues.create_queue(%L)`, or delete its row from queues.settings', h.queue);
    return h;
  end if;
  if v_ids is not null then
    h.reason := v_ids;
    h.remedy := format('`select queues.create_queue(%L)` moves it; so does the next message that is sent, unless the trigger '
      'keep_ids_fresh is missing', h.queue);
    return h;
  end if;
  if h.paused then
    h.verdict := 'ok';
    h.reason := queues.one_or_many(h.visible, 'paused, with %s visible message', 'paused, with %s visible messages');
    h.remedy := format('select queues.resume(%L)', h.queue);
    return h;
  end if;
  if p_settings.function_name is null then
    h.verdict := 'ok';
    select format('the database drains it at each tick, by queues.%s', k.function) into h.reason
    from queues.housekeeping k where k.drains = h.queue;
    h.reason := coalesce(h.reason, 'no function drains it: queues.settings.function_name is null');
    return h;
  end if;

  if v_tick_error is not null then
    h.reason := format('the last tick could not look at the queue: %s', v_tick_error);
    h.remedy := format('`select queues.dispatch_queue(%L)` shows the error; the next tick continues once it is fixed', h.queue);
    return h;
  end if;
  select * into v_problem from queues.clock_problem(h.queue);
  if v_problem.reason is not null then
    h.reason := v_problem.reason;
    h.remedy := v_problem.remedy;
    return h;
  end if;
  select * into v_problem from queues.pg_net_problem();
  if v_problem.problem is not null and h.visible > 0 then
    h.reason := format('its worker cannot be called: %s', v_problem.problem);
    h.remedy := v_problem.remedy;
    return h;
  end if;
  select * into v_problem from queues.held_up_calls(h.queue);
  if v_problem.reason is not null and h.visible > 0 then
    h.reason := v_problem.reason;
    h.remedy := v_problem.remedy;
    return h;
  end if;
  if h.visible > 0 and h.last_call_outcome <> 'accepted'
    -- Calls that pg_net lost when the server restarted are made again.
    and not (h.last_call_outcome = 'missing' and h.last_call_at < v_started_at)
  then
    h.reason := format('calls of its worker fail (%s): %s', h.last_call_outcome, h.last_call_error);
    h.remedy := queues.call_remedy(p_settings, h.last_call_outcome);
    return h;
  end if;
  v_dying := queues.dying_runs(p_settings);
  if v_dying is not null then
    h.reason := format('the last %s runs were killed before they could finish', v_dying);
    h.remedy := format('look for memory, CPU or time limits in the logs of the function `%s`; a smaller '
      'queues.settings.batch_size makes runs lighter', p_settings.function_name);
    return h;
  end if;
  if coalesce(h.visible + h.in_flight + h.delayed, 0) > 0 then
    select * into v_failing from queues.failing_runs(p_settings);
    if v_failing.runs is not null then
      h.reason := format('the last %s runs ended with an error, the last one with `%s`: %s', v_failing.runs,
        v_failing.stopped_because, left(v_failing.error, 500));
      h.remedy := case v_failing.error_code
        when 'misconfigured' then 'the database refuses what the worker asks for: correct what the error names, or deploy the '
          'migrations and functions of one version; the messages stay, and the next run continues'
        else 'fix the error; the messages stay, and the next run continues' end;
      return h;
    end if;
  end if;
  if h.failed_5_min >= c_few_tries and h.failed_5_min >= h.processed_5_min then
    v_rejected := queues.rejected_letters(p_settings);
    if h.failed_5_min - v_rejected >= greatest(c_few_tries, h.processed_5_min) then
      h.reason := format('%s of %s tries failed within 5 minutes, the last one with `%s`: %s',
        h.failed_5_min, h.failed_5_min + h.processed_5_min, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('fix the error; meanwhile, `select queues.pause(%L)` keeps messages from using up their retries, and '
        '`select * from queues.dead_letters(%L)` shows those given up', h.queue, h.queue);
      return h;
    end if;
    if v_rejected >= greatest(c_many_rejected, h.processed_5_min) then
      h.reason := format('%s messages were rejected within 5 minutes, the last one with `%s`: %s',
        v_rejected, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('no retry can help: fix the producer, or deploy a worker that accepts them; `select * from '
        'queues.dead_letters(%L)` shows them, then queues.redrive or queues.discard', h.queue);
      return h;
    end if;
  end if;
  if v_waited_secs > v_late_secs and h.workers_active = 0 then
    v_unheard := queues.unheard_calls(p_settings, h.oldest_age_secs);
    if v_unheard >= c_unheard_calls then
      h.reason := format('its worker accepted %s calls while the oldest message waited for %s seconds, and none of the runs '
        'claimed anything', v_unheard, round(h.oldest_age_secs));
      h.remedy := format('the logs of the function `%s` say why it cannot claim', p_settings.function_name);
      return h;
    end if;
  end if;

  h.verdict := 'late';
  if v_waited_secs > v_late_secs then
    h.reason := queues.one_or_many(h.visible,
      '%s visible message has waited for %s seconds, with %s of %s workers active',
      'the oldest of %s visible messages has waited for %s seconds, with %s of %s workers active',
      round(h.oldest_age_secs)::text, h.workers_active::text, p_settings.max_workers::text);
    h.remedy := case when h.workers_active = 0
      then format('the next tick calls a worker; if that does not help, read the logs of the function `%s`',
        p_settings.function_name)
      else 'workers are draining it; a larger queues.settings.max_workers or batch_size drains it faster' end;
    return h;
  end if;

  h.verdict := 'ok';
  -- Of several remedies each shows where its statement begins and ends.
  select string_agg(n.reason, '; ' order by n.place), case when count(*) = 1 then min(n.remedy) else
    string_agg(case when strpos(n.remedy, '`') > 0 then n.remedy else format('`%s`', n.remedy) end, '; ' order by n.place) end
  into h.reason, h.remedy
  from queues.notes(h.queue, h.dead_letters) n;
  return h;
end $function$;

create or replace function queues.discard (
  p_queue  text,
  p_filter jsonb   default '{}'::jsonb,
  p_limit  integer default 1000
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_condition text;
  v_msg_ids bigint[];
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  v_condition := queues.letter_condition(p_filter);

  execute format('select array(select msg_id from pgmq.%I where %s order by msg_id limit $1 for update skip locked)',
      'q_' || p_queue || '_dlq', v_condition)
    into v_msg_ids using p_limit;
  perform queues.archive(p_queue || '_dlq', v_msg_ids);
  return jsonb_build_object(
    'discarded', cardinality(v_msg_ids), 'left', queues.count_letters(p_queue, v_condition));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'discard');
    return null;
end $function$;

create or replace function queues.discard_letters (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  return queues.act_on_letters('discard', p_arguments);
end $function$;

create or replace function queues.dispatch()
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text;
  v_calls integer := 0;
begin
  begin
    -- Only missing rows: an insert that conflicts with a row locked by another tick would wait for that tick.
    insert into queues.due (queue)
    select queue from queues.settings s where not exists (select from queues.due d where d.queue = s.queue)
    on conflict do nothing;
  exception
    when others then
      raise warning '%', format('new queues are not dispatched yet: %s', sqlerrm);
  end;

  for v_queue in select queue from queues.settings order by queue loop
    begin
      v_calls := v_calls + queues.dispatch_queue(v_queue);
    exception
      when query_canceled then
        -- Out of time. What was done for other queues is kept, and the next tick goes on.
        perform queues.note_failed_tick(v_queue, sqlerrm);
        return v_calls;
      when others then
        perform queues.note_failed_tick(v_queue, sqlerrm);
    end;
  end loop;

  begin
    perform queues.cleanup_step();
  exception
    when query_canceled or others then
      raise warning '%', format('housekeeping failed: %s', sqlerrm);
  end;
  return v_calls;
end $function$;

create or replace function queues.dispatch_queue (
  p_queue text
)
  returns integer
  language plpgsql
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
declare
  -- A tick may come a little early: a queue that is due every ten seconds is due at every tick.
  c_tolerance constant interval := interval '1 second';
  c_longest_wait_secs constant integer := 300;
  c_advances_every constant interval := interval '5 seconds';
  s queues.settings;
  v_due queues.due;
  v_wanted integer;
begin
  select * into v_due from queues.due where queue = p_queue for update skip locked;
  if not found then
    return 0;
  end if;
  perform queues.reconcile_calls(p_queue);
  select * into v_due from queues.due where queue = p_queue;
  select * into s from queues.settings where queue = p_queue and not paused and function_name is not null;
  if not found
    -- A time further ahead than the longest wait was set before the clock was put back.
    or v_due.at between clock_timestamp() + c_tolerance
      and clock_timestamp() + make_interval(secs => s.schedule_secs + c_longest_wait_secs)
  then
    return 0;
  end if;
  if to_regclass(format('pgmq.%I', 'q_' || p_queue)) is null then
    raise exception '%', format('queue `%s` was dropped: select queues.create_queue(%L), or delete its row from '
      'queues.settings', p_queue, p_queue);
  end if;

  perform queues.show_hidden(p_queue);
  -- Claims do so more often. Between them, expired leases and messages that others removed pile up behind the mark.
  perform queues.advance_mark(p_queue, c_advances_every);
  v_wanted := queues.wanted_workers(p_queue, s.batch_size, s.max_workers);
  if v_wanted > 0 then
    v_wanted := greatest(0, v_wanted - queues.active_workers(p_queue));
    perform queues.call_worker(p_queue, 'schedule') from generate_series(1, v_wanted);
  end if;
  update queues.due
  set last_error = null, at = clock_timestamp() + make_interval(secs => least(
    s.schedule_secs * 2 ^ least(v_due.failed_calls, 20), s.schedule_secs + c_longest_wait_secs))
  where queue = p_queue;
  return v_wanted;
end $function$;

create or replace function queues.dispatches_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_calls queues.dispatches[];
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '\d{1,18}');
  v_calls := array(
    select d from queues.dispatches d
    where d.queue = v_queue and (v_before.id is null or (d.requested_at, d.id) < (v_before.at, v_before.id::bigint))
    order by d.requested_at desc, d.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(d) - 'request_id' order by d.requested_at desc, d.id desc), '[]')
      from unnest(v_calls[:v_limit]) d),
    'next', case when cardinality(v_calls) > v_limit then
      queues.place_of(v_calls[v_limit].requested_at, v_calls[v_limit].id::text) end);
end $function$;

create or replace function queues.drop_likes_of_dead_letters (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_owners text[] := array(select distinct m #>> '{message,owner}' from jsonb_array_elements(p_messages) m);
begin
  perform queues.lock_like_owners(v_owners);
  update queues.deferred_likes d set outcome = 'dropped', reason = m ->> 'code', settled_at = clock_timestamp()
  from jsonb_array_elements(p_messages) m
  where d.owner = m #>> '{message,owner}' and d.outcome is null;
end $function$;

create or replace function queues.dying_runs (
  p_settings queues.settings
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_looked_at constant integer := 5;
  c_enough constant integer := 3;
  v_now timestamptz := clock_timestamp();
  v_silent_since timestamptz := queues.silent_since();
  v_runs record;
begin
  select count(*)::integer as ended, (count(*) filter (where finished_at is null))::integer as killed into v_runs
  from (
    select finished_at from queues.runs
    -- A restart of the server ends runs, too, or their record.
    where queue = p_settings.queue and last_seen_at > greatest(v_now - interval '1 hour', queues.started_at())
      and (finished_at is not null or last_seen_at < v_silent_since)
    order by last_seen_at desc limit c_looked_at
  ) r;
  return case when v_runs.ended >= c_enough and v_runs.killed = v_runs.ended then v_runs.killed end;
end $function$;

create or replace function queues.edit_comment (
  p_comment_id uuid,
  p_body       text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_author uuid := queues.person();
  v_problem text := queues.body_problem(p_body);
  v_refused json;
  v_comment public.comments;
begin
  if v_problem is not null then
    return queues.refuse_comment('invalid_body', v_problem);
  end if;
  v_refused := queues.restriction_of(v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  select * into v_comment from public.comments where id = p_comment_id and author_id = v_author for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;
  if v_comment.body = p_body then
    return queues.comment_answer(v_comment);
  end if;
  -- Otherwise an edit would have the machine overrule the moderator.
  if v_comment.status = 'rejected' and v_comment.was_decided_by_a_moderator then
    return queues.refuse_comment('decided_by_moderator', 'A moderator has rejected this comment: you can appeal or delete it.');
  end if;
  -- Last, so that no limit stays locked while the comment is waited for.
  v_refused := queues.charge_person('comment', v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  update public.comments set
    body = p_body, status = 'pending', revision = revision + 1, edited_at = clock_timestamp(),
    decided_at = null, decided_by = null, was_decided_by_a_moderator = false, reasons = '[]', scores = null, language = null,
    model = null, note = null, opinion = null
  where id = p_comment_id
  returning * into v_comment;
  perform queues.send_to_moderation(v_comment.id);
  return queues.comment_answer(v_comment);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'edit');
    return null;
end $function$;

create or replace function queues.email_addresses (
  p_profiles uuid[]
)
  returns table (
    profile_id uuid,
    email      text
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return query
    select u.id, u.email::text from auth.users u
    where u.id = any(p_profiles) and u.email_confirmed_at is not null and u.email::text ~ '^[^@\s]+@[^@\s]+$'
      -- Supabase Auth keeps people who were deleted softly. Older versions lack the column.
      and to_jsonb(u) ->> 'deleted_at' is null;
exception
  when undefined_table or undefined_column or invalid_schema_name then
    return;
end $function$;

create or replace function queues.email_details (
  p_data         jsonb,
  p_recipient_id uuid
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_uuid constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  v_post_id uuid := case when p_data ->> 'post_id' ~ c_uuid then (p_data ->> 'post_id')::uuid end;
  v_comment_id uuid := case when p_data ->> 'comment_id' ~ c_uuid then (p_data ->> 'comment_id')::uuid end;
  v_post record;
  v_photo jsonb;
begin
  select owner_id, caption into v_post from queues.post_details(v_post_id);
  -- Whoever was only mentioned may not see the post.
  if v_post.owner_id is not null and (
    v_post.owner_id = p_recipient_id
    or queues.are_posts_public()
    or exists (select from public.comments c where c.post_id = v_post_id and c.author_id = p_recipient_id)
  ) then
    select jsonb_build_object('bucket', v -> 'bucket', 'path', v -> 'path', 'width', v -> 'width', 'height', v -> 'height')
    into v_photo
    from public.post_images i cross join lateral jsonb_array_elements(i.variants) v
    where i.post_id = v_post_id and i.owner_id = v_post.owner_id and i.status = 'ready' and v ->> 'name' = 'medium'
    order by i.created_at limit 1;
  else
    v_post.caption := null;
  end if;
  return jsonb_build_object(
    'post_id', v_post_id,
    'caption', v_post.caption,
    'photo', v_photo,
    'may_appeal', exists (
      select from public.comments c
      where c.id = v_comment_id and c.author_id = p_recipient_id and c.status = 'rejected'
        and not exists (select from queues.appeals a where a.comment_id = c.id)));
exception
  when undefined_table or undefined_column or undefined_function or datatype_mismatch then
    -- An app may change its tables: emails go out, with what the notification itself says.
    raise warning 'an email shows no photo: %', sqlerrm;
    return jsonb_build_object('post_id', v_post_id, 'caption', null, 'photo', null, 'may_appeal', false);
end $function$;

create or replace function queues.enqueue (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text;
begin
  perform queues.check_keys('effects.enqueue', p_messages, array(select queue from queues.settings));
  for v_queue in select jsonb_object_keys(p_messages) loop
    perform queues.check_array('effects.enqueue.' || v_queue, p_messages -> v_queue);
  end loop;

  perform pgmq.send_batch(queue, array(select jsonb_array_elements(messages)))
  from (select * from jsonb_each(p_messages) order by key) m (queue, messages)
  where messages <> '[]';
  perform queues.wake(queue) from jsonb_each(p_messages) m (queue, messages) where messages <> '[]';
end $function$;

create or replace function queues.enqueue_image (
  p_path       text,
  p_bucket     text,
  p_size_bytes bigint
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_image public.post_images;
  v_refused json;
begin
  if p_path is null or length(p_path) not between 1 and 1024 then
    perform queues.reject('p_path', 'does not have 1 to 1024 characters', 'where the upload is: <owner>/<post>/<name>');
  end if;
  -- The service may do this for anybody, as often as it likes.
  if auth.role() is distinct from 'service_role' then
    if split_part(p_path, '/', 1) <> queues.person()::text then
      raise sqlstate 'PT403' using
        message = 'the upload is not in a folder of yours',
        hint = 'upload to `${user.id}/${post.id}/photo.jpg`';
    end if;
    v_refused := queues.charge_person('image', queues.person());
    if v_refused is not null then
      return v_refused;
    end if;
  end if;
  v_image := queues.add_upload(coalesce(p_bucket, queues.uploads_bucket()), p_path, p_size_bytes);
  return json_build_object('success', true, 'image_id', v_image.id, 'status', v_image.status);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('image_processing', 'send');
    return null;
end $function$;

create or replace function queues.evidence (
  p_comment_id uuid,
  p_post_id    uuid
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_shown constant integer := 20;
begin
  return json_build_object(
    'comment', (
      select json_build_object(
        'id', c.id, 'parent_id', c.parent_id, 'body', c.body, 'status', c.status, 'revision', c.revision,
        'created_at', c.created_at, 'edited_at', c.edited_at, 'decided_at', c.decided_at, 'decided_by', c.decided_by,
        'reasons', c.reasons, 'scores', c.scores, 'language', c.language, 'model', c.model, 'note', c.note,
        'opinion', c.opinion,
        'author', queues.person_evidence(c.author_id))
      from public.comments c where c.id = p_comment_id),
    'post', (
      select json_build_object('id', p.id, 'caption', d.caption, 'owner', queues.person_evidence(d.owner_id))
      from public.posts_new p cross join queues.post_details(p.id) d
      where p.id = coalesce(p_post_id, (select c.post_id from public.comments c where c.id = p_comment_id))),
    'reports', (
      select coalesce(json_agg(json_build_object(
        'reporter_id', r.reporter_id, 'reason', r.reason, 'note', r.note, 'reported_at', r.reported_at)), '[]')
      from (
        select * from queues.reports
        where closed_at is null and (comment_id = p_comment_id or post_id = p_post_id)
        order by reported_at desc limit c_shown
      ) r),
    'appeal', (
      select json_build_object('body', a.body, 'appealed_at', a.appealed_at)
      from queues.appeals a where a.comment_id = p_comment_id and a.closed_at is null),
    'history', (
      select coalesce(json_agg(json_build_object(
        'at', l.at, 'action', l.action, 'actor_id', l.actor_id, 'revision', l.revision, 'body', l.body,
        'reasons', l.reasons, 'note', l.note, 'opinion', l.opinion)), '[]')
      from (
        select * from queues.moderation_log where comment_id = p_comment_id and action <> 'reported'
        order by at desc limit c_shown
      ) l));
end $function$;

create or replace function queues.existing_queue (
  p_queue text
)
  returns queues.settings
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_missing text := queues.missing_tables(p_queue);
begin
  if v_missing is not null then
    raise sqlstate 'PT404' using
      message = format('queue `%s` was dropped: %s missing', p_queue, v_missing),
      hint = format('select queues.create_queue(%L), or delete its row from queues.settings', p_queue);
  end if;
  return v_settings;
end $function$;

create or replace function queues.fail_deliveries (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  with given_up as materialized (
    select distinct on (id) id, m ->> 'code' as code
    from jsonb_array_elements(p_messages) m
    cross join lateral unnest(queues.delivery_ids(jsonb_build_array(m))) id
    order by id, m -> 'msg_id' desc
  ),
  -- In the order of the ids, as everywhere.
  locked as materialized (
    select d.id, d.status from queues.notification_deliveries d
    -- The worker's own effects, which come first, usually say more than is known here.
    where d.id in (select id from given_up) and d.status in ('pending', 'sending')
    order by d.id for update
  )
  update queues.notification_deliveries d
  set status = 'failed',
    reason = coalesce(g.code, 'dead_lettered'),
    is_uncertain = locked.status = 'sending',
    settled_at = clock_timestamp()
  from locked join given_up g using (id)
  where d.id = locked.id;
end $function$;

create or replace function queues.fail_images (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'image_id');
  v_image public.post_images;
begin
  for v_image in
    select i.* from public.post_images i
    where i.id = any(v_ids) and i.status = 'pending'
    order by i.id for no key update
  loop
    -- A dead letter about an earlier upload says nothing about this one.
    continue when not p_messages @> jsonb_build_array(
      jsonb_build_object('message', jsonb_build_object('image_id', v_image.id, 'revision', v_image.revision)));
    perform queues.record_failure(v_image, m ->> 'code', 'the picture could not be processed; please upload it again later')
    from jsonb_array_elements(p_messages) m
    where m #>> '{message,image_id}' = v_image.id::text limit 1;
    perform queues.broadcast_images(array[v_image.id]);
  end loop;
end $function$;

create or replace function queues.failed_messages (
  p_queue      text,
  p_settlement jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- What fits into one line of the log of a function, which has 10,000 characters.
  c_named constant integer := 50;
  v_failed jsonb;
begin
  execute format($sql$
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'msg_id', msg_id, 'outcome', outcome, 'code', left(code, 50), 'correlation_id', queues.correlation_id_of(q.message))))
    from (
      select msg_id, 'dead_lettered' as outcome, code from jsonb_to_recordset($1 -> 'dead_letters') d (msg_id bigint, code text)
      union all
      select msg_id, 'retried', code from jsonb_to_recordset($1 -> 'retries') r (msg_id bigint, code text)
      limit $2
    ) f
    join pgmq.%I q using (msg_id)
    $sql$, 'q_' || p_queue)
  into v_failed using p_settlement, c_named;
  return v_failed;
end $function$;

create or replace function queues.failing_runs (
  p_settings queues.settings,
  OUT        runs integer,
  OUT        stopped_because text,
  OUT        error_code text,
  OUT        error text
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_looked_at constant integer := 5;
  c_enough constant integer := 2;
  v_now timestamptz := clock_timestamp();
  v_ended integer;
begin
  select count(*)::integer, (count(*) filter (where r.stopped_because in ('claim_failed', 'settle_failed')))::integer
  into v_ended, runs
  from (
    select r.stopped_because from queues.runs r
    where r.queue = p_settings.queue and r.last_seen_at between v_now - interval '1 hour' and v_now and r.finished_at is not null
    order by r.last_seen_at desc limit c_looked_at
  ) r;
  if runs < c_enough or runs < v_ended then
    runs := null;
    return;
  end if;
  select r.stopped_because, r.error_code, coalesce(r.error, 'no text') into stopped_because, error_code, error
  from queues.runs r
  where r.queue = p_settings.queue and r.finished_at is not null
  order by r.last_seen_at desc limit 1;
end $function$;

create or replace function queues.failure (
  p_code  text,
  p_error text,
  p_run   uuid default null::uuid
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return jsonb_build_object('at', clock_timestamp(), 'code', p_code, 'error', left(p_error, 2000))
    || case when p_run is not null then jsonb_build_object('run_id', p_run) else '{}' end;
end $function$;

create or replace function queues.find_missed_uploads (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_bucket text := queues.uploads_bucket();
  v_names text[];
begin
  select array_agg(o.name) into v_names
  from (
    select o.name from storage.objects o
    where o.bucket_id = v_bucket and o.created_at < clock_timestamp() - interval '1 minute'
      and not exists (select from public.post_images i where i.bucket = v_bucket and i.path = o.name)
      -- Not again in this round.
      and not exists (
        select from queues.upload_problems u
        where u.bucket = v_bucket and u.path = o.name and u.last_at > clock_timestamp() - interval '20 hours')
    order by o.name limit p_limit
  ) o;
  perform queues.try_upload(v_bucket, name) from unnest(v_names) name;
  return coalesce(cardinality(v_names), 0);
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return 0;
end $function$;

create or replace function queues.fold_hours (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.fold_settlements(
    p_queue, queues.numbers_since(), date_trunc('hour', clock_timestamp() - interval '1 hour', 'UTC'), p_limit);
end $function$;

create or replace function queues.fold_settlements (
  p_queue  text,
  p_from   timestamp with time zone,
  p_before timestamp with time zone,
  p_limit  integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_folded integer;
begin
  with old as materialized (
    select queue, at, id from queues.settlements
    where queue = p_queue and at >= p_from and at < p_before
      -- A row that stands for an hour stays as it is.
      and (p_from = '-infinity' or at <> date_trunc('hour', at, 'UTC'))
    order by at limit p_limit
    for update skip locked
  ), removed as (
    delete from queues.settlements s using old
    where s.queue = old.queue and s.at = old.at and s.id = old.id
    returning s.*
  ), folded as (
    insert into queues.settlements (
      queue, at, processed, retried, deferred, dead_lettered, released, lost, expired, last_failure, began_at)
    select queue, case when p_from = '-infinity' then p_from else date_trunc('hour', at, 'UTC') end as hour,
      sum(processed), sum(retried), sum(deferred), sum(dead_lettered), sum(released), sum(lost), sum(expired),
      (array_agg(last_failure order by at desc, id desc) filter (where last_failure is not null))[1], null
    from removed
    group by queue, hour
  )
  select count(*)::integer into v_folded from removed where at > '-infinity';
  return v_folded;
end $function$;

create or replace function queues.forget_posts()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  delete from public.post_images where post_id in (select id from gone);
  return null;
exception
  when others then
    -- The deletion of a post must not fail: housekeeping finds its pictures.
    raise warning 'the pictures of deleted posts are removed later: %', sqlerrm;
    return null;
end $function$;

create or replace function queues.forget_upload (
  p_bucket text,
  p_path   text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_image public.post_images;
begin
  update public.post_images set upload_removed_at = clock_timestamp()
  where bucket = p_bucket and path = p_path
  returning * into v_image;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
  if v_image.status = 'pending' then
    update public.post_images set
      status = 'failed', revision = revision + 1, processed_at = clock_timestamp(), reason = 'upload_removed',
      error = 'the upload was removed before it was processed'
    where id = v_image.id;
    perform queues.broadcast_images(array[v_image.id]);
  end if;
end $function$;

create or replace function queues.free_at (
  p_free_at   timestamp with time zone,
  p_tolerance interval,
  p_now       timestamp with time zone
)
  returns timestamp with time zone
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- Of calls that charge a key at the same time, the last one may have read the time first.
  c_waited constant interval := interval '1 minute';
begin
  return case when p_free_at > p_now + p_tolerance + c_waited then p_now else p_free_at end;
end $function$;

create or replace function queues.gauge_oldest_comments()
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (select jsonb_object_agg(why, oldest_secs) from queues.comment_backlog());
end $function$;

create or replace function queues.gauge_waiting_comments()
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (select jsonb_object_agg(why, waiting) from queues.comment_backlog());
end $function$;

create or replace function queues.growth_percent (
  p_now    bigint,
  p_before bigint
)
  returns numeric
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return round(100.0 * (p_now - p_before) / nullif(p_before, 0), 1);
end $function$;

create or replace function queues.has_muted (
  p_person uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (
    select from queues.hidden_people where person_id = queues.user_id() and kind = 'mute' and hidden_id = p_person);
end $function$;

create or replace function queues.health()
  returns SETOF queues.queue_health
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
begin
  return query select h.* from queues.settings s cross join lateral queues.health_of(s) h order by s.queue;
end $function$;

create or replace function queues.health_of (
  p_settings queues.settings
)
  returns queues.queue_health
  language plpgsql
  set search_path to ''
  AS $function$
declare
  h queues.queue_health;
  v_hint text;
begin
  return queues.diagnose(p_settings, queues.measure(p_settings));
exception
  when others then
    get stacked diagnostics v_hint = pg_exception_hint;
    -- The others can be measured all the same.
    h.queue := p_settings.queue;
    h.verdict := 'failing';
    h.reason := format('the queue cannot be measured: %s', sqlerrm);
    h.remedy := coalesce(nullif(v_hint, ''),
      format('`select queues.measure(s) from queues.settings s where queue = %L` shows the error', h.queue));
    h.paused := p_settings.paused;
    return h;
end $function$;

create or replace function queues.heartbeat_run (
  p_queue text,
  p_run   uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform queues.settings_of(p_queue);
  perform queues.touch_run(p_run, p_queue);
end $function$;

create or replace function queues.held_up_calls (
  p_queue text,
  OUT     reason text,
  OUT     remedy text
)
  returns record
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_patience constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_since timestamptz := (select min(requested_at) from queues.open_calls(p_queue) where is_waiting);
begin
  if (v_since < v_now - c_patience) is not true then
    return;
  end if;
  reason := format('pg_net has held the call of its worker for %s seconds', round(extract(epoch from v_now - v_since)));
  if exists (
    select from pg_catalog.pg_stat_activity where backend_type ~ '^pg_net' or application_name ~ '^pg_net')
  then
    reason := format('%s: a slow request of this project holds up all others', reason);
    -- A restart of the worker waits for the same request.
    remedy := '`select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200` shows the '
      'batch; it ends when the slowest has answered or timed out: give slow requests a shorter timeout_milliseconds';
  else
    reason := format('%s: its background worker does not run', reason);
    remedy := '`select net.worker_restart()`; if that does not help, restart the database';
  end if;
end $function$;

create or replace function queues.hide_person (
  p_person uuid,
  p_kind   text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_most constant integer := 5000;
  v_self uuid := queues.person();
  v_refused json;
begin
  if p_person is null or p_person = v_self or not exists (select from public.profiles where id = p_person) then
    return queues.refuse_comment('person_not_found', 'This is not another person.');
  end if;
  v_refused := queues.charge_person('hide', v_self);
  if v_refused is not null then
    return v_refused;
  end if;
  if (select count(*) from queues.hidden_people where person_id = v_self and kind = p_kind) >= c_most then
    return queues.refuse_comment('too_many', format('You can hide at most %s people this way.', c_most));
  end if;
  insert into queues.hidden_people (person_id, kind, hidden_id) values (v_self, p_kind, p_person) on conflict do nothing;
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'hide');
    return null;
end $function$;

create or replace function queues.hmac_sha256 (
  p_text text,
  p_key  bytea
)
  returns bytea
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  c_block_bytes constant integer := 64;
  v_key bytea := case when length(p_key) > c_block_bytes then sha256(p_key) else p_key end;
  v_inner bytea;
  v_outer bytea;
begin
  v_key := v_key || decode(repeat('00', c_block_bytes - length(v_key)), 'hex');
  v_inner := v_key;
  v_outer := v_key;
  for i in 0 .. c_block_bytes - 1 loop
    v_inner := set_byte(v_inner, i, get_byte(v_key, i) # 54);
    v_outer := set_byte(v_outer, i, get_byte(v_key, i) # 92);
  end loop;
  return sha256(v_outer || sha256(v_inner || convert_to(p_text, 'UTF8')));
end $function$;

create or replace function queues.hold_for_moderator (
  p_image jsonb
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.reviews (image_id) values ((p_image ->> 'image_id')::uuid) on conflict do nothing;
  return true;
end $function$;

create or replace function queues.hold_mark (
  p_queue text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- At READ COMMITTED only: a look at the rows has to see what committed before the look at the writers.
  return not pg_is_in_recovery() and current_setting('transaction_isolation') = 'read committed'
    and pg_try_advisory_xact_lock(hashtextextended('queues.marks', 0) # hashtextextended(p_queue, 0))
    and not exists (
      select from (select m.written_by from queues.marks m where m.queue = p_queue order by m.n desc limit 1) m
      where m.written_by = pg_current_xact_id_if_assigned());
end $function$;

create or replace function queues.id_argument (
  p_arguments jsonb,
  p_key       text
)
  returns uuid
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return queues.text_argument(p_arguments, p_key, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')::uuid;
end $function$;

create or replace function queues.ids_problem (
  p_queue text
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_name text;
  v_next bigint;
  v_taken bigint;
begin
  foreach v_name in array array[p_queue, p_queue || '_dlq'] loop
    v_next := queues.next_id(v_name);
    v_taken := queues.taken_id(v_name, v_next);
    if v_taken is not null then
      return format('the sequence of pgmq.q_%s is behind: its next id is %s, and ids up to %s are taken', v_name, v_next, v_taken);
    end if;
  end loop;
  return null;
end $function$;

create or replace function queues.image_context (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_images uuid[] := queues.named_profiles(p_messages, 'image_id');
  v_removals uuid[] := queues.named_profiles(p_messages, 'removal_id');
begin
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object(
        'images_bucket', images_bucket, 'keeps_location', keeps_location, 'keeps_serial_number', keeps_serial_number,
        'reads_heic', reads_heic)
      from queues.image_settings),
    'images', (
      select coalesce(jsonb_object_agg(i.id, jsonb_build_object(
        'revision', i.revision, 'status', i.status, 'owner_id', i.owner_id, 'post_id', i.post_id,
        'bucket', i.bucket, 'path', i.path, 'size_bytes', i.size_bytes,
        'is_stored', queues.is_stored(i.bucket, i.path))), '{}')
      from public.post_images i where i.id = any(v_images)),
    'removals', (
      select coalesce(jsonb_object_agg(r.id, (
        select coalesce(jsonb_object_agg(o.bucket, o.paths), '{}')
        from (
          select bucket, jsonb_agg(distinct path order by path) as paths
          from (
            select * from jsonb_to_recordset(r.objects) as x (bucket text, path text)
            union all
            select * from queues.published_objects(r.owner_id, r.post_id, r.image_id)
          ) named
          group by bucket
        ) o)), '{}')
      from queues.image_removals r where r.id = any(v_removals)));
end $function$;

create or replace function queues.image_evidence (
  p_image_id uuid
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select json_build_object(
      'image', json_build_object(
        'id', i.id, 'status', i.status, 'variants', i.variants, 'thumbhash', i.thumbhash, 'created_at', i.created_at,
        'owner', queues.person_evidence(i.owner_id)),
      'post', json_build_object('id', i.post_id, 'caption', (select caption from queues.post_details(i.post_id))))
    from public.post_images i where i.id = p_image_id);
end $function$;

create or replace function queues.image_health()
  returns table (
    status              text,
    reason              text,
    remedy              text,
    pending             bigint,
    oldest_pending_secs numeric,
    held                bigint,
    ready_24h           bigint,
    failed_24h          jsonb,
    problems            bigint,
    removals            bigint
  )
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  -- What a person may have to wait.
  c_late_secs constant integer := 900;
  v_now timestamptz := clock_timestamp();
begin
  select count(*), extract(epoch from v_now - min(i.created_at))::numeric(20, 1)
  into pending, oldest_pending_secs from public.post_images i where i.status = 'pending';
  select count(*) into held from public.post_images i where i.status = 'held';
  select count(*) into ready_24h from public.post_images i where i.processed_at > v_now - interval '1 day' and i.status = 'ready';
  select coalesce(jsonb_object_agg(f.reason, f.n), '{}') into failed_24h
  from (
    select i.reason, count(*) as n from public.post_images i
    where i.processed_at > v_now - interval '1 day' and i.status = 'failed' group by i.reason
  ) f;
  select count(*) into problems from queues.upload_problems;
  select count(*) into removals from queues.image_removals;

  status := 'ok';
  select s.reason, s.remedy into reason, remedy from queues.storage_problem() s;
  if reason is not null then
    status := 'failing';
  elsif oldest_pending_secs > c_late_secs then
    status := 'late';
    reason := queues.one_or_many(pending, '%s picture has waited to be processed for %s s',
      '%s pictures wait to be processed, the oldest for %s s', round(oldest_pending_secs)::text);
    remedy := 'select * from queues.health() where queue = ''image_processing''';
  elsif exists (select from queues.upload_problems where code !~ '^PT' and tries > 3) then
    status := 'late';
    reason := format('uploads cannot be taken: %s', (
      select error from queues.upload_problems where code !~ '^PT' order by last_at desc limit 1));
    remedy := 'select * from queues.upload_problems order by last_at desc';
  end if;
  return next;
end $function$;

create or replace function queues.images_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Rows that are read to fill a page.
  c_read constant integer := 20000;
  v_reason text := queues.text_argument(p_arguments, 'reason');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_images public.post_images[];
begin
  perform queues.check_keys('arguments', p_arguments, array['reason', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_images := array(
    select i
    from (
      select i from public.post_images i
      where v_before.id is null or (i.processed_at, i.id) < (v_before.at, v_before.id::uuid)
      order by i.processed_at desc nulls last, i.id desc limit c_read
    ) r
    where (i).status = 'failed' and (v_reason is null or (i).reason = v_reason)
    order by (i).processed_at desc, (i).id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'post_id', i.post_id, 'owner_id', i.owner_id, 'username', p.username, 'reason', i.reason, 'error', i.error,
        'created_at', i.created_at, 'processed_at', i.processed_at, 'size_bytes', i.size_bytes, 'format', i.format,
        'bucket', i.bucket, 'path', i.path, 'upload_removed_at', i.upload_removed_at) order by i.processed_at desc, i.id desc), '[]')
      from unnest(v_images[:v_limit]) i left join public.profiles p on p.id = i.owner_id),
    'health', (select to_jsonb(h) from queues.image_health() h),
    'next', case when cardinality(v_images) > v_limit then
      queues.place_of(v_images[v_limit].processed_at, v_images[v_limit].id::text) end);
end $function$;

create or replace function queues.insert_analytics_events (
  p_events jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_rows('effects.analytics_events', p_events,
    array['event_type', 'post_id', 'session_id', 'profile_id', 'metadata', 'created_at']);
  with events as materialized (
    select *
    from jsonb_to_recordset(p_events) as e (
      event_type text, post_id uuid, session_id text, profile_id uuid, metadata jsonb, created_at timestamptz)
  ),
  -- Locked against deletion until the events reference them, in the order of the ids so that two settlements cannot
  -- deadlock.
  posts as materialized (
    select id from public.posts_new
    where id in (select post_id from events) order by id for key share
  ), profiles as materialized (
    select id from public.profiles
    where id in (select profile_id from events) order by id for key share
  )
  insert into public.analytics_events (event_type, post_id, session_id, profile_id, metadata, created_at)
  select e.event_type, post.id, e.session_id, profile.id,
    case
      when post.id is not distinct from e.post_id and profile.id is not distinct from e.profile_id then e.metadata
      else coalesce(e.metadata, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'post_id', case when post.id is null then e.post_id end,
        'profile_id', case when profile.id is null then e.profile_id end))
    end,
    coalesce(e.created_at, now())
  from events e
  left join posts post on post.id = e.post_id
  left join profiles profile on profile.id = e.profile_id;
end $function$;

create or replace function queues.is_apart_from (
  p_person uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.are_apart(queues.user_id(), p_person);
end $function$;

create or replace function queues.is_failed_upload (
  p_bucket text,
  p_path   text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (select from queues.operators where profile_id = queues.user_id())
    and exists (select from public.post_images where bucket = p_bucket and path = p_path and status = 'failed');
end $function$;

create or replace function queues.is_held (
  p_image public.post_images
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_function text := (select hold_function from queues.image_settings);
  v_is_held boolean;
begin
  if v_function is null then
    return false;
  end if;
  execute format('select %s($1)', queues.registered_function('hold', 'hold_function', v_function))
    into v_is_held using jsonb_build_object(
      'image_id', p_image.id, 'post_id', p_image.post_id, 'owner_id', p_image.owner_id, 'variants', p_image.variants);
  return coalesce(v_is_held, true);
end $function$;

create or replace function queues.is_held_by_another (
  p_profile    uuid,
  p_push_token text
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return exists (
      select from public.devices
      where provider = 'fcm' and md5(token) = md5(p_push_token) and token = p_push_token and profile_id <> p_profile)
    -- Profiles that were written before the trigger: nobody knows who was the latest.
    or exists (
      select from public.profiles
      where md5(push_token) = md5(p_push_token) and push_token = p_push_token and id <> p_profile);
end $function$;

create or replace function queues.is_moderator()
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (select from queues.moderators where profile_id = queues.user_id());
end $function$;

create or replace function queues.is_own_post (
  p_post_id  uuid,
  p_owner_id uuid
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return (select owner_id from queues.post_details(p_post_id)) = p_owner_id;
end $function$;

create or replace function queues.is_stored (
  p_bucket text,
  p_path   text
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return case when exists (select from storage.buckets b where b.id = p_bucket)
    then exists (select from storage.objects o where o.bucket_id = p_bucket and o.name = p_path) end;
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return null;
end $function$;

create or replace function queues.is_unsubscribe_token (
  p_token text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_token constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.email\.[0-9a-f]{64}$';
  -- Compares values that nobody outside knows, so that the time it takes reveals nothing.
  v_blind bytea := convert_to(concat(gen_random_uuid(), gen_random_uuid()), 'UTF8');
begin
  return coalesce(p_token ~ c_token, false) and coalesce(
    queues.hmac_sha256(p_token, v_blind)
      = queues.hmac_sha256(queues.unsubscribe_token(left(p_token, 36)::uuid), v_blind), false);
end $function$;

create or replace function queues.job_problem (
  p_name text,
  OUT    problem text,
  OUT    remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_job record;
begin
  if to_regclass('cron.job') is null then
    problem := 'pg_cron is not enabled';
    remedy := 'create extension pg_cron; select queues.schedule_jobs()';
    return;
  end if;
  select jobid, active into v_job from cron.job where jobname = p_name order by active desc, jobid limit 1;
  if not found then
    problem := format('the job `%s` is missing', p_name);
    remedy := 'select queues.schedule_jobs()';
  elsif not v_job.active then
    problem := format('the job `%s` is not active', p_name);
    -- cron.schedule would leave it switched off.
    remedy := format('select cron.alter_job(%s, active => true)', v_job.jobid);
  end if;
end $function$;

create or replace function queues.joins_since (
  p_since timestamp with time zone,
  p_at    timestamp with time zone
)
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  -- A producer's clock that is ahead must not make simultaneous events look far apart.
  return p_since - greatest(interval '0', p_at - now());
end $function$;

create or replace function queues.keep_ids_fresh()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- The comparison costs more than a message. A session makes it once in this time, unless the sequence goes back.
  c_compared_for constant interval := interval '10 seconds';
  v_name text := substr(tg_table_name, 3);
  v_setting text := 'compared_ids.' || tg_table_name;
  v_compared text := nullif(current_setting(v_setting, true), '');
  v_last bigint := pg_sequence_last_value(tg_argv[0]::regclass);
begin
  if v_last >= split_part(v_compared, ' ', 1)::bigint
    and clock_timestamp() < to_timestamp(split_part(v_compared, ' ', 2)::float8) + c_compared_for then
    return null;
  end if;
  if queues.taken_id(v_name, coalesce(v_last, 0) + 1) is not null then
    perform queues.move_ids(v_name);
    v_last := pg_sequence_last_value(tg_argv[0]::regclass);
  end if;
  perform set_config(v_setting, concat(coalesce(v_last, 0), ' ', extract(epoch from clock_timestamp())), false);
  return null;
exception
  when others then
    -- A producer does not need a table that only this reads.
    raise warning 'the ids of pgmq.% were not compared: %', tg_table_name, sqlerrm;
    return null;
end $function$;

create or replace function queues.last_tick (
  OUT status text,
  OUT message text,
  OUT started_at timestamp with time zone
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  select r.status, left(r.return_message, 500), coalesce(r.start_time, r.end_time) into status, message, started_at
  from cron.job_run_details r join cron.job j using (jobid)
  where j.jobname = 'dispatch-queues'
  order by r.runid desc limit 1;
exception
  when undefined_table or invalid_schema_name or insufficient_privilege then
    -- pg_cron may be told to keep no records.
    return;
end $function$;

create or replace function queues.latency (
  p_queue text,
  p_since timestamp with time zone,
  OUT     p50_secs numeric,
  OUT     p95_secs numeric
)
  returns record
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  c_looked_at constant integer := 1000;
begin
  if to_regclass(format('pgmq.%I', 'a_' || p_queue)) is null then
    return;
  end if;
  execute format($sql$
    select round(p[1]::numeric, 3), round(p[2]::numeric, 3)
    from (
      select percentile_cont('{0.5,0.95}'::float8[]) within group (order by extract(epoch from archived_at - enqueued_at)) as p
      from (
        select archived_at, enqueued_at from pgmq.%I where archived_at > $1 order by archived_at desc limit $2
      ) a
    ) l
    $sql$, 'a_' || p_queue)
  into p50_secs, p95_secs using p_since, c_looked_at;
end $function$;

create or replace function queues.lease (
  p_settings  queues.settings,
  p_limit     integer,
  p_due_after timestamp with time zone,
  OUT         messages text,
  OUT         leased integer,
  OUT         expired integer,
  OUT         crashed jsonb
)
  returns record
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  -- The size of a reply, which PostgREST and the function hold in memory several times.
  c_claim_bytes constant integer := 4 * 1024 * 1024;
begin
  execute format($sql$
    with candidates as materialized (
      select msg_id, read_ct, enqueued_at, vt, message, coalesce(pg_column_size(message), 0) as stored_bytes
      from pgmq.%1$I
      where vt > $7 and vt <= $8
      order by vt
      limit $2
      for update skip locked
    ), judged as materialized (
      select c.*, f.failures, f.delivered, c.read_ct - coalesce(f.settlements, 0) as crashes,
        c.read_ct > 0 and f.settled_read_ct is distinct from c.read_ct as is_expired
      from candidates c
      left join queues.failures f on c.read_ct > 0 and f.queue = $1 and f.msg_id = c.msg_id
    ), worst as (
      select max(crashes) as crashes from judged where crashes < $3
    ), group_size as materialized (
      -- From p_limit without a crash down to one message at the last chance, in equal factors.
      select crashes, greatest(1, floor($2::float8 ^ (($3 - 1 - crashes) / ($3 - 1)::float8))) as messages from worst
    ), grouped as (
      select j.*, group_size.messages as group_size,
        row_number() over in_order as place,
        sum(stored_bytes) over in_order as stored_bytes_so_far
      from judged j
      join group_size using (crashes)
      window in_order as (order by vt, msg_id)
    ), written as materialized (
      select g.*,
        -- The text of a small body is kept for the reply; of a larger one only the size is kept.
        case when stored_bytes <= 2000 and pg_column_compression(message) is null then message::text end as text
      from grouped g
      where place <= group_size and stored_bytes_so_far - stored_bytes < $4
    ), weighed as materialized (
      select w.*, coalesce(octet_length(coalesce(text, message::text)), 4) as size_bytes
      from written w
    ), taken as (
      select * from (
        select w.*, sum(case when size_bytes <= $5 then size_bytes else 0 end) over (order by vt, msg_id) as bytes_so_far
        from weighed w
      ) w
      where place = 1 or bytes_so_far <= $4
    ), leased as (
      update pgmq.%1$I q
      -- Those whose leases expire keep their order.
      set vt = $6 + queues.spread(q.msg_id), read_ct = q.read_ct + 1
      from taken t
      where q.msg_id = t.msg_id
      returning q.msg_id, q.read_ct, q.vt, t.enqueued_at, t.failures, t.delivered, t.size_bytes, t.is_expired,
        case when t.size_bytes <= $5 then coalesce(t.text, t.message::text, 'null') end as text
    ), forgotten as (
      -- Of earlier messages that had the same ids. The range keeps this from reading the failures of others.
      delete from queues.failures f
      where f.queue = $1 and f.msg_id between (select min(msg_id) from leased) and (select max(msg_id) from leased)
        and f.msg_id in (select msg_id from leased where read_ct = 1)
    )
    select
      (select string_agg(
        concat(
          '{"msg_id":', msg_id, ',"read_ct":', read_ct, ',"enqueued_at":', to_json(enqueued_at), ',"vt":', to_json(vt),
          ',"failures":', coalesce(failures, 0), ',"size_bytes":', size_bytes,
          case when delivered <> '{}' then concat(',"delivered":', to_json(delivered)) end,
          case when text is null then ',"withheld":true' end,
          ',"message":', coalesce(text, 'null'), '}'),
        ',' order by msg_id) from leased),
      (select count(*) from leased),
      (select count(*) from leased where is_expired) + (select count(*) from judged where is_expired and crashes >= $3),
      (select jsonb_agg(jsonb_build_object('msg_id', msg_id, 'code', 'worker_crashed',
         'error', format('%%s workers ended while they held this message', crashes)))
       from judged where crashes >= $3)
    $sql$, 'q_' || p_settings.queue)
  into messages, leased, expired, crashed
  using p_settings.queue, p_limit, p_settings.max_crashes, c_claim_bytes, p_settings.max_message_bytes,
    clock_timestamp() + make_interval(secs => p_settings.visibility_timeout_secs),
    p_due_after, clock_timestamp();
end $function$;

create or replace function queues.letter_condition (
  p_filter jsonb
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_ids constant text := '^\[(\d{1,18}(, )?)+\]$';
  c_patterns constant jsonb := jsonb_build_object(
    'reason', '^"', 'error', '^"', 'field', '^"', 'older_than_secs', '^\d{1,9}$', 'newer_than_secs', '^\d{1,9}$',
    'min_attempts', '^\d{1,9}$', 'max_attempts', '^\d{1,9}$', 'msg_ids', c_ids, 'original_msg_ids', c_ids,
    'path', '^\[("([^"\\]|\\.)*"(, )?)+\]$', 'value', '');
  v_now timestamptz := clock_timestamp();
  v_bad record;
begin
  perform queues.check_keys('filter', p_filter, array(select jsonb_object_keys(c_patterns)));
  select key, pattern into v_bad
  from jsonb_each(p_filter) join jsonb_each_text(c_patterns) p (key, pattern) using (key)
  where value::text !~ pattern
  order by key limit 1;
  if found then
    perform queues.reject('filter.' || v_bad.key, 'has a wrong type', format('its JSON must match %s', v_bad.pattern));
  end if;
  if p_filter ? 'value' and not p_filter ? 'path' then
    perform queues.reject('filter.value', 'needs `path`', 'for example {"path": ["post_id"], "value": "…"}');
  end if;

  return concat_ws(' and ',
    -- Messages that somebody else sent to this queue are not dead letters.
    $c$jsonb_typeof(message) = 'object' and message ? 'message'$c$,
    case when p_filter ? 'reason' then format($c$message ->> 'reason' = %L$c$, p_filter ->> 'reason') end,
    case when p_filter ? 'error' then
      -- Codes and English text in any locale, other text as the locale of the database has it.
      format($c$(strpos(lower((message ->> 'error') collate "C"), lower(%1$L collate "C")) > 0
        or strpos(lower(message ->> 'error'), lower(%1$L)) > 0)$c$, p_filter ->> 'error') end,
    case when p_filter ? 'field' then format('queues.letter_field(message) = %L', p_filter ->> 'field') end,
    case when p_filter ? 'older_than_secs' then
      'enqueued_at <= ' || queues.time_literal(v_now - make_interval(secs => (p_filter ->> 'older_than_secs')::integer)) end,
    case when p_filter ? 'newer_than_secs' then
      'enqueued_at > ' || queues.time_literal(v_now - make_interval(secs => (p_filter ->> 'newer_than_secs')::integer)) end,
    case when p_filter ?| array['min_attempts', 'max_attempts'] then
      -- Compared as jsonb: what others sent to this queue may have any value there.
      format($c$jsonb_typeof(message -> 'attempts') = 'number' and message -> 'attempts' between %L::jsonb and %L::jsonb$c$,
        coalesce(p_filter -> 'min_attempts', '0'), coalesce(p_filter -> 'max_attempts', '999999999')) end,
    case when p_filter ? 'msg_ids' then
      format('msg_id = any(%L)', array(select jsonb_array_elements_text(p_filter -> 'msg_ids'))) end,
    case when p_filter ? 'original_msg_ids' then
      format($c$message -> 'msg_id' = any(%L::jsonb[])$c$,
        array(select jsonb_array_elements(p_filter -> 'original_msg_ids'))) end,
    case when p_filter ? 'path' then
      format($c$message -> 'message' #> %L %s$c$, array(select jsonb_array_elements_text(p_filter -> 'path')),
        case when p_filter ? 'value' then format('= %L', p_filter -> 'value') else 'is not null' end) end);
end $function$;

create or replace function queues.letter_field (
  p_letter jsonb
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return nullif(left(split_part(p_letter ->> 'error', '`', 2), 200), '');
end $function$;

create or replace function queues.letter_groups_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_read constant integer := 20000;
  c_groups constant integer := 50;
  c_chars constant integer := 200;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_by text := coalesce(queues.text_argument(p_arguments, 'by', '^(reason|field|path|age)$'), 'reason');
  v_path jsonb := coalesce(p_arguments -> 'path', '[]');
  v_condition text := queues.letter_condition(coalesce(p_arguments -> 'filter', '{}'));
  v_groups jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'by', 'path']);
  if v_by = 'path' then
    -- The path is checked as that of a filter is.
    perform queues.letter_condition(jsonb_build_object('path', v_path));
  end if;
  execute format($sql$
    with letters as materialized (
      select left(%2$s, $2) as value, enqueued_at
      from (select enqueued_at, message from pgmq.%1$I where %3$s order by msg_id desc limit $3) l
    ), groups as (
      select value, count(*) as letters, min(enqueued_at) as oldest, max(enqueued_at) as newest from letters group by value
    )
    select jsonb_build_object(
      'groups', (select coalesce(jsonb_agg(to_jsonb(g) order by g.letters desc, g.value), '[]')
        from (select * from groups order by letters desc, value limit $4) g),
      'different', (select count(*) from groups),
      'read', (select count(*) from letters))
    $sql$, 'q_' || v_queue || '_dlq',
    case v_by
      when 'reason' then $c$message ->> 'reason'$c$
      when 'field' then 'queues.letter_field(message)'
      when 'age' then $c$to_jsonb(date_trunc('hour', enqueued_at, 'UTC')) #>> '{}'$c$
      else $c$message -> 'message' #>> $1$c$ end,
    v_condition)
  into v_groups using array(select jsonb_array_elements_text(v_path)), c_chars, c_read, c_groups;
  return v_groups || jsonb_build_object('by', v_by, 'is_complete', (v_groups ->> 'read')::integer < c_read);
end $function$;

create or replace function queues.letters_gone (
  p_queue   text,
  p_msg_ids jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_looked_at constant integer := 1000;
  v_log record;
begin
  select l.action, l.at, p.username into v_log
  from (select * from queues.operator_log order by id desc limit c_looked_at) l left join public.profiles p on p.id = l.operator_id
  where l.queue = p_queue and l.action in ('redrive', 'redrive_edited', 'discard')
    and (l.arguments -> 'msg_id' <@ p_msg_ids or l.arguments #> '{filter,msg_ids}' @> p_msg_ids)
  order by l.id desc limit 1;
  raise sqlstate 'PT409' using
    message = case when v_log.action is null then 'the dead letter is not there any more: it was redriven or discarded'
      else format('the dead letter is not there any more: %s by %s at %s',
        case v_log.action when 'discard' then 'discarded' else 'redriven' end, coalesce(v_log.username, 'an operator'),
        to_jsonb(v_log.at) #>> '{}') end,
    detail = 'letter_gone', hint = 'look at the list again';
end $function$;

create or replace function queues.letters_taken_id (
  p_name text
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_taken bigint;
begin
  if to_regclass(format('pgmq.%I', 'q_' || p_name || '_dlq')) is null
    or to_regclass(format('pgmq.%I', 'a_' || p_name || '_dlq')) is null then
    return null;
  end if;
  execute format($sql$
    select max((message ->> 'msg_id')::bigint)
    from (select message from pgmq.%1$I union all select message from pgmq.%2$I) l
    where message ->> 'queue' = $1 and message ->> 'msg_id' ~ '^\d{1,18}$'
    $sql$, 'q_' || p_name || '_dlq', 'a_' || p_name || '_dlq')
  into v_taken using p_name;
  return v_taken;
end $function$;

create or replace function queues.like_count (
  p_likes numeric
)
  returns bigint
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- The largest number that every client reads as it is.
  c_largest constant bigint := 9007199254740991;
begin
  return case when p_likes between 0 and c_largest then p_likes::bigint end;
end $function$;

create or replace function queues.like_over_limit (
  p_post_id    uuid,
  p_session_id text,
  p_profile_id uuid,
  p_keys       queues.rate_limit_key[],
  p_wait       interval,
  p_defer      boolean
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_deferred json;
  v_likes bigint;
begin
  if p_defer then
    v_deferred := queues.defer_like(p_post_id, p_session_id, p_profile_id, p_wait);
    if v_deferred is not null then
      perform queues.count_call('like', 'deferred', p_keys);
      return v_deferred;
    end if;
  end if;
  perform queues.count_call('like', 'refused', p_keys);
  select queues.like_count(likes::numeric) into v_likes from public.posts_new where id = p_post_id;
  return json_build_object('success', false,
    'isLiked', queues.likes_post(p_post_id, p_session_id, p_profile_id), 'newLikeCount', coalesce(v_likes, 0),
    'error', 'Too many requests', 'code', 'rate_limited', 'retryAfter', queues.too_many_requests(p_wait));
end $function$;

create or replace function queues.like_owners (
  p_session_id text,
  p_profile_id uuid
)
  returns text[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return array_remove(array['person:' || p_profile_id, 'session:' || p_session_id], null);
end $function$;

create or replace function queues.likes_post (
  p_post_id    uuid,
  p_session_id text,
  p_profile_id uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return exists (
    select from public.post_ratings
    where post_id = p_post_id and (profile_id = p_profile_id or profile_id is null and session_id = p_session_id));
end $function$;

create or replace function queues.limit_health()
  returns table (
    action          text,
    allowed_60_min  bigint,
    refused_60_min  bigint,
    deferred_60_min bigint,
    reason          text,
    remedy          text
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_few_calls constant integer := 100;
  v_answers jsonb := queues.limited_calls(clock_timestamp() - interval '1 hour');
  v_header text := (select s.address_header from queues.rate_limit_settings s);
  v_limit queues.rate_limits;
  v_main record;
begin
  for v_limit in select l.* from queues.rate_limits l order by l.action loop
    action := v_limit.action;
    allowed_60_min := coalesce((v_answers #>> array[action, 'allowed'])::bigint, 0);
    refused_60_min := coalesce((v_answers #>> array[action, 'refused'])::bigint, 0);
    deferred_60_min := coalesce((v_answers #>> array[action, 'deferred'])::bigint, 0);
    reason := null;
    remedy := null;
    if not v_limit.enabled then
      reason := 'the limit is switched off';
      remedy := format('update queues.rate_limits set enabled = true where action = %L', action);
    elsif v_header is null then
      reason := 'addresses are not limited: a client may take another session id with each call';
      remedy := '`update queues.rate_limit_settings set address_header = ''cf-connecting-ip''`, or x-forwarded-for with '
        'trusted_proxies: whichever the platform sets';
    else
      select * into v_main from queues.main_address(action);
      if v_main.calls >= c_few_calls and 2 * v_main.calls > v_main.all_calls then
        reason := format('one address made most calls: %s of %s since the last housekeeping', v_main.calls, v_main.all_calls);
        remedy := 'if it is a server or a proxy that calls for many people: add it to '
          'queues.rate_limit_settings.exempt_addresses, or correct address_header and trusted_proxies';
      end if;
    end if;
    return next;
  end loop;
end $function$;

create or replace function queues.limited_calls (
  p_from timestamp with time zone default '-infinity'::timestamp with time zone,
  p_to   timestamp with time zone default 'infinity'::timestamp with time zone
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_object_agg(a.action, a.answers), '{}')
    from (
      select c.action, jsonb_object_agg(c.answer, c.calls) as answers
      from (
        select c.action, c.answer, sum(c.calls) as calls
        from (
          select h.hour as at, h.action, h.answer, h.calls from queues.rate_limit_hours h
          union all
          select m.minute, m.action, m.answer, m.calls from queues.rate_limit_calls m
        ) c
        where c.at >= p_from and c.at < p_to
        group by c.action, c.answer
      ) c
      group by c.action
    ) a);
end $function$;

create or replace function queues.limited_network (
  p_text   text,
  p_exempt inet[]
)
  returns inet
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- Not of the client, but of a proxy or server inside: RFC 1918, RFC 6598, loopback, link-local, unique local.
  c_private constant inet[] := array[
    '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16',
    '::/127', 'fc00::/7', 'fe80::/10']::inet[];
  v_text text := btrim(p_text);
  v_address inet;
begin
  -- With a port, as some proxies write it; IPv4 inside of IPv6.
  v_text := regexp_replace(v_text, '^\[([0-9a-fA-F:.]+)\](:\d+)?$', '\1');
  v_text := regexp_replace(v_text, '^(\d+\.\d+\.\d+\.\d+):\d+$', '\1');
  v_text := regexp_replace(v_text, '^::ffff:(\d+\.\d+\.\d+\.\d+)$', '\1', 'i');
  if v_text !~ '^[0-9a-fA-F:.]{2,45}$' then
    return null;
  end if;
  v_address := v_text::inet;
  if exists (select from unnest(c_private || p_exempt) excluded where v_address <<= excluded) then
    return null;
  end if;
  -- A network provider gives each customer at least 64 bits of IPv6.
  return case family(v_address) when 6 then network(set_masklen(v_address, 64)) else v_address end;
exception
  when invalid_text_representation then
    return null;
end $function$;

create or replace function queues.limits_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'limits', (
      select coalesce(jsonb_agg(to_jsonb(h) || to_jsonb(l) order by h.action), '[]')
      from queues.limit_health() h join queues.rate_limits l on l.action = h.action),
    'most_limited', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from queues.most_limited(50) m));
end $function$;

create or replace function queues.list_hidden_people (
  p_kind   text,
  p_limit  integer,
  p_before text
)
  returns json
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  v_self uuid := queues.person();
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.check_page(p_limit);
  if p_kind is null or p_kind not in ('block', 'mute') then
    perform queues.reject('p_kind', 'is neither block nor mute', 'pass one of them');
  end if;
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_before', p_before) c;
  select
    array_agg(json_build_object('id', h.hidden_id, 'username', n.names ->> h.hidden_id::text, 'since', h.since)
      order by h.since desc, h.hidden_id desc),
    array_agg(queues.cursor_of(h.since, h.hidden_id) order by h.since desc, h.hidden_id desc)
  into v_items, v_cursors
  from (
    select hidden_id, since from queues.hidden_people
    where person_id = v_self and kind = p_kind
      and (since, hidden_id) < (coalesce(v_at, 'infinity'), coalesce(v_id, uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by since desc, hidden_id desc
    limit p_limit + 1
  ) h
  cross join lateral queues.usernames(array[h.hidden_id]) n (names);
  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $function$;

create or replace function queues.list_reviews (
  p_limit integer,
  p_after text
)
  returns json
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.moderator();
  perform queues.check_page(p_limit);
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_after', p_after) c;
  select
    array_agg(json_build_object('opened_at', r.opened_at, 'comment_id', r.comment_id, 'post_id', r.post_id,
      'image_id', r.image_id,
      'evidence', case when r.image_id is null then queues.evidence(r.comment_id, r.post_id)
        else queues.image_evidence(r.image_id) end) order by r.opened_at, r.id),
    array_agg(queues.cursor_of(r.opened_at, r.id) order by r.opened_at, r.id)
  into v_items, v_cursors
  from (
    select * from queues.reviews
    where (opened_at, id) > (coalesce(v_at, '-infinity'), coalesce(v_id, uuid '00000000-0000-0000-0000-000000000000'))
    order by opened_at, id
    limit p_limit + 1
  ) r;
  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $function$;

create or replace function queues.local_time (
  p_time_zone text
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return to_char(clock_timestamp() at time zone coalesce(p_time_zone, 'UTC'), 'HH24:MI:SS');
exception
  when invalid_parameter_value then
    return to_char(clock_timestamp() at time zone 'UTC', 'HH24:MI:SS');
end $function$;

create or replace function queues.lock_groups (
  p_notifications jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- In the order of the keys, so that two settlements cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct
      hashtextextended('queues.notify', 0) # hashtextextended(concat_ws(' ', n.recipient_id, n."group"), 0) as key
    from jsonb_to_recordset(p_notifications) as n (recipient_id uuid, "group" text)
    order by key
  ) keys;
end $function$;

create or replace function queues.lock_keyed (
  p_key queues.message_keys
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_read_ct integer;
begin
  -- Claims skip a message that is locked: until this transaction ends, no worker begins with it. It then sees what the
  -- transaction changed.
  execute format('select read_ct from pgmq.%I where msg_id = $1 and enqueued_at = $2 for no key update', 'q_' || p_key.queue)
    into v_read_ct using p_key.msg_id, p_key.enqueued_at;
  -- A new statement: it must see what a settlement committed that the previous one waited for.
  return case
    when v_read_ct is null then 'not_found'
    when v_read_ct = 0 or exists (
      select from queues.failures f
      where f.queue = p_key.queue and f.msg_id = p_key.msg_id and f.settled_read_ct = v_read_ct) then 'waiting'
    else 'in_progress' end;
end $function$;

create or replace function queues.lock_like_owners (
  p_owners       text[],
  p_address_keys bigint[] default '{}'::bigint[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform pg_advisory_xact_lock(key)
  from (
    select hashtextextended('queues.deferred_likes', 0) # hashtextextended(owner, 0) as key from unnest(p_owners) owner
    union
    select hashtextextended('queues.deferred_likes', 0) # address_key from unnest(p_address_keys) address_key
    order by key
  ) keys
  where key is not null;
end $function$;

create or replace function queues.lock_notifications (
  p_notifications jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Otherwise a notification could be marked as read after an event has joined it and before it shows the event.
  -- In the order of the ids, as those that mark them as read lock them.
  perform from public.notifications
  where id = any(array(
    with events as materialized (
      select recipient_id, "group" as group_key, actor, queues.joins_since(since, at) as joins_since
      from jsonb_to_recordset(p_notifications) as e (
        recipient_id uuid, "group" text, actor text, since timestamptz, at timestamptz)
    )
    select n.id from events e
    join public.notifications n
      on n.recipient_id = e.recipient_id and n.group_key = e.group_key and n.created_at >= e.joins_since
    -- As queues.notification_events chooses them.
    where n.read_at is null or starts_with(e.actor, 'anonymous') is not false
    union
    select a.notification_id from events e
    join queues.notification_actors a
      on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor))
  order by id for no key update;
end $function$;

create or replace function queues.lock_rate_limit_keys (
  p_keys queues.rate_limit_key[]
)
  returns void
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  v_keys bigint[] := array(select distinct key from unnest(p_keys) order by key);
begin
  loop
    insert into queues.rate_limit_keys (key, free_at, action, kind)
    select distinct on (p.key) p.key, clock_timestamp(), p.action, p.kind from unnest(p_keys) p
    where not exists (select from queues.rate_limit_keys k where k.key = p.key)
    order by p.key
    on conflict do nothing;
    perform from queues.rate_limit_keys where key = any(v_keys) order by key for update;
    exit when (select count(*) from queues.rate_limit_keys where key = any(v_keys)) = cardinality(v_keys);
  end loop;
end $function$;

create or replace function queues.lock_recipients (
  p_notifications jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_wanted uuid[] := array(
    select distinct recipient_id from jsonb_to_recordset(p_notifications) as n (recipient_id uuid)
    where recipient_id is not null);
  v_held uuid[];
begin
  -- In the order of the ids, and before their notifications, as a deletion locks them.
  v_held := array(select id from public.profiles where id = any(v_wanted) order by id for key share);
  if cardinality(v_held) < cardinality(v_wanted) then
    perform queues.raise_gone(array(select unnest(v_wanted) except select unnest(v_held)));
  end if;
end $function$;

create or replace function queues.log_moderation (
  p_action  text,
  p_comment public.comments,
  p_actor   uuid,
  p_note    text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.moderation_log (
    action, actor_id, person_id, comment_id, post_id, revision, body, reasons, scores, model, note, opinion)
  values (p_action, p_actor, p_comment.author_id, p_comment.id, p_comment.post_id, p_comment.revision,
    case when p_action <> 'approved' then p_comment.body end, p_comment.reasons, p_comment.scores, p_comment.model, p_note,
    p_comment.opinion);
end $function$;

create or replace function queues.lost_leases (
  p_queue      text,
  p_settlement jsonb
)
  returns bigint[]
  language plpgsql
  set search_path to ''
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
declare
  v_msg_ids bigint[];
  v_read_cts integer[];
  v_held_msg_ids bigint[];
  v_held_read_cts integer[];
  v_lost bigint[];
begin
  select array_agg(msg_id order by msg_id), array_agg(read_ct order by msg_id) into v_msg_ids, v_read_cts
  from (
    select (lease ->> 0)::bigint, (lease ->> 1)::integer
    from (values ('acks'), ('releases')) k (key), jsonb_array_elements(p_settlement -> key) lease
    union all
    select (item ->> 'msg_id')::bigint, (item ->> 'read_ct')::integer
    from (values ('drops'), ('retries'), ('deferrals'), ('dead_letters')) k (key), jsonb_array_elements(p_settlement -> key) item
  ) named (msg_id, read_ct);

  execute format($sql$
    select array_agg(msg_id), array_agg(read_ct)
    from (select msg_id, read_ct from pgmq.%I where msg_id = any($1) order by msg_id for update) held
    $sql$, 'q_' || p_queue)
  into v_held_msg_ids, v_held_read_cts using v_msg_ids;

  -- A new statement: it must see what was committed by the transactions whose locks the previous one waited for.
  v_lost := array(
    select f.msg_id from queues.failures f
    join unnest(v_msg_ids, v_read_cts) named (msg_id, read_ct) on f.msg_id = named.msg_id
    where f.queue = p_queue and f.settled_read_ct = named.read_ct);

  -- The lists are nearly always equal.
  if v_held_msg_ids is distinct from v_msg_ids or v_held_read_cts is distinct from v_read_cts then
    if cardinality(v_msg_ids) <> (select count(distinct msg_id) from unnest(v_msg_ids) msg_id) then
      perform queues.reject('settlement', 'names a message twice', 'give each message one outcome');
    end if;
    v_lost := v_lost || array(
      select msg_id from (
        select * from unnest(v_msg_ids, v_read_cts) except select * from unnest(v_held_msg_ids, v_held_read_cts)
      ) l (msg_id, read_ct));
  end if;
  return array(select distinct msg_id from unnest(v_lost) msg_id order by msg_id);
end $function$;

create or replace function queues.main_address (
  p_action text,
  OUT      calls bigint,
  OUT      all_calls bigint
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  select max(k.calls) filter (where k.kind = 'address'), greatest(
    sum(k.calls) filter (where k.kind = 'session'), sum(k.calls) filter (where k.kind = 'person'))::bigint
  into calls, all_calls
  from queues.rate_limit_keys k where k.action = p_action;
end $function$;

create or replace function queues.mark_all_notifications_read (
  p_until timestamp with time zone
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_at_once constant integer := 10000;
  v_person uuid := queues.signed_in();
  -- Clients keep milliseconds of the times that they read, and must still mean the notification they read it from.
  v_before timestamptz := date_trunc('milliseconds', coalesce(p_until, now())) + interval '1 millisecond';
  v_ids uuid[];
  v_marked integer;
begin
  v_ids := array(
    select id from public.notifications
    where recipient_id = v_person and read_at is null and withdrawn_at is null and updated_at < v_before
    order by updated_at desc limit c_at_once);
  -- In the order of the ids, as settlements lock them.
  with unread as materialized (
    select n.id from unnest(v_ids) found (id)
    join public.notifications n on n.id = found.id
    where n.read_at is null and n.updated_at < v_before
    order by n.id for no key update of n
  )
  update public.notifications n set read_at = now() from unread where n.id = unread.id;
  get diagnostics v_marked = row_count;
  return v_marked;
end $function$;

create or replace function queues.mark_notifications_read (
  p_ids uuid[]
)
  returns integer
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.signed_in();
  v_id uuid;
  v_marked integer := 0;
begin
  if p_ids is null or cardinality(p_ids) > 1000 then
    raise sqlstate 'PT422' using
      message = '`p_ids` is not an array of at most 1000 ids', hint = 'mark_all_notifications_read() marks all';
  end if;
  -- In the order of the ids, as settlements lock them. One at a time by the primary key: for an array, Postgres may prefer
  -- to scan all unread notifications.
  for v_id in select distinct id from unnest(p_ids) asked (id) order by id loop
    update public.notifications set read_at = now()
    where id = v_id and recipient_id = v_person and read_at is null and withdrawn_at is null;
    v_marked := v_marked + case when found then 1 else 0 end;
  end loop;
  return v_marked;
end $function$;

create or replace function queues.measure (
  p_settings queues.settings
)
  returns queues.queue_health
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  m queues.queue_health;
begin
  m.queue := p_settings.queue;
  m.paused := p_settings.paused;
  m.workers_active := queues.active_workers(p_settings.queue);

  if queues.missing_tables(p_settings.queue) is null then
    select c.visible, c.in_flight, c.delayed, c.dead_letters, c.is_estimate, round(c.oldest_age_secs, 1)
    into m.visible, m.in_flight, m.delayed, m.dead_letters, m.is_estimate, m.oldest_age_secs
    from queues.count_messages(p_settings) c;
  end if;

  select
    coalesce(sum(processed) filter (where at > v_now - interval '1 minute'), 0)::bigint,
    coalesce(sum(processed) filter (where at > v_now - interval '5 minutes'), 0)::bigint,
    coalesce(sum(processed), 0)::bigint,
    coalesce(sum(failed) filter (where at > v_now - interval '1 minute'), 0)::bigint,
    coalesce(sum(failed) filter (where at > v_now - interval '5 minutes'), 0)::bigint,
    coalesce(sum(failed), 0)::bigint
  into m.processed_1_min, m.processed_5_min, m.processed_60_min, m.failed_1_min, m.failed_5_min, m.failed_60_min
  from (
    -- A message that a claim dead-letters also counts as an expired lease.
    select at, processed, retried + greatest(dead_lettered, expired) as failed
    from queues.settlements
    where queue = p_settings.queue and at > v_now - interval '1 hour' and at <= v_now
  ) s;
  m.failure_rate_1_min := round(m.failed_1_min::numeric / nullif(m.processed_1_min + m.failed_1_min, 0), 4);
  m.failure_rate_5_min := round(m.failed_5_min::numeric / nullif(m.processed_5_min + m.failed_5_min, 0), 4);
  m.failure_rate_60_min := round(m.failed_60_min::numeric / nullif(m.processed_60_min + m.failed_60_min, 0), 4);

  select round(p[1]::numeric, 3), round(p[2]::numeric, 3) into m.run_p50_secs, m.run_p95_secs
  from (
    select percentile_cont('{0.5,0.95}'::float8[]) within group (order by extract(epoch from finished_at - started_at)) as p
    from queues.runs
    where queue = p_settings.queue and last_seen_at > v_now - interval '1 hour' and finished_at is not null
  ) r;

  select last_failure ->> 'code', last_failure ->> 'error', (last_failure ->> 'at')::timestamptz
  into m.last_error_code, m.last_error, m.last_error_at
  from queues.settlements
  where queue = p_settings.queue and last_failure is not null
  order by at desc, id desc limit 1;

  m.failed_calls := coalesce((select failed_calls from queues.due where queue = p_settings.queue), 0);
  select outcome, error, requested_at into m.last_call_outcome, m.last_call_error, m.last_call_at
  from queues.dispatches
  where queue = p_settings.queue and outcome is not null and requested_at <= v_now
  order by requested_at desc, id desc limit 1;
  return m;
end $function$;

create or replace function queues.mentioned_people (
  p_body text
)
  returns uuid[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_mentions constant integer := 10;
  -- The bound of the index on names.
  c_name_chars constant integer := 100;
begin
  return array(
    select (array_agg(p.id))[1]
    from (
      select distinct rtrim(lower(m.parts[1]), '.') as name
      from regexp_matches(p_body, '(?:^|[^[:alnum:]_.@])@([^[:space:]@,;:!?()<>"''/\\]{1,100})', 'g') m (parts)
      limit c_mentions
    ) mentions
    cross join lateral (
      -- A name that two people have names neither.
      select id from public.profiles where lower(left(username::text, c_name_chars)) = mentions.name limit 2
    ) p
    where mentions.name <> ''
    group by mentions.name
    having count(*) = 1
    order by mentions.name);
exception
  -- An app may rename it: nobody is mentioned then.
  when undefined_column then
    return array[]::uuid[];
end $function$;

create or replace function queues.message_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- What a browser can show.
  c_bytes constant integer := 1024 * 1024;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_box text := coalesce(queues.text_argument(p_arguments, 'box', '^(queue|archive|dead_letters|discarded)$'), 'queue');
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_message jsonb;
  v_failures jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'box', 'msg_id']);
  execute format($sql$
    select jsonb_build_object('msg_id', msg_id, 'enqueued_at', enqueued_at, 'visible_at', vt, 'read_ct', read_ct,
      'headers', headers, 'size_bytes', octet_length(message::text), 'at', %2$s,
      'message', case when octet_length(message::text) <= $2 then message end)
    from pgmq.%1$I where msg_id = $1
    $sql$, queues.box_of(v_queue, v_box), case when v_box in ('archive', 'discarded') then 'archived_at' else 'null::timestamptz' end)
  into v_message using v_msg_id, c_bytes;
  if v_message is null then
    raise sqlstate 'PT404' using
      message = format('there is no message %s in `%s` of queue `%s`', coalesce(v_msg_id::text, 'null'), v_box, v_queue),
      detail = 'message_not_found', hint = 'it may have moved on: search for its id';
  end if;
  if v_box = 'queue' then
    select to_jsonb(f) - array['queue', 'msg_id'] into v_failures from queues.failures f
    where f.queue = v_queue and f.msg_id = v_msg_id;
  end if;
  return jsonb_build_object(
    'queue', v_queue, 'box', v_box, 'message', v_message, 'failures', v_failures,
    'history', (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'at', e.at, 'event', e.event, 'code', e.code, 'error', e.error, 'run_id', e.run_id)) order by e.at, e.place)
      from (
        select 0 as place, coalesce(queues.read_time(l.letter ->> 'enqueued_at'), (v_message ->> 'enqueued_at')::timestamptz) as at, 'sent' as event,
          null as code, null as error, null as run_id
        union all
        select n::integer, queues.read_time(h ->> 'at'),
          case h ->> 'code' when 'redriven' then 'redriven' when 'edited' then 'edited' else 'failed' end, h ->> 'code', h ->> 'error',
          h ->> 'run_id'
        from jsonb_array_elements(coalesce(v_failures -> 'history',
          case when jsonb_typeof(l.letter -> 'history') = 'array' then l.letter -> 'history' end)) with ordinality f (h, n)
        union all
        -- The time of a message is that when its transaction began.
        select 100, greatest((v_message ->> 'enqueued_at')::timestamptz, queues.read_time(l.letter ->> 'last_failed_at')), 'dead_lettered', l.letter ->> 'reason', l.letter ->> 'error',
          l.letter #>> '{history,-1,run_id}'
        where l.letter is not null
        union all
        select 101, (v_message ->> 'at')::timestamptz,
          case when v_box = 'discarded' then 'discarded' when v_message #> '{headers,dropped}' is not null then 'dropped' else 'processed' end,
          v_message #>> '{headers,dropped,code}', v_message #>> '{headers,dropped,error}',
          case when v_box = 'archive' then queues.acknowledged_by(v_queue, (v_message ->> 'at')::timestamptz)::text end
        where v_box in ('archive', 'discarded')
      ) e)
    )
  from (
    select case when v_box in ('dead_letters', 'discarded') and jsonb_typeof(v_message -> 'message') = 'object'
      then v_message -> 'message' end as letter
  ) l;
end $function$;

create or replace function queues.messages_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_body_chars constant integer := 500;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_box text := coalesce(queues.text_argument(p_arguments, 'box', '^(queue|archive|dead_letters|discarded)$'), 'queue');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_from bigint := queues.number_argument(p_arguments, 'from', null, 0, 999999999999999999)::bigint;
  v_items jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'box', 'limit', 'from']);
  -- What waits is looked at oldest first, what is done latest first.
  execute format($sql$
    select coalesce(jsonb_agg(to_jsonb(m)), '[]')
    from (
      select q.msg_id,
        case
          when %2$L <> 'queue' then %2$L
          when q.vt <= $2 then 'visible'
          when q.read_ct > 0 and f.settled_read_ct is distinct from q.read_ct then 'in_flight'
          else 'delayed'
        end as state,
        q.enqueued_at, q.vt as visible_at, q.read_ct, coalesce(f.failures, 0) as failures, f.last_error, q.headers,
        octet_length(q.message::text) as size_bytes, left(q.message::text, $5) as body %5$s
      from (select * from pgmq.%1$I where $3 is null or msg_id %3$s $3 order by msg_id %4$s limit $4 + 1) q
      left join queues.failures f on %2$L = 'queue' and f.queue = $1 and f.msg_id = q.msg_id
      order by q.msg_id %4$s
    ) m
    $sql$, queues.box_of(v_queue, v_box), v_box, case v_box when 'queue' then '>=' else '<=' end,
    case v_box when 'queue' then 'asc' else 'desc' end, case when v_box in ('archive', 'discarded') then ', q.archived_at' end)
  into v_items using v_queue, clock_timestamp(), v_from, v_limit, c_body_chars;
  return jsonb_build_object(
    'items', (select coalesce(jsonb_agg(i order by n), '[]') from jsonb_array_elements(v_items) with ordinality e (i, n) where n <= v_limit),
    'next', v_items -> v_limit -> 'msg_id');
end $function$;

create or replace function queues.metrics()
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return jsonb_build_object('queues', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'queue', h.queue,
      'gauges', jsonb_build_object(
        'visible', h.visible,
        'in_flight', h.in_flight,
        'delayed', h.delayed,
        'dead_letters', h.dead_letters,
        'oldest_age_secs', coalesce(h.oldest_age_secs, 0),
        'workers_active', h.workers_active,
        'failed_calls', h.failed_calls,
        'paused', h.paused::integer,
        'late', (h.verdict = 'late')::integer,
        'failing', (h.verdict = 'failing')::integer),
      'counters', queues.counters(h.queue)
    ) || queues.counted(h.queue) order by h.queue), '[]')
    from queues.health() h),
    'limits', queues.limited_calls(),
    'gauges', queues.read_gauges());
end $function$;

create or replace function queues.missing_tables (
  p_queue text
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select string_agg(name, ', ' order by name)
    from unnest(array['q_', 'a_']) kind, unnest(array['', '_dlq']) suffix, concat('pgmq.', kind, p_queue, suffix) name
    where to_regclass(name) is null);
end $function$;

create or replace function queues.moderate_image (
  p_image_id uuid,
  p_decision text,
  p_note     text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_moderator uuid := queues.moderator();
begin
  if length(p_note) > 500 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 500 characters.');
  end if;
  if exists (select from public.post_images where id = p_image_id and owner_id = v_moderator) then
    return queues.refuse_comment('own_image', 'Another moderator must decide about your own picture.');
  end if;
  if not queues.decide_image(p_image_id, p_decision, v_moderator, p_note) then
    return queues.refuse_comment('image_not_found', 'This picture does not exist any more, or has not been processed.');
  end if;
  return json_build_object('success', true, 'status', p_decision);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('image_processing', 'decide');
    return null;
end $function$;

create or replace function queues.moderator()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if not queues.is_moderator() then
    raise sqlstate 'PT403' using
      message = 'only moderators may do this', hint = 'the owner adds moderators to queues.moderators';
  end if;
  return queues.user_id();
end $function$;

create or replace function queues.most_limited (
  p_limit integer default 10
)
  returns table (
    action      text,
    kind        text,
    who         text,
    refused     bigint,
    deferred    bigint,
    percent     numeric,
    last_minute timestamp with time zone
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query
  select c.action, c.kind, lpad(to_hex(c.key), 16, '0'),
    coalesce(sum(c.calls) filter (where c.answer = 'refused'), 0)::bigint,
    coalesce(sum(c.calls) filter (where c.answer = 'deferred'), 0)::bigint,
    round(100 * sum(c.calls) / sum(sum(c.calls)) over (partition by c.action), 1),
    max(c.minute)
  from queues.rate_limit_calls c
  where c.answer <> 'allowed' and c.minute > clock_timestamp() - interval '1 hour'
  group by c.action, c.kind, c.key
  order by sum(c.calls) desc, c.action, c.key
  limit p_limit;
end $function$;

create or replace function queues.move_ids (
  p_name text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- So many ids that no producers use them up between two statements.
  c_far constant integer := 10000;
  v_next bigint;
  v_taken bigint;
begin
  -- One at a time, so that nobody moves it back. Sequences are not part of transactions, so this sees what others did.
  perform pg_advisory_xact_lock(hashtextextended('queues.move_ids', 0) # hashtextextended(p_name, 0));
  v_taken := greatest(
    queues.taken_id(p_name, queues.next_id(p_name)), queues.letters_taken_id(p_name),
    (select max(msg_id) from queues.failures where queue = p_name));
  -- Read last, as in taken_id.
  v_next := queues.next_id(p_name);
  if v_taken >= v_next then
    raise warning 'the ids of queue `%` began anew at %: they go on after %', p_name, v_next, v_taken;
    -- setval would move it back if producers have passed v_taken meanwhile; nextval only goes on.
    if v_taken - v_next < c_far then
      perform nextval(queues.sequence_of(p_name)) from generate_series(v_next, v_taken);
    else
      perform setval(queues.sequence_of(p_name), v_taken);
    end if;
  end if;
end $function$;

create or replace function queues.move_rate_limit_calls (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := date_trunc('minute', clock_timestamp()) - interval '1 hour';
  v_moved integer;
begin
  with old as (
    delete from queues.rate_limit_calls
    where ctid = any(array(
      select ctid from queues.rate_limit_calls where minute < v_before order by minute limit p_limit for update skip locked))
    returning minute, action, answer, calls
  ), moved as (
    insert into queues.rate_limit_hours as h (hour, action, answer, calls)
    select date_trunc('hour', minute, 'UTC') as hour, action, answer, sum(calls) from old
    group by hour, action, answer order by hour, action, answer
    on conflict (hour, action, answer) do update set calls = h.calls + excluded.calls
  )
  select count(*)::integer into v_moved from old;
  return v_moved;
end $function$;

create or replace function queues.move_upload (
  p_old_bucket text,
  p_old_path   text,
  p_bucket     text,
  p_path       text,
  p_size_bytes bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_owner uuid;
  v_post uuid;
begin
  select owner_id, post_id into v_owner, v_post from queues.read_upload_path(p_path);
  -- Within its post only the place of the upload has changed.
  update public.post_images set bucket = p_bucket, path = p_path
  where bucket = p_old_bucket and path = p_old_path and owner_id = v_owner and post_id = v_post;
  if found then
    delete from queues.upload_problems where bucket = p_old_bucket and path = p_old_path;
    return;
  end if;
  perform queues.abandon_upload(p_old_bucket, p_old_path);
  perform queues.add_upload(p_bucket, p_path, p_size_bytes);
end $function$;

create or replace function queues.mute_person (
  p_person uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.hide_person(p_person, 'mute');
end $function$;

create or replace function queues.name_drops (
  p_queue text,
  p_drops jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  execute format($sql$
    update pgmq.%I q
    set headers = case when jsonb_typeof(headers) = 'object' then headers else '{}' end
      || jsonb_build_object('dropped', jsonb_build_object('code', code, 'error', error))
    from jsonb_to_recordset($1) as d (msg_id bigint, code text, error text)
    where q.msg_id = d.msg_id
    $sql$, 'q_' || p_queue)
  using p_drops;
end $function$;

create or replace function queues.named_profiles (
  p_messages jsonb,
  p_field    text
)
  returns uuid[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- The forms of a uuid that the core accepts. In Turkish, the lower case of `URN:UUID` has another letter.
  c_uuid constant text := '^(?:urn:uuid:)?\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?$';
begin
  return array(
    select distinct substring(lower((m.item -> 'message' ->> p_field) collate "C") from c_uuid)::uuid
    from jsonb_array_elements(p_messages) m (item)
    where lower((m.item -> 'message' ->> p_field) collate "C") ~ c_uuid);
end $function$;

create or replace function queues.newest_mark (
  p_queue text
)
  returns queues.marks
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_trigger_oid oid;
  v_trigger_xmin xid;
  m queues.marks;
begin
  -- A replica has no tables that are not logged.
  if not pg_is_in_recovery() then
    select t.oid, t.xmin into v_trigger_oid, v_trigger_xmin from pg_catalog.pg_trigger t
    where t.tgrelid = to_regclass(format('pgmq.%I', 'q_' || p_queue)) and t.tgname = 'stay_above_mark' and t.tgenabled = 'A';
    -- One of this transaction is not committed: others do not see it and may write before it.
    select k.* into m from queues.marks k
    where k.queue = p_queue and k.written_by is distinct from pg_current_xact_id_if_assigned()
    order by k.n desc limit 1;
    if m.trigger_oid = v_trigger_oid and m.trigger_xmin = v_trigger_xmin
      and m.at between queues.started_at() and clock_timestamp()
    then
      return m;
    end if;
  end if;
  m := null;
  m.at := '-infinity';
  m.trigger_oid := v_trigger_oid;
  m.trigger_xmin := v_trigger_xmin;
  m.due_after := '-infinity';
  m.next_due_after := '-infinity';
  m.passed := '{}';
  return m;
end $function$;

create or replace function queues.next_id (
  p_name text
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_sequence regclass := queues.sequence_of(p_name);
  v_next bigint;
begin
  if v_sequence is null then
    raise sqlstate 'PT500' using
      message = format('the column msg_id of pgmq.%I is no identity any more, so messages get no ids', 'q_' || p_name),
      hint = format('alter table pgmq.%I alter column msg_id add generated always as identity; select queues.move_ids(%L)',
        'q_' || p_name, p_name);
  end if;
  execute format('select last_value + is_called::integer from %s', v_sequence) into v_next;
  return v_next;
end $function$;

create or replace function queues.note_failed_tick (
  p_queue text,
  p_error text
)
  returns void
  language plpgsql
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
begin
  raise warning '%', format('queue `%s` was not dispatched: %s', p_queue, p_error);
  update queues.due set last_error = left(p_error, 500) where queue = p_queue;
exception
  when others then
    raise warning '%', format('the error of queue `%s` was not recorded: %s', p_queue, sqlerrm);
end $function$;

create or replace function queues.note_storage_change()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
declare
  v_uploads text := (select uploads_bucket from queues.image_settings);
  v_old jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  v_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  v_was_upload boolean := coalesce(v_old ->> 'bucket_id' = v_uploads, false);
  v_is_upload boolean := coalesce(v_new ->> 'bucket_id' = v_uploads, false);
  v_size_bytes bigint := case when v_new #>> '{metadata,size}' ~ '^\d{1,18}$' then (v_new #>> '{metadata,size}')::bigint end;
begin
  if v_was_upload and not v_is_upload then
    if tg_op = 'DELETE' then
      perform queues.forget_upload(v_old ->> 'bucket_id', v_old ->> 'name');
    else
      perform queues.abandon_upload(v_old ->> 'bucket_id', v_old ->> 'name');
    end if;
  elsif v_was_upload and v_old ->> 'name' <> v_new ->> 'name' then
    perform queues.move_upload(v_uploads, v_old ->> 'name', v_uploads, v_new ->> 'name', v_size_bytes);
  elsif v_was_upload and v_is_upload
    and v_old -> 'version' is not distinct from v_new -> 'version'
    and v_old #> '{metadata,eTag}' is not distinct from v_new #> '{metadata,eTag}' then
    -- Only when it was last read, or what the app says about it.
    return null;
  elsif v_is_upload then
    perform queues.add_upload(v_uploads, v_new ->> 'name', v_size_bytes);
  end if;
  return null;
exception
  -- An error would fail the upload.
  when query_canceled or others then
    perform queues.record_upload_problem(
      coalesce(v_new ->> 'bucket_id', v_old ->> 'bucket_id'), coalesce(v_new ->> 'name', v_old ->> 'name'), sqlstate, sqlerrm);
    return null;
end $function$;

create or replace function queues.notes (
  p_queue        text,
  p_dead_letters bigint
)
  returns table (
    place  integer,
    reason text,
    remedy text
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return query
  select 1, format('workers cannot be called: %s', p.problem), p.remedy
  from queues.pg_net_problem() p where p.problem is not null
  union all
  select 2, format('%s: %s', p.problem, string_agg(j.purpose, ', ' order by j.name)), p.remedy
  from queues.jobs j, queues.job_problem(j.name) p
  where p.problem is not null group by p.problem, p.remedy
  union all
  select 3, queues.one_or_many(p_dead_letters, '%s message was given up', '%s messages were given up'),
    format('`select * from queues.dead_letters(%L)`, then queues.redrive or queues.discard', p_queue)
  where p_dead_letters > 0;
end $function$;

create or replace function queues.notification_context (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_profiles uuid[] := queues.named_profiles(p_messages, 'recipient_id');
  v_actors uuid[] := queues.named_profiles(p_messages, 'actor_profile_id');
begin
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object('coalesce_secs', coalesce_secs, 'email_delay_secs', email_delay_secs)
      from queues.notification_settings),
    'actors', queues.usernames(v_actors),
    'silenced', queues.silenced(v_profiles, v_actors),
    'recipients', (
      select coalesce(jsonb_object_agg(r.profile_id, jsonb_build_object(
        'language', r.language,
        'push_notifications', r.push_notifications,
        'email_notifications', r.email_notifications,
        'has_email', e.email is not null,
        'devices', queues.devices_of(r.profile_id, r.push_token),
        'quiet', r.quiet,
        'local_time', r.local_time)), '{}')
      from queues.recipients(v_profiles) r
      left join queues.email_addresses(v_profiles) e on e.profile_id = r.profile_id));
end $function$;

create or replace function queues.notification_events (
  p_notifications jsonb
)
  returns queues.notification_event[]
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return array(
    with events as materialized (
      select *
      from rows from (jsonb_to_recordset(p_notifications) as (
        recipient_id uuid, type text, "group" text, since timestamptz, actor text, actor_name text, at timestamptz,
        withdrawn boolean, title text, bodies text[], someone text, url text, data jsonb, deliveries jsonb
      )) with ordinality as e (
        recipient_id, type, group_key, since, actor, actor_name, at, is_withdrawn, title, bodies, someone, url, data,
        deliveries, place)
    ), latest as materialized (
      -- The latest event of each actor: an event that is taken back within the batch notifies nobody.
      select distinct on (recipient_id, group_key, actor) *,
        queues.joins_since(since, at) as joins_since
      from events
      order by recipient_id, group_key, actor, at desc, place
    ), routed as (
      select e.*, gen_random_uuid() as fresh_id,
        -- An actor is mentioned once, even if that notification was read.
        case when e.is_withdrawn or own.created_at >= e.joins_since then own.id else joined.id end as target_id
      from latest e
      left join queues.notification_actors a
        on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor
      left join public.notifications own on own.id = a.notification_id
      left join lateral (
        select n.id, n.read_at from public.notifications n
        where n.recipient_id = e.recipient_id and n.group_key = e.group_key and n.created_at >= e.joins_since
          -- An event whose actor is not known notifies once, whether that notification was read or not.
          and (n.read_at is null or starts_with(e.actor, 'anonymous') is not false)
        order by n.created_at desc limit 1
      ) joined on true
      -- An older event that is handled later changes nothing.
      where (a.at is null or a.at < e.at)
        and (e.actor is not null or (joined.id is null and e.is_withdrawn is not true))
    ), judged as (
      select *, is_withdrawn is not true and target_id is null as is_new from routed
    )
    select (
      place, recipient_id, type, group_key, actor, actor_name, at, coalesce(is_withdrawn, false), title, bodies, someone,
      url, data, deliveries,
      case when is_new then first_value(fresh_id) over (partition by recipient_id, group_key, is_new order by place)
        else target_id end,
      is_new)::queues.notification_event
    from judged);
end $function$;

create or replace function queues.notification_preferences()
  returns json
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.person();
begin
  return (
    select json_build_object(
      'language', p.language, 'time_zone', p.time_zone, 'quiet_from', p.quiet_from, 'quiet_until', p.quiet_until,
      'push_notifications', coalesce(p.push_notifications, true),
      'email_notifications', coalesce(p.email_notifications, true))
    from public.profiles p where p.id = v_person);
end $function$;

create or replace function queues.notifications_since()
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return (select clock_timestamp() - make_interval(days => retention_days) from queues.notification_settings);
end $function$;

create or replace function queues.notify (
  p_notifications jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_events queues.notification_event[];
  v_refreshed uuid[];
begin
  perform queues.check_notifications(p_notifications);
  perform queues.lock_recipients(p_notifications);
  perform queues.lock_groups(p_notifications);
  -- Separate statements, so that each sees what was committed before the previous lock was granted.
  perform queues.lock_notifications(p_notifications);
  v_events := queues.notification_events(p_notifications);

  perform queues.open_notifications(v_events);
  perform queues.record_actors(v_events);
  v_refreshed := queues.refresh_notifications(v_events);
  perform queues.add_deliveries(v_events);
  perform queues.broadcast_notifications(
    v_refreshed || array(select distinct notification_id from unnest(v_events) where is_new));
end $function$;

create or replace function queues.number_argument (
  p_arguments jsonb,
  p_key       text,
  p_default   numeric,
  p_min       numeric,
  p_max       numeric
)
  returns numeric
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if not p_arguments ? p_key or p_arguments -> p_key = 'null' then
    return p_default;
  end if;
  if jsonb_typeof(p_arguments -> p_key) <> 'number' or (p_arguments ->> p_key)::numeric not between p_min and p_max then
    perform queues.reject(p_key, format('is not a number between %s and %s', p_min, p_max), 'omit it for the default');
  end if;
  return (p_arguments ->> p_key)::numeric;
end $function$;

create or replace function queues.numbers_since()
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return clock_timestamp() - interval '30 days';
end $function$;

create or replace function queues.offences_of (
  p_person uuid,
  p_except uuid
)
  returns integer
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Bounds the work for somebody who comments all day.
  c_decisions constant integer := 500;
begin
  return (
    select count(*)::integer from (
      -- A moderator may have overruled the machine: the latest decision counts, also of a comment that was deleted since.
      select distinct on (comment_id) action
      from (
        select comment_id, action, at, id from queues.moderation_log
        where person_id = p_person and comment_id <> p_except and action in ('approved', 'flagged', 'rejected')
          and at > now() - (select make_interval(days => offence_window_days) from queues.comment_settings)
        order by at desc limit c_decisions
      ) recent
      order by comment_id, at desc, id desc
    ) latest
    where action = 'rejected');
end $function$;

create or replace function queues.one_or_many (
  p_count  bigint,
  p_one    text,
  p_many   text,
  VARIADIC p_more text[] default '{}'::text[]
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return format(case when p_count = 1 then p_one else p_many end, variadic p_count::text || p_more);
end $function$;

create or replace function queues.open_calls (
  p_queue text
)
  returns table (
    id           bigint,
    requested_at timestamp with time zone,
    is_waiting   boolean,
    is_answered  boolean,
    status_code  integer,
    timed_out    boolean,
    error_msg    text,
    content      text,
    run_id       uuid
  )
  language plpgsql
  stable
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  -- A batch that is under way may have begun a moment before the call was made.
  c_begun_earlier constant interval := interval '1 second';
  c_content_chars constant integer := 1000;
  v_open bigint[];
  v_since timestamptz;
  v_waiting bigint[] := array[]::bigint[];
  v_answers jsonb := jsonb_build_array();
begin
  select array_agg(d.request_id), min(d.requested_at) - c_begun_earlier into v_open, v_since
  from queues.dispatches d where d.queue = p_queue and d.outcome is null;
  if v_open is null then
    return;
  end if;
  begin
    select coalesce(array_agg(q.id), '{}') into v_waiting
    from net.http_request_queue q
    -- After a crash of the database, pg_net counts from 1 again: the request may be somebody else's.
    where q.id = any(v_open) and strpos(q.url, '/functions/v1/') > 0;
    -- The responses have an index on `created` only.
    with found as materialized (
      select r.id, r.created, r.status_code, r.timed_out, r.error_msg, left(r.content, c_content_chars) as content
      from net._http_response r
      where r.created >= v_since and r.id = any(v_open)
    )
    select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'status_code', f.status_code, 'timed_out', f.timed_out,
      'error_msg', f.error_msg, 'content', f.content)), '[]') into v_answers
    from queues.dispatches d
    join found f on f.id = d.request_id and f.created >= d.requested_at - c_begun_earlier
    where d.queue = p_queue and d.outcome is null;
  exception
    when undefined_table or invalid_schema_name then
      -- Without pg_net there is no answer. queues.pg_net_problem says so.
      v_waiting := array[]::bigint[];
      v_answers := jsonb_build_array();
  end;

  return query
  select distinct on (d.id) d.id, d.requested_at, a.id is null and d.request_id = any(v_waiting), a.id is not null, a.status_code,
    coalesce(a.timed_out, false), a.error_msg, a.content,
    case when a.status_code between 200 and 299 then
      substring(a.content from '"runId" *: *"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')::uuid end
  from queues.dispatches d
  left join jsonb_to_recordset(v_answers) as a (
    id bigint, status_code integer, timed_out boolean, error_msg text, content text) on a.id = d.id
  where d.queue = p_queue and d.outcome is null
  order by d.id;
end $function$;

create or replace function queues.open_notifications (
  p_events queues.notification_event[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into public.notifications (
    id, recipient_id, type, group_key, title, body, url, data, actor_count, created_at, updated_at)
  select n.notification_id, n.recipient_id, n.type, n.group_key, n.title,
    queues.phrase(n.bodies, n.actors, coalesce(n.actor_name, n.someone)),
    n.url, n.data, n.actors, now(), now()
  from (
    select distinct on (notification_id) *, (count(*) over (partition by notification_id))::integer as actors
    from unnest(p_events) where is_new
    order by notification_id, at desc, place
  ) n
  -- In this order, the foreign key locks recipients without a deadlock.
  order by n.recipient_id, n.notification_id;
end $function$;

create or replace function queues.open_review (
  p_comment uuid,
  p_post    uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.reviews (comment_id, post_id) values (p_comment, p_post) on conflict do nothing;
end $function$;

create or replace function queues.open_writers (
  p_queue text
)
  returns text[]
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return array(
    select distinct l.virtualtransaction from pg_catalog.pg_locks l
    where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.granted
      and l.relation = to_regclass(format('pgmq.%I', 'q_' || p_queue))
      and l.database = (select oid from pg_catalog.pg_database where datname = current_database()));
end $function$;

create or replace function queues.operate (
  p_action    text,
  p_arguments jsonb,
  p_dry_run   boolean
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '3s'
  AS $function$
declare
  -- What an edited message may have, and a list of the ids of 10000.
  c_bytes constant integer := 1024 * 1024;
  v_operator uuid := queues.operator();
  v_function regproc := queues.console_function('action', p_action);
  v_result jsonb;
begin
  if jsonb_typeof(p_arguments) is distinct from 'object' then
    perform queues.reject('p_arguments', 'is not an object', 'docs/operate.md lists the arguments of each action');
  end if;
  if octet_length(p_arguments::text) > c_bytes then
    perform queues.reject('p_arguments', format('has more than %s bytes', c_bytes), 'act on fewer messages at once');
  end if;

  -- A dry run does it and takes it back, so that it cannot say anything else than the action does.
  begin
    execute format('select %s($1)', v_function) into v_result using p_arguments;
    if p_dry_run is distinct from false then
      raise sqlstate 'QUNDO' using message = 'a dry run';
    end if;
  exception
    when sqlstate 'QUNDO' then
      return v_result || jsonb_build_object('action', p_action, 'dry_run', true);
  end;

  insert into queues.operator_log (operator_id, action, queue, arguments, affected, result)
  values (v_operator, p_action, p_arguments ->> 'queue', p_arguments, (v_result ->> 'affected')::bigint, v_result - 'affected');
  return v_result || jsonb_build_object('action', p_action, 'dry_run', false);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise sqlstate 'PT409' using
      message = format('the action `%s` waits for a lock of another transaction: nothing was changed', left(p_action, 64)),
      hint = 'repeat the same call';
end $function$;

create or replace function queues.operator()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_id uuid := (select profile_id from queues.operators where profile_id = queues.user_id());
begin
  if v_id is null then
    raise sqlstate 'PT403' using
      message = 'only operators may do this', detail = 'not_an_operator',
      hint = 'the owner adds operators to queues.operators';
  end if;
  return v_id;
end $function$;

create or replace function queues.operator_page (
  p_page      text,
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  set lock_timeout to '2s'
  AS $function$
declare
  v_page jsonb;
begin
  perform queues.operator();
  execute format('select %s($1)', queues.console_function('page', p_page)) into v_page using coalesce(p_arguments, '{}');
  return v_page || jsonb_build_object('now', clock_timestamp());
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise sqlstate 'PT409' using
      message = format('the page `%s` waits for a lock of another transaction', left(p_page, 64)), hint = 'repeat the same call';
end $function$;

create or replace function queues.opinion_context (
  p_messages jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_settings queues.comment_settings;
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
begin
  select * into v_settings from queues.comment_settings;
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object(
        'provider', v_settings.opinion_provider,
        'bounds', jsonb_build_object(
          'approve_below', v_settings.opinion_approve_below, 'reject_from', v_settings.opinion_reject_from),
        'max_age_secs', v_settings.opinion_max_age_secs,
        'breaker_failures', breaker_failures, 'breaker_base_secs', breaker_base_secs, 'breaker_cap_secs', breaker_cap_secs)
      from queues.notification_settings),
    'comments', (
      select coalesce(jsonb_object_agg(c.id, jsonb_build_object(
        'revision', c.revision,
        'body', c.body,
        'age_secs', greatest(0, extract(epoch from clock_timestamp() - c.decided_at))::integer,
        'author', jsonb_build_object('age_secs', null, 'offences', queues.offences_of(c.author_id, c.id)))), '{}')
      from public.comments c where c.id = any(v_ids) and c.status = 'flagged'),
    'breakers', queues.breakers_for(array_remove(array[v_settings.opinion_provider], null)));
end $function$;

create or replace function queues.opinion_dead_letters (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.tell_without_opinion(
    array_agg((queues.named_profiles(jsonb_build_array(m), 'comment_id'))[1]), array_agg(m -> 'message' ->> 'revision'))
  from jsonb_array_elements(p_messages) m;
end $function$;

create or replace function queues.opinions_of_last_hour()
  returns table (
    provider text,
    given    bigint,
    failed   bigint,
    unneeded bigint
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_uuid constant text := '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$';
  v_since timestamptz := clock_timestamp() - interval '1 hour';
begin
  return query
  with ended as (
    select case when a.message ->> 'comment_id' ~ c_uuid then (a.message ->> 'comment_id')::uuid end as comment_id,
      a.message ->> 'revision' as revision
    from pgmq.a_comment_opinions a where a.archived_at > v_since
  ), numbers as (
    select c.opinion ->> 'provider' as asked, count(*) filter (where c.opinion is not null) as given, 0::bigint as failed,
      count(*) filter (where c.opinion is null) as unneeded
    from ended e
    left join public.comments c on c.id = e.comment_id and c.revision::text = e.revision
    group by 1
    union all
    select null, 0, count(*), 0 from pgmq.q_comment_opinions_dlq q where q.enqueued_at > v_since
  )
  -- A question does not say who was to answer it.
  select coalesce(n.asked, s.opinion_provider), sum(n.given)::bigint, sum(n.failed)::bigint, sum(n.unneeded)::bigint
  from numbers n cross join queues.comment_settings s
  group by 1;
end $function$;

create or replace function queues.orphaned_leases (
  p_settings queues.settings
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_counted constant integer := 10000;
  c_shown constant integer := 20;
  v_silent_since timestamptz := queues.silent_since();
  v_expired integer;
begin
  execute format($sql$
    select count(*) from (
      select from (select msg_id, read_ct from pgmq.%I where vt <= clock_timestamp() and read_ct > 0 order by vt limit $2) q
      where not exists (
        select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct)
    ) e
    $sql$, 'q_' || p_settings.queue)
  into v_expired using p_settings.queue, c_counted;
  return jsonb_build_object('expired', v_expired, 'runs', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'run_id', r.id, 'started_at', r.started_at, 'last_seen_at', r.last_seen_at, 'held', r.held,
      'ends_at', r.last_seen_at + make_interval(secs => p_settings.visibility_timeout_secs)) order by r.last_seen_at desc), '[]')
    from (
      select id, started_at, last_seen_at, claimed - processed - retried - deferred - dead_lettered - released - lost as held
      from queues.runs
      where queue = p_settings.queue and finished_at is null and last_seen_at < v_silent_since
        and last_seen_at > clock_timestamp() - make_interval(secs => p_settings.visibility_timeout_secs)
      order by last_seen_at desc limit c_shown
    ) r where r.held > 0));
end $function$;

create or replace function queues.overview_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_minute constant integer := 60;
  v_now timestamptz := clock_timestamp();
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'queues', (
      select coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object(
        'function_name', s.function_name, 'max_workers', s.max_workers,
        'last_hour', queues.series(h.queue, v_now - interval '1 hour', c_minute)) order by h.queue), '[]')
      from queues.health() h join queues.settings s on s.queue = h.queue),
    'providers', (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from queues.delivery_health() d),
    'alerts', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.raised_at desc), '[]') from queues.alerts a where a.over_at is null),
    'comments', (select to_jsonb(c) from queues.comment_health() c),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', j.name, 'schedule', j.schedule, 'purpose', j.purpose, 'problem', p.problem, 'remedy', p.remedy)
        order by j.name), '[]')
      from queues.jobs j, queues.job_problem(j.name) p),
    'last_tick', (select to_jsonb(t) from queues.last_tick() t),
    -- Without the key and the address themselves.
    'calls', (select jsonb_build_object('problem', a.problem, 'remedy', a.remedy) from queues.project_access() a));
end $function$;

create or replace function queues.own_details (
  p_comment uuid
)
  returns json
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return (
    select json_build_object(
      'reasons', c.reason_codes, 'note', c.note, 'by_moderator', c.was_decided_by_a_moderator,
      'may_appeal', c.status = 'rejected' and not exists (select from queues.appeals a where a.comment_id = c.id))
    from public.comments c
    where c.id = p_comment and c.author_id = queues.user_id());
end $function$;

create or replace function queues.pause (
  p_queue text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform queues.settings_of(p_queue);
  update queues.settings set paused = true where queue = p_queue;
end $function$;

create or replace function queues.pause_queue (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_was_paused boolean := (select paused from queues.settings where queue = v_queue for no key update);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue']);
  perform queues.pause(v_queue);
  return jsonb_build_object('affected', (not v_was_paused)::integer, 'was_paused', v_was_paused);
end $function$;

create or replace function queues.peek (
  p_queue text,
  p_limit integer default 20
)
  returns table (
    msg_id      bigint,
    state       text,
    enqueued_at timestamp with time zone,
    visible_at  timestamp with time zone,
    read_ct     integer,
    failures    integer,
    last_error  text,
    size_bytes  integer,
    body        text
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_body_chars constant integer := 500;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query execute format($sql$
    select q.msg_id,
      case
        when q.vt <= $2 then 'visible'
        when q.read_ct > 0 and f.settled_read_ct is distinct from q.read_ct then 'in_flight'
        else 'delayed'
      end,
      q.enqueued_at, q.vt, q.read_ct, coalesce(f.failures, 0), f.last_error,
      octet_length(q.message::text), left(q.message::text, $4)
    from (select * from pgmq.%I order by msg_id limit $3) q
    left join queues.failures f on f.queue = $1 and f.msg_id = q.msg_id
    order by q.msg_id
    $sql$, 'q_' || p_queue)
  using p_queue, clock_timestamp(), p_limit, c_body_chars;
end $function$;

create or replace function queues.person()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_profile_id uuid := (select id from public.profiles where id = queues.user_id());
begin
  if v_profile_id is null then
    raise sqlstate 'PT403' using
      message = 'only people with a profile may do this',
      hint = 'sign in with Supabase Auth, and insert a row with your user id into profiles';
  end if;
  return v_profile_id;
end $function$;

create or replace function queues.person_evidence (
  p_person uuid
)
  returns json
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select json_build_object(
      'id', p.id, 'username', queues.usernames(array[p.id]) ->> p.id::text,
      'age_secs', (select age_secs from queues.account_ages(array[p.id])),
      'offences', queues.offences_of(p.id, uuid '00000000-0000-0000-0000-000000000000'),
      'limited_until', nullif(r.limited_until, '-infinity'), 'banned_until', nullif(r.banned_until, '-infinity'))
    from public.profiles p left join queues.restrictions r on r.profile_id = p.id
    where p.id = p_person);
end $function$;

create or replace function queues.pg_net_problem (
  OUT problem text,
  OUT remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    problem := 'pg_net is not enabled';
    remedy := 'create extension pg_net';
  elsif to_regclass('net.http_request_queue') is null or to_regclass('net._http_response') is null then
    problem := 'tables of pg_net are missing';
    remedy := 'drop extension pg_net cascade; create extension pg_net';
  end if;
end $function$;

create or replace function queues.phrase (
  p_bodies text[],
  p_actors integer,
  p_name   text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  -- The name last, so that nothing in it is replaced.
  return replace(
    replace(p_bodies[least(p_actors, cardinality(p_bodies))], '{others}', (p_actors - 1)::text), '{name}', coalesce(p_name, ''));
end $function$;

create or replace function queues.place_argument (
  p_arguments  jsonb,
  p_key        text,
  p_id_pattern text,
  OUT          at timestamp with time zone,
  OUT          id text
)
  returns record
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  v_place text := queues.text_argument(p_arguments, p_key);
  v_parts text[] := regexp_match(v_place, format('^(\d{1,17})\.(%s)$', p_id_pattern));
begin
  if v_place is not null and v_parts is null then
    perform queues.reject(p_key, 'is not a place in this list', 'pass the `next` of the previous page, or nothing for the first');
  end if;
  at := timestamptz '1970-01-01 00:00:00Z' + v_parts[1]::bigint * interval '1 microsecond';
  id := v_parts[2];
end $function$;

create or replace function queues.place_of (
  p_at timestamp with time zone,
  p_id text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return format('%s.%s', (extract(epoch from p_at) * 1000000)::bigint, p_id);
end $function$;

create or replace function queues.post_alert (
  p_message jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_timeout_ms constant integer := 10000;
  v_body jsonb := p_message -> 'message';
  v_at text := extract(epoch from clock_timestamp())::bigint::text;
  v_access record;
  v_request_id bigint;
begin
  select * into v_access from queues.alert_access();
  if v_access.problem is null then
    begin
      v_request_id := net.http_post(
        url => v_access.url,
        -- pg_net sends the text of this value, which is what is signed.
        body => v_body,
        headers => jsonb_build_object(
          'Content-Type', 'application/json', 'webhook-id', v_body ->> 'id', 'webhook-timestamp', v_at,
          'webhook-signature', 'v1,' || translate(encode(queues.hmac_sha256(
            format('%s.%s.%s', v_body ->> 'id', v_at, v_body), v_access.key), 'base64'), E'\n', '')),
        timeout_milliseconds => c_timeout_ms);
    exception
      when others then
        v_access.problem := format('pg_net refused the call (%s)', sqlerrm);
        v_access.remedy := 'check queues.alert_settings.webhook_url';
    end;
  end if;
  if v_access.problem is not null then
    perform queues.settle_alert((p_message ->> 'msg_id')::bigint, (p_message ->> 'read_ct')::integer,
      (p_message ->> 'failures')::integer, 'webhook_not_called', format('%s: %s', v_access.problem, v_access.remedy));
    return;
  end if;
  insert into queues.alert_requests (msg_id, read_ct, failures, request_id)
  values ((p_message ->> 'msg_id')::bigint, (p_message ->> 'read_ct')::integer, (p_message ->> 'failures')::integer, v_request_id)
  on conflict (msg_id) do update set
    read_ct = excluded.read_ct, failures = excluded.failures, request_id = excluded.request_id, requested_at = excluded.requested_at;
end $function$;

create or replace function queues.post_comment (
  p_post_id   uuid,
  p_body      text,
  p_parent_id uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_author uuid := queues.person();
  v_problem text := queues.body_problem(p_body);
  v_refused json;
  v_owner uuid;
  v_parent public.comments;
  v_comment public.comments;
begin
  if v_problem is not null then
    return queues.refuse_comment('invalid_body', v_problem);
  end if;
  v_refused := queues.restriction_of(v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  perform from public.posts_new where id = p_post_id for key share;
  if not found then
    return queues.refuse_comment('post_not_found', 'This post does not exist any more.');
  end if;
  v_owner := (select owner_id from queues.post_details(p_post_id));
  if p_parent_id is not null then
    select * into v_parent from public.comments where id = p_parent_id and post_id = p_post_id and status = 'approved'
    for key share;
    -- Who is blocked learns no more than that.
    if not found or queues.are_apart(v_author, v_parent.author_id) then
      return queues.refuse_comment('comment_not_found', 'The comment that you answer does not exist any more.');
    end if;
  end if;
  if queues.are_apart(v_author, v_owner) then
    return queues.refuse_comment('post_not_found', 'This post does not exist any more.');
  end if;
  -- Last, so that no limit stays locked while a post or a comment is waited for.
  v_refused := queues.charge_person('comment', v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  -- Threads have two levels: who answers a reply joins its thread.
  insert into public.comments (post_id, author_id, parent_id, reply_to, body)
  values (p_post_id, v_author, coalesce(v_parent.parent_id, v_parent.id), v_parent.author_id, p_body)
  returning * into v_comment;
  perform queues.send_to_moderation(v_comment.id);
  return queues.comment_answer(v_comment);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'post');
    return null;
end $function$;

create or replace function queues.post_details (
  p_post_id uuid,
  OUT       owner_id uuid,
  OUT       caption text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Notifications quote the caption. A longer one could make a message too large for its queue.
  c_caption_chars constant integer := 2200;
  v_post jsonb;
begin
  select p.profile_id, left(p.caption::text, c_caption_chars) into owner_id, caption
  from public.posts_new p where p.id = p_post_id;
exception
  -- An app may rename these columns, or change their types: likes and comments go on, with what is left.
  when undefined_column or datatype_mismatch or invalid_text_representation then
    select to_jsonb(p) into v_post from public.posts_new p where p.id = p_post_id;
    owner_id := case when v_post ->> 'profile_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (v_post ->> 'profile_id')::uuid end;
    caption := left(v_post ->> 'caption', c_caption_chars);
end $function$;

create or replace function queues.post_not_found()
  returns json
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return json_build_object('success', false, 'isLiked', false, 'newLikeCount', 0,
    'error', 'This post does not exist any more.', 'code', 'post_not_found');
end $function$;

create or replace function queues.project_access (
  OUT url text,
  OUT key text,
  OUT problem text,
  OUT remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_update constant text := 'select vault.update_secret((select id from vault.secrets where name = %L), %L)';
  v_secret record;
begin
  select p.problem, p.remedy into problem, remedy from queues.pg_net_problem() p;
  if problem is not null then
    return;
  end if;

  -- A problem is told without the value: somebody may have mixed up the two secrets.
  select * into v_secret from queues.read_secret('queues_project_url');
  url := rtrim(v_secret.secret, '/');
  if url is null then
    problem := v_secret.problem;
    remedy := v_secret.remedy;
    return;
  elsif url !~* '^https?://[a-z0-9.:_\[\]-]+(/[!-~]*)?$' then
    problem := 'the secret `queues_project_url` is not a URL that begins with https://';
    remedy := format(c_update, 'queues_project_url', 'https://….supabase.co');
    return;
  end if;

  select * into v_secret from queues.read_secret('queues_secret_key');
  key := v_secret.secret;
  if key is null then
    problem := v_secret.problem;
    remedy := v_secret.remedy;
  elsif key !~ '^[!-~]+$' then
    problem := 'the secret `queues_secret_key` contains characters that no key has';
    remedy := format(c_update, 'queues_secret_key', 'sb_secret_…');
  end if;
end $function$;

create or replace function queues.provider_remedy (
  p_provider text,
  p_service  text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if p_service <> '' then
    return format(
      'this push service refuses the signature: see that VAPID_SUBJECT is an address that exists (Apple refuses localhost), '
      'then `select queues.close_breaker(%L, %L)`. Other push services are not affected', p_provider, p_service);
  end if;
  return format(
    'correct %s with `supabase secrets set`, then `select queues.close_breaker(%L)`',
    case p_provider
      when 'fcm' then 'the secret FCM_SERVICE_ACCOUNT (a service account''s key that may send messages of its project)'
      when 'apns' then 'the secrets APNS_PRIVATE_KEY, APNS_KEY_ID, APNS_TEAM_ID and APNS_TOPIC (one key of one team)'
      when 'web_push' then 'the secrets VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT (the pair that browsers subscribed with)'
      when 'resend' then 'the secrets RESEND_API_KEY and EMAIL_FROM (an address of a verified domain)'
      when 'sendgrid' then 'the secrets SENDGRID_API_KEY and EMAIL_FROM (a verified sender)'
      when 'openai' then 'the secret OPENAI_API_KEY (a key whose project may use moderations, with credit)'
      when 'http' then 'the secrets MODERATION_URL and MODERATION_SECRET'
      else 'its secrets' end,
    p_provider);
end $function$;

create or replace function queues.prune (
  p_task  queues.housekeeping,
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_function regproc := queues.registered_function(p_task.kind, p_task.key, p_task.function);
  v_removed integer;
begin
  if p_task.kind = 'prune_queue' then
    execute format('select %s($1, $2)', v_function) into v_removed using p_queue, p_limit;
  else
    execute format('select %s($1)', v_function) into v_removed using p_limit;
  end if;
  return coalesce(v_removed, 0);
end $function$;

create or replace function queues.prune_alerts (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  delete from queues.alerts where id = any(array(
    select id from queues.alerts where raised_at < v_before and over_at is not null order by raised_at limit p_limit
    for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_archive (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.prune_archived(p_queue, '', p_limit);
end $function$;

create or replace function queues.prune_archived (
  p_queue  text,
  p_suffix text,
  p_limit  integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_archive text := concat('a_', p_queue, p_suffix);
  v_retention_days integer := (select retention_days from queues.settings where queue = p_queue);
  v_removed integer := 0;
begin
  if v_retention_days is not null and to_regclass('pgmq.' || v_archive) is not null then
    execute format($sql$
      delete from pgmq.%1$I where msg_id = any(array(
        select msg_id from pgmq.%1$I where archived_at < $1 order by archived_at limit $2 for update skip locked))
      $sql$, v_archive)
    using clock_timestamp() - make_interval(days => v_retention_days), p_limit;
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $function$;

create or replace function queues.prune_breakers (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_kept constant interval := interval '1 day';
  v_removed integer;
begin
  delete from queues.circuit_breakers
  where (provider, service) in (
    select provider, service from queues.circuit_breakers
    where service <> '' and updated_at < clock_timestamp() - c_kept and (open_until < clock_timestamp()) is not false
    limit p_limit for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_cleanups (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  delete from queues.cleanups
  where id = any(array(
    select id from queues.cleanups where finished_at < v_before order by id limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_dead_letter_archive (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return queues.prune_archived(p_queue, '_dlq', p_limit);
end $function$;

create or replace function queues.prune_deferred_likes (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_kept constant interval := interval '7 days';
  v_old timestamptz := clock_timestamp() - c_kept;
  v_removed integer;
begin
  delete from queues.deferred_likes where id = any(array(
    select id from queues.deferred_likes where kept_at < v_old order by kept_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_dispatches (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer;
begin
  with removed as (
    delete from queues.dispatches
    where id = any(array(
      select id from queues.dispatches
      where queue = p_queue and requested_at < v_before and outcome is not null
      order by requested_at limit p_limit for update skip locked))
    returning outcome as label
  ), kept as (
    insert into queues.totals as t (queue, counted, label, rows)
    select p_queue, 'dispatches', label, count(*) from removed group by label
    on conflict (queue, counted, label) do update set rows = t.rows + excluded.rows
  )
  select count(*)::integer into v_removed from removed;
  return v_removed;
end $function$;

create or replace function queues.prune_failures (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_table text := 'q_' || p_queue;
  v_removed integer;
begin
  execute format($sql$
    delete from queues.failures
    where queue = $1 and msg_id = any(array(
      select msg_id from queues.failures f where queue = $1 %s limit $2 for update skip locked))
    $sql$, case when to_regclass(format('pgmq.%I', v_table)) is not null then
      format('and not exists (select from pgmq.%I q where q.msg_id = f.msg_id)', v_table) end)
  using p_queue, p_limit;
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_images (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => orphan_days) from queues.image_settings);
  v_removed integer;
begin
  delete from public.post_images where id = any(array(
    select i.id from public.post_images i
    where i.created_at < v_before and not exists (select from public.posts_new p where p.id = i.post_id)
    order by i.created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_job_runs (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer := 0;
begin
  if to_regclass('cron.job_run_details') is not null then
    -- Only the id has an index, so this reads the first rows, up to the last old one. A job that could not be started has
    -- no time.
    delete from cron.job_run_details
    where runid <= (
      select max(runid)
      from (select runid, start_time from cron.job_run_details order by runid limit p_limit) first
      where start_time < v_before);
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $function$;

create or replace function queues.prune_marks (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_kept constant integer := 100;
  -- Bounds the walk over marks that were removed before.
  c_reach constant integer := 20000;
  v_removed integer;
begin
  delete from queues.marks where ctid = any(array(
    select k.ctid from queues.settings s
    cross join lateral (select m.n from queues.marks m where m.queue = s.queue order by m.n desc limit 1) newest
    cross join lateral (
      select m.ctid from queues.marks m
      where m.queue = s.queue and m.n < newest.n - c_kept and m.n > newest.n - c_reach limit p_limit) k
    limit p_limit));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_message_keys (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_table text := 'q_' || p_queue;
  v_removed integer;
begin
  execute format($sql$
    delete from queues.message_keys
    where queue = $1 and key = any(array(
      select key from queues.message_keys k where queue = $1 %s limit $2 for update skip locked))
    $sql$, case when to_regclass(format('pgmq.%I', v_table)) is not null then format(
      'and not exists (select from pgmq.%I q where q.msg_id = k.msg_id and q.enqueued_at = k.enqueued_at)', v_table) end)
  using p_queue, p_limit;
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_moderation_log (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => log_days) from queues.comment_settings);
  v_removed integer;
begin
  delete from queues.moderation_log where id = any(array(
    select id from queues.moderation_log where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_notification_actors (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from queues.notification_actors
  where ctid = any(array(
    select ctid from queues.notification_actors
    where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_notification_deliveries (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from queues.notification_deliveries
  where id = any(array(
    select id from queues.notification_deliveries
    where created_at < v_before order by created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_notifications (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from public.notifications
  where id = any(array(
    select id from public.notifications
    where created_at < v_before order by created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_operator_log (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_kept constant interval := interval '1 year';
  v_before timestamptz := clock_timestamp() - c_kept;
  v_removed integer;
begin
  delete from queues.operator_log where id = any(array(
    select id from queues.operator_log where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_rate_limit_hours (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  with old as (
    delete from queues.rate_limit_hours
    where ctid = any(array(
      select ctid from queues.rate_limit_hours where hour > '-infinity' and hour < v_before
      order by hour limit p_limit for update skip locked))
    returning action, answer, calls
  ), kept as (
    insert into queues.rate_limit_hours as h (hour, action, answer, calls)
    select '-infinity', action, answer, sum(calls) from old group by action, answer order by action, answer
    on conflict (hour, action, answer) do update set calls = h.calls + excluded.calls
  )
  select count(*)::integer into v_removed from old;
  return v_removed;
end $function$;

create or replace function queues.prune_rate_limit_keys (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_removed integer;
begin
  delete from queues.rate_limit_keys where key = any(array(
    select key from queues.rate_limit_keys where free_at < clock_timestamp() limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_restrictions (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_removed integer;
begin
  delete from queues.restrictions where profile_id = any(array(
    select profile_id from queues.restrictions
    where greatest(limited_until, banned_until) < clock_timestamp() limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_runs (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer;
begin
  with removed as (
    delete from queues.runs
    where id = any(array(
      select id from queues.runs
      where queue = p_queue and last_seen_at < v_before order by last_seen_at limit p_limit for update skip locked))
    returning coalesce(stopped_because, 'killed') as label
  ), kept as (
    insert into queues.totals as t (queue, counted, label, rows)
    select p_queue, 'runs', label, count(*) from removed group by label
    on conflict (queue, counted, label) do update set rows = t.rows + excluded.rows
  )
  select count(*)::integer into v_removed from removed;
  return v_removed;
end $function$;

create or replace function queues.prune_settlements (
  p_queue text,
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := queues.numbers_since();
begin
  -- Only if there is something left to fold.
  if exists (select from queues.settlements where queue = p_queue and at > '-infinity' and at < v_before) then
    return queues.fold_settlements(p_queue, '-infinity', v_before, p_limit);
  end if;
  return 0;
end $function$;

create or replace function queues.prune_simhashes (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => simhash_days) from queues.comment_settings);
  v_removed integer;
begin
  delete from queues.comment_simhashes where comment_id = any(array(
    select comment_id from queues.comment_simhashes where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.prune_trending (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_hours integer;
  v_ranks integer;
begin
  -- Settlements ignore hours this old.
  delete from queues.trending_hours
  where ctid = any(array(
    select ctid from queues.trending_hours
    where hour < now() - interval '31 days' order by hour limit p_limit for update skip locked));
  get diagnostics v_hours = row_count;

  -- Without a gain since then, the rank is below that of the smallest gain.
  delete from queues.trending_ranks
  where ctid = any(array(
    select ctid from queues.trending_ranks
    where rank < queues.trending_decay() * extract(epoch from now() - interval '31 days')
      and last_hour < now() - interval '31 days'
    order by rank limit p_limit - v_hours for update skip locked));
  get diagnostics v_ranks = row_count;
  return v_hours + v_ranks;
end $function$;

create or replace function queues.prune_upload_problems (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => retention_days) from queues.image_settings);
  v_removed integer;
begin
  delete from queues.upload_problems where (bucket, path) in (
    select bucket, path from queues.upload_problems where last_at < v_before
    order by last_at limit p_limit for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.published_objects (
  p_owner_id uuid,
  p_post_id  uuid,
  p_image_id uuid
)
  returns table (
    bucket text,
    path   text
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_objects constant integer := 200;
begin
  -- Dynamic, so that the prefix can be used by the index on names.
  return query execute format($sql$
    select o.bucket_id::text, o.name::text from storage.objects o
    where o.bucket_id = (select images_bucket from queues.image_settings)
      and o.name like %L and o.name like %L
    order by o.name limit %s
    $sql$, format('%s/%s/%%', p_owner_id, p_post_id), format('%%/%s.%%', p_image_id), c_objects);
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return;
end $function$;

create or replace function queues.push_service (
  p_provider text,
  p_token    text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return coalesce(case when p_provider = 'web_push' then
    regexp_replace(substring(p_token from '^https?://([a-z0-9.:\[\]-]{1,255})/'), ':443$', '') end, '');
end $function$;

create or replace function queues.queue_argument (
  p_arguments jsonb
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (queues.settings_of(coalesce(queues.text_argument(p_arguments, 'queue'), ''))).queue;
end $function$;

create or replace function queues.queue_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_steps constant jsonb := jsonb_build_object('hour', 60, 'day', 900);
  v_settings queues.settings := queues.settings_of(queues.queue_argument(p_arguments));
  v_window text := coalesce(queues.text_argument(p_arguments, 'window', '^(hour|day)$'), 'hour');
  v_page jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'window']);
  v_page := jsonb_build_object(
    'health', to_jsonb(queues.health_of(v_settings)),
    'settings', to_jsonb(v_settings),
    'bounds', queues.setting_bounds(),
    'series', queues.series(v_settings.queue, clock_timestamp() - ('1 ' || v_window)::interval, (c_steps ->> v_window)::integer),
    'redrives', (
      select coalesce(jsonb_agg(jsonb_build_object('rate_per_sec', rate_per_sec, 'until', until) order by until), '[]')
      from queues.redrives where queue = v_settings.queue and until > clock_timestamp()));
  if queues.missing_tables(v_settings.queue) is null then
    v_page := v_page || jsonb_build_object('orphaned_leases', queues.orphaned_leases(v_settings));
  end if;
  return v_page;
end $function$;

create or replace function queues.raise_alerts (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_settings queues.alert_settings;
  v_trouble record;
  h queues.queue_health;
  v_alert queues.alerts;
begin
  -- Of two ticks at once, one decides.
  if not pg_try_advisory_xact_lock(hashtextextended('queues.raise_alerts', 0)) then
    return 0;
  end if;
  select * into v_settings from queues.alert_settings;

  for v_trouble in
    select t.* from queues.trouble() t
    where t.verdict <> 'ok'
      and t.since <= v_now - make_interval(secs => case t.verdict when 'failing' then v_settings.failing_secs else v_settings.late_secs end)
      and not exists (select from queues.alerts a where a.queue = t.queue and a.over_at is null)
    order by t.queue limit p_limit
  loop
    select m.* into h from queues.settings s cross join lateral queues.health_of(s) m where s.queue = v_trouble.queue;
    -- It may be over since its last sample.
    if h.verdict <> 'ok' then
      insert into queues.alerts (queue, verdict, reason, remedy, since)
      values (h.queue, h.verdict, left(h.reason, 2000), left(h.remedy, 2000), v_trouble.since)
      returning * into v_alert;
      perform queues.send_alert(v_alert);
    end if;
  end loop;

  for v_alert in
    update queues.alerts a set over_at = v_now
    where a.over_at is null and (
      not exists (select from queues.settings s where s.queue = a.queue)
      or exists (
        select from queues.trouble() t
        where t.queue = a.queue and t.verdict = 'ok' and t.ok_since <= v_now - make_interval(secs => v_settings.over_secs)))
    returning a.*
  loop
    perform queues.send_alert(v_alert);
  end loop;
  return 0;
end $function$;

create or replace function queues.raise_conflict (
  p_queue  text,
  p_action text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- PostgREST retries a transaction that ends in 40001, for minutes. Class 40 must not reach it: the caller decides when
  -- to try again.
  raise sqlstate 'PT409' using
    message = format('queue `%s` is locked by another transaction: nothing was changed, %s again', p_queue, p_action),
    hint = 'repeat the same call, at once if you like';
end $function$;

create or replace function queues.raise_gone (
  p_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- A class of its own: it never leaves queues.settle_messages.
  raise sqlstate 'QGONE' using
    message = format('of the accounts, %s no longer exist', cardinality(p_ids)),
    detail = to_json(p_ids)::text;
end $function$;

create or replace function queues.rate_limit_address_key (
  p_action text
)
  returns bigint
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return queues.rate_limit_hash(p_action, 'address', queues.client_network()::text);
end $function$;

create or replace function queues.rate_limit_hash (
  p_action text,
  p_kind   text,
  p_value  text
)
  returns bigint
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return hashtextextended(
    concat_ws(' ', p_action, p_kind, p_value), (select key_seed from queues.rate_limit_settings)) where p_value is not null;
end $function$;

create or replace function queues.rate_limit_keys (
  p_action      text,
  p_session_id  text,
  p_person      uuid,
  p_address_key bigint,
  p_times       integer default 1
)
  returns queues.rate_limit_key[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_limit queues.rate_limits;
  v_step interval;
begin
  select * into v_limit from queues.rate_limits where action = p_action;
  if not found or not v_limit.enabled then
    return array[]::queues.rate_limit_key[];
  end if;
  v_step := interval '1 minute' / v_limit.per_minute;
  return array(
    select (key, p_times * v_step / factor, v_limit.burst * v_step, p_action, kind)::queues.rate_limit_key
    from (
      values
        ('session', queues.rate_limit_hash(p_action, 'session', p_session_id), 1),
        ('person', queues.rate_limit_hash(p_action, 'person', p_person::text), 1),
        ('address', p_address_key, v_limit.address_factor)
    ) k (kind, key, factor)
    where key is not null);
end $function$;

create or replace function queues.rate_limit_keys_of (
  p_action     text,
  p_session_id text,
  p_person     uuid,
  p_times      integer default 1
)
  returns queues.rate_limit_key[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return queues.rate_limit_keys(p_action, p_session_id, p_person, queues.rate_limit_address_key(p_action), p_times);
end $function$;

create or replace function queues.rate_limit_wait (
  p_keys queues.rate_limit_key[]
)
  returns interval
  language plpgsql
  stable
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
begin
  return (
    select max(queues.free_at(k.free_at, p.tolerance, v_now) + p.cost - p.tolerance - v_now)
    from unnest(p_keys) p
    join queues.rate_limit_keys k on k.key = p.key);
end $function$;

create or replace function queues.read_correlation_id (
  p_text text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  -- A UUID, or the trace id of a traceparent (W3C Trace Context). Nothing else: it is shown to others, and logged.
  c_id constant text := '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$';
  v_id text := lower(p_text collate "C");
begin
  return case when v_id ~ c_id then v_id end;
end $function$;

create or replace function queues.read_cursor (
  p_field  text,
  p_cursor text,
  OUT      at timestamp with time zone,
  OUT      id uuid
)
  returns record
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  c_cursor constant text := '^(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$';
  v_parts text[] := regexp_match(p_cursor, c_cursor);
begin
  if p_cursor is not null and v_parts is null then
    raise sqlstate 'PT422' using
      message = format('`%s` is not a cursor', p_field),
      hint = 'pass the `next` of the previous page, or nothing for the first';
  end if;
  at := timestamptz '1970-01-01 00:00:00Z' + v_parts[1]::bigint * interval '1 microsecond';
  id := v_parts[2]::uuid;
end $function$;

create or replace function queues.read_gauges()
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_gauge queues.gauges;
  v_function regproc;
  v_values jsonb;
  v_read jsonb := jsonb_build_array();
begin
  for v_gauge in select * from queues.gauges order by name loop
    begin
      v_function := queues.registered_function('gauge', v_gauge.name, v_gauge.function);
      execute format('select %s()', v_function) into v_values;
      v_read := v_read || jsonb_build_object(
        'name', v_gauge.name, 'label', v_gauge.label, 'help', v_gauge.help, 'values', coalesce(v_values, '{}'));
    exception
      when others then
        -- The other metrics can be read all the same.
        raise warning 'the gauge % failed: %', v_gauge.name, sqlerrm;
    end;
  end loop;
  return v_read;
end $function$;

create or replace function queues.read_only_problem (
  OUT problem text,
  OUT remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_setting constant text := 'default_transaction_read_only';
  v_sources text[];
begin
  if pg_is_in_recovery() then
    problem := 'this server is a replica, which is read-only';
    remedy := 'look at the primary: its jobs do the work';
    return;
  end if;
  -- What a new session gets, whatever this one has set.
  select array_agg(format('alter %s reset %s',
    concat_ws(' in ',
      case when r.setrole <> 0 then format('role %I', pg_get_userbyid(r.setrole)) end,
      case when r.setdatabase <> 0 then format('database %I', current_database()) end), c_setting)) into v_sources
  from pg_catalog.pg_db_role_setting r
  where r.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    and r.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = current_user))
    and exists (
      select from unnest(r.setconfig) c
      where split_part(c, '=', 1) = c_setting and lower(split_part(c, '=', 2)) in ('on', 'true', 'yes', '1'));
  if v_sources is not null then
    remedy := format('`begin; set transaction read write; %s; commit`', array_to_string(v_sources, '; '));
  elsif exists (
    select from pg_catalog.pg_settings
    where name = c_setting and reset_val = 'on' and source not in ('database', 'user', 'database user', 'client'))
  then
    remedy := format('`alter system reset %s`, then `select pg_reload_conf()`', c_setting);
  else
    return;
  end if;
  problem := 'the database is read-only';
  remedy := format('free or add disk space if it is full (dashboard: Settings, Infrastructure), then %s', remedy);
end $function$;

create or replace function queues.read_secret (
  p_name text,
  OUT    secret text,
  OUT    problem text,
  OUT    remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- With the invisible characters that a paste may bring along, whatever the locale takes for white space.
  c_white_space constant text := '^[\s\u00a0\u200b\ufeff]+|[\s\u00a0\u200b\ufeff]+$';
  c_create constant text := format('select vault.create_secret(''…'', %L)', p_name);
begin
  select nullif(regexp_replace(decrypted_secret, c_white_space, '', 'g'), '') into secret
  from vault.decrypted_secrets where name = p_name;
  if not found then
    problem := format('the secret `%s` is missing', p_name);
    remedy := c_create;
  elsif secret is null then
    problem := format('the secret `%s` is empty', p_name);
    remedy := format('select vault.update_secret((select id from vault.secrets where name = %L), ''…'')', p_name);
  end if;
exception
  when undefined_table or invalid_schema_name then
    problem := format('the secret `%s` is missing: Vault is not enabled', p_name);
    remedy := 'create extension supabase_vault; ' || c_create;
  when insufficient_privilege then
    problem := format('the secret `%s` cannot be read: %s', p_name, sqlerrm);
    remedy := format('grant select on vault.decrypted_secrets to %I', current_user);
  when others then
    -- The key of Vault is another one, as after a restore into another project. An update of the secret fails too.
    problem := format('the secret `%s` cannot be decrypted (%s)', p_name, sqlerrm);
    remedy := format('delete from vault.secrets where name = %L; %s', p_name, c_create);
end $function$;

create or replace function queues.read_time (
  p_text text
)
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return p_text::timestamptz;
exception
  when data_exception then
    return null;
end $function$;

create or replace function queues.read_upload_path (
  p_path text,
  OUT    owner_id uuid,
  OUT    post_id uuid
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_uuid constant text := '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  v_parts text[] := regexp_match(p_path, format('^(%s)/(%s)/.', c_uuid, c_uuid));
begin
  if v_parts is null then
    perform queues.reject('path', 'is not <owner>/<post>/<name>', 'upload to `${user.id}/${post.id}/photo.jpg`, ids in lower case');
  end if;
  owner_id := v_parts[1]::uuid;
  post_id := v_parts[2]::uuid;
  if not exists (select from public.profiles p where p.id = owner_id) then
    perform queues.reject('path', 'names an owner without a profile', 'the first folder is the id of a profile');
  end if;
  if exists (select from public.posts_new p where p.id = post_id) and not queues.is_own_post(post_id, owner_id) then
    perform queues.reject('path', 'names a post of somebody else', 'the second folder is the id of a post of the owner');
  end if;
end $function$;

create or replace function queues.recent_simhashes()
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_compared constant integer := 2000;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_array(simhash, comment_id, author_id) order by at desc), '[]')
    from (
      select * from queues.comment_simhashes
      where at > now() - (select make_interval(days => simhash_days) from queues.comment_settings)
      order by at desc limit c_compared
    ) newest);
end $function$;

create or replace function queues.recipients (
  p_profiles uuid[]
)
  returns table (
    profile_id          uuid,
    language            text,
    push_notifications  boolean,
    email_notifications boolean,
    quiet               jsonb,
    local_time          text,
    push_token          text
  )
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- The constraints of profiles, for tables that the app made without them. octet_length does not read a long value.
  c_token_bytes constant integer := 4096;
  c_word_chars constant integer := 100;
  c_off constant text := '^(false|f|no|n|off|0|none|never)$';
  c_time constant text := '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$';
begin
  return query
    select p.id, left(p.language::text, c_word_chars), coalesce(p.push_notifications, true), coalesce(p.email_notifications, true),
      -- Equal times turn quiet hours off.
      case when q.quiet_from <> q.quiet_until then jsonb_build_object('from', q.quiet_from, 'until', q.quiet_until) end,
      queues.local_time(left(p.time_zone::text, c_word_chars)),
      case when octet_length(p.push_token::text) between 1 and c_token_bytes then p.push_token::text end
    from public.profiles p
    cross join queues.notification_settings s
    cross join lateral (
      select p.quiet_from, p.quiet_until where p.quiet_from is not null and p.quiet_until is not null
      union all
      select s.quiet_from, s.quiet_until where p.quiet_from is null or p.quiet_until is null
    ) q
    where p.id = any(p_profiles);
exception
  -- An app may rename a preference, or change its type: the others are kept, and a channel that was turned off stays off.
  when undefined_column or undefined_function or datatype_mismatch or cannot_coerce then
    return query
      select p.id, left(own.row ->> 'language', c_word_chars),
        own.row ->> 'push_notifications' ~* c_off is not true, own.row ->> 'email_notifications' ~* c_off is not true,
        case when q.quiet_from <> q.quiet_until then jsonb_build_object('from', q.quiet_from, 'until', q.quiet_until) end,
        queues.local_time(left(own.row ->> 'time_zone', c_word_chars)),
        case when octet_length(own.row ->> 'push_token') between 1 and c_token_bytes then own.row ->> 'push_token' end
      from public.profiles p
      cross join lateral (select to_jsonb(p) as row) own
      cross join queues.notification_settings s
      cross join lateral (
        select own.row ->> 'quiet_from' ~ c_time and own.row ->> 'quiet_until' ~ c_time as has_own
      ) k
      cross join lateral (
        select case when k.has_own then (own.row ->> 'quiet_from')::time else s.quiet_from end as quiet_from,
          case when k.has_own then (own.row ->> 'quiet_until')::time else s.quiet_until end as quiet_until
      ) q
      where p.id = any(p_profiles);
end $function$;

create or replace function queues.reconcile_calls (
  p_queue text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_lost_after constant interval := interval '1 minute';
  v_now timestamptz := clock_timestamp();
  v_pg_net_problem text := (select problem from queues.pg_net_problem());
begin
  with known as (
    update queues.dispatches d
    set answered_at = v_now, requested_at = least(d.requested_at, v_now), status_code = c.status_code, run_id = c.run_id,
      outcome = case
        when not c.is_answered then 'missing'
        when c.timed_out then 'timed_out'
        when c.status_code is null then 'failed'
        when c.status_code between 200 and 299 then 'accepted'
        else 'refused'
      end,
      error = case
        when not c.is_answered then
          coalesce(v_pg_net_problem, 'pg_net has lost the call, as it does when the database crashes')
        when c.status_code between 200 and 299 then null
        when c.status_code is null then coalesce(left(c.error_msg, 500), 'no answer')
        else format('HTTP %s: %s', c.status_code, left(c.content, 500))
      end
    from queues.open_calls(p_queue) c
    where d.id = c.id and d.outcome is null
      and (c.is_answered or not c.is_waiting
        -- A call of later than now was made before the clock was set back.
        and c.requested_at not between v_now - c_lost_after and v_now + c_lost_after)
    returning d.outcome
  ), judged as (
    select bool_or(outcome = 'accepted') as is_accepted from known having count(*) > 0
  )
  update queues.due
  set failed_calls = case when judged.is_accepted then 0 else least(failed_calls + 1, 1000) end
  from judged where due.queue = p_queue;
end $function$;

create or replace function queues.record_actors (
  p_events queues.notification_event[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.notification_actors as a (
    recipient_id, group_key, actor, name, is_active, at, notification_id)
  select recipient_id, group_key, actor, actor_name, not is_withdrawn, at, notification_id
  from unnest(p_events)
  where actor is not null
  order by recipient_id, group_key, actor
  on conflict (recipient_id, group_key, actor) do update
    set name = excluded.name, is_active = excluded.is_active, at = excluded.at,
      notification_id = excluded.notification_id;
end $function$;

create or replace function queues.record_deliveries (
  p_deliveries jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- A key that may be null may also be absent.
  c_text_or_null constant text := '^($|null$|")';
begin
  perform queues.check_items('effects.deliveries', p_deliveries, jsonb_build_object(
    'id', '^"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"$',
    'status', '^"(pending|sending|sent|skipped|failed)"$', 'reason', c_text_or_null,
    'provider', c_text_or_null, 'provider_message_id', c_text_or_null, 'is_uncertain', '^(|null|true|false)$'));
  with answers as materialized (
    select distinct on (id) *
    from rows from (jsonb_to_recordset(p_deliveries) as (
      id uuid, status text, reason text, provider text, provider_message_id text, is_uncertain boolean))
      with ordinality as a (id, status, reason, provider, provider_message_id, is_uncertain, place)
    order by id, place desc
  ),
  -- In the order of the ids, so that two settlements or claims with the same rows cannot deadlock.
  locked as materialized (
    select d.id from queues.notification_deliveries d
    -- A sent delivery stays sent, whatever a second message of it says.
    where d.id in (select id from answers) and d.status not in ('sent', 'skipped')
    order by d.id for update
  )
  update queues.notification_deliveries d
  set status = a.status,
    reason = left(a.reason, 500),
    provider = coalesce(a.provider, d.provider),
    provider_message_id = coalesce(left(a.provider_message_id, 500), d.provider_message_id),
    -- Workers of older versions do not say.
    is_uncertain = a.status = 'failed' and coalesce(a.is_uncertain, true),
    settled_at = case when a.status in ('sent', 'skipped', 'failed') then clock_timestamp() end
  from locked join answers a using (id)
  where d.id = locked.id;
end $function$;

create or replace function queues.record_failure (
  p_image  public.post_images,
  p_reason text,
  p_error  text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_removal queues.image_removals;
begin
  update public.post_images set
    status = 'failed', reason = p_reason, error = left(p_error, 500), processed_at = clock_timestamp(),
    variants = null, width = null, height = null, color = null, thumbhash = null, format = null, exif = null
  where id = p_image.id;
  delete from public.post_image_secrets where image_id = p_image.id;
  v_removal.objects := queues.variant_objects(coalesce(p_image.variants, '[]'));
  perform queues.remove_objects(v_removal, 0);
end $function$;

create or replace function queues.record_picture (
  p_image   public.post_images,
  p_picture jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_removes_uploads boolean := (select removes_uploads from queues.image_settings);
  v_image public.post_images := p_image;
  v_removal queues.image_removals;
begin
  v_image.variants := p_picture -> 'variants';
  v_image.status := case when queues.is_held(v_image) then 'held' else 'ready' end;
  update public.post_images set
    status = v_image.status, reason = null, error = null, variants = v_image.variants,
    width = (p_picture ->> 'width')::integer, height = (p_picture ->> 'height')::integer, color = p_picture ->> 'color',
    thumbhash = p_picture ->> 'thumbhash', format = p_picture ->> 'format',
    exif = (p_picture -> 'exif') - array['location', 'serial_number'], processed_at = clock_timestamp()
  where id = p_image.id;

  delete from public.post_image_secrets where image_id = p_image.id;
  insert into public.post_image_secrets (image_id, location, serial_number)
  select p_image.id, p_picture #> '{exif,location}', p_picture #>> '{exif,serial_number}'
  where p_picture -> 'exif' ?| array['location', 'serial_number'];

  v_removal.objects := queues.variant_objects(coalesce(p_image.variants, '[]'));
  if v_removes_uploads and p_image.upload_removed_at is null then
    v_removal.objects := v_removal.objects || jsonb_build_object('bucket', p_image.bucket, 'path', p_image.path);
  end if;
  perform queues.remove_objects(v_removal, 0);
end $function$;

create or replace function queues.record_upload_problem (
  p_bucket text,
  p_path   text,
  p_code   text,
  p_error  text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  insert into queues.upload_problems as u (bucket, path, code, error)
  values (p_bucket, p_path, p_code, left(p_error, 500))
  on conflict (bucket, path) do update set
    code = excluded.code, error = excluded.error, tries = u.tries + 1, last_at = excluded.last_at;
exception
  when query_canceled or others then
    -- Housekeeping finds the object, because it has no row.
    raise warning 'the problem of upload `%` was not recorded: %', p_path, sqlerrm;
end $function$;

create or replace function queues.records_since()
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return clock_timestamp() - interval '7 days';
end $function$;

create or replace function queues.redrive (
  p_queue        text,
  p_filter       jsonb   default '{}'::jsonb,
  p_limit        integer default 1000,
  p_rate_per_sec numeric default 100
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_longest constant interval := interval '1 year';
  v_condition text;
  v_from timestamptz;
  v_msg_ids bigint[];
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  perform queues.check_range('p_rate_per_sec', p_rate_per_sec, 0.001, 10000);
  v_condition := queues.letter_condition(p_filter);

  -- Redrives of a queue wait for each other.
  perform pg_advisory_xact_lock(hashtextextended('queues.redrive', 0) # hashtextextended(p_queue, 0));
  delete from queues.redrives where queue = p_queue and until <= clock_timestamp();
  v_from := coalesce(
    (select until from queues.redrives where queue = p_queue and rate_per_sec = p_rate_per_sec), clock_timestamp());
  if v_from > clock_timestamp() + c_longest then
    perform queues.reject('p_rate_per_sec', 'is taken by redrives that last for more than a year',
      format('choose a higher rate, or select queues.cancel_redrive(%L)', p_queue));
  end if;

  execute format($sql$
    with letters as (
      delete from pgmq.%1$I
      where msg_id = any(array(
        select msg_id from pgmq.%1$I where %2$s order by msg_id limit $2 for update skip locked))
      returning msg_id, enqueued_at, message
    ), placed as (
      select msg_id, enqueued_at, message, floor((row_number() over (order by msg_id) - 1) / $3) as place_secs from letters
    ), sent as (
      select s.msg_id, p.msg_id as letter_id, p.enqueued_at, p.message as letter
      from (select * from placed order by msg_id) p
      cross join lateral pgmq.send($1, p.message -> 'message',
        ($4 + p.place_secs)::integer) s (msg_id)
    ), remembered as (
      insert into queues.failures (queue, msg_id, settlements, settled_read_ct, history, delivered, redriven_from)
      select $1, msg_id, 1, 1,
        queues.append_failure(
          case when jsonb_typeof(letter -> 'history') = 'array' then letter -> 'history' else '[]' end,
          queues.failure('redriven', format('was dead letter %%s: %%s', letter_id, letter ->> 'reason'))),
        array(select jsonb_array_elements_text(
          case when jsonb_typeof(letter -> 'delivered') = 'array' then letter -> 'delivered' else '[]' end)),
        jsonb_build_object('msg_id', letter_id, 'enqueued_at', enqueued_at, 'rate_per_sec', $5,
          'letter', letter - '{message,history,delivered}'::text[])
      from sent
      -- Of an earlier message that had the same id.
      on conflict (queue, msg_id) do update set failures = 0, settlements = 1, settled_read_ct = 1, first_failed_at = null,
        last_failed_at = null, last_code = null, last_error = null, history = excluded.history,
        delivered = excluded.delivered, redriven_from = excluded.redriven_from
      returning msg_id
    )
    select array(select msg_id from remembered)
    $sql$, 'q_' || p_queue || '_dlq', v_condition)
  into v_msg_ids using p_queue, p_limit, p_rate_per_sec, greatest(0, ceil(extract(epoch from v_from - clock_timestamp()))),
    p_rate_per_sec;
  -- As if they had been claimed and released: a claim looks up the history only of messages that were read before.
  execute format('update pgmq.%I set read_ct = 1 where msg_id = any($1)', 'q_' || p_queue) using v_msg_ids;

  if v_msg_ids <> '{}' then
    v_from := v_from + make_interval(secs => (cardinality(v_msg_ids) / p_rate_per_sec)::float8);
    insert into queues.redrives (queue, rate_per_sec, until) values (p_queue, p_rate_per_sec, v_from)
    on conflict (queue, rate_per_sec) do update set until = excluded.until;
  else
    v_from := coalesce((select max(until) from queues.redrives where queue = p_queue), clock_timestamp());
  end if;
  return jsonb_build_object(
    'redriven', cardinality(v_msg_ids), 'left', queues.count_letters(p_queue, v_condition), 'visible_until', v_from);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'redrive');
    return null;
end $function$;

create or replace function queues.redrive_edited (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_letter jsonb;
  v_result jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'msg_id', 'message']);
  perform queues.existing_queue(v_queue);
  perform queues.check_message(v_queue, 'message', p_arguments -> 'message');
  if v_msg_id is null then
    perform queues.reject('msg_id', 'is missing', 'the id of the dead letter');
  end if;
  execute format('select message from pgmq.%I where msg_id = $1 and %s for update', 'q_' || v_queue || '_dlq',
      queues.letter_condition('{}'))
    into v_letter using v_msg_id;
  if v_letter is null then
    perform queues.letters_gone(v_queue, jsonb_build_array(v_msg_id));
  end if;

  execute format('update pgmq.%I set message = $2 where msg_id = $1', 'q_' || v_queue || '_dlq')
  using v_msg_id, v_letter || jsonb_build_object(
    'message', p_arguments -> 'message',
    'history', queues.append_failure(
      case when jsonb_typeof(v_letter -> 'history') = 'array' then v_letter -> 'history' else '[]' end,
      queues.failure('edited', 'an operator changed the message')));
  v_result := queues.redrive(v_queue, jsonb_build_object('msg_ids', jsonb_build_array(v_msg_id)));
  return v_result - array['redriven', 'left'] || jsonb_build_object(
    'affected', v_result -> 'redriven', 'before', v_letter -> 'message');
end $function$;

create or replace function queues.redrive_letters (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit', 'rate_per_sec']);
  return queues.act_on_letters('redrive', p_arguments);
end $function$;

create or replace function queues.refresh_notifications (
  p_events queues.notification_event[]
)
  returns uuid[]
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_ids uuid[] := array(
    select distinct notification_id from unnest(p_events) where not is_new and notification_id is not null);
begin
  if v_ids = '{}' then
    return v_ids;
  end if;

  with latest as materialized (
    select distinct on (notification_id) * from unnest(p_events)
    where not is_new and notification_id is not null order by notification_id, at desc, place
  ), latest_active as materialized (
    select distinct on (notification_id) * from unnest(p_events)
    where not is_new and not is_withdrawn order by notification_id, at desc, place
  ), refreshed as (
    update public.notifications n set
      actor_count = active.actors,
      withdrawn_at = case when active.actors = 0 then coalesce(n.withdrawn_at, now()) end,
      body = coalesce(queues.phrase(
        l.bodies, nullif(active.actors, 0), coalesce(last_actor.name, l.someone)), n.body),
      title = case when t.at >= last_actor.at then t.title else n.title end,
      url = case when t.at >= last_actor.at then t.url else n.url end,
      data = case when t.at >= last_actor.at then t.data else n.data end,
      updated_at = greatest(n.updated_at, least(coalesce(t.at, n.updated_at), now()))
    from latest l
    left join latest_active t on t.notification_id = l.notification_id
    cross join lateral (
      select count(*)::integer as actors from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active
    ) active
    left join lateral (
      select a.name, a.at from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active order by a.at desc, a.actor limit 1
    ) last_actor on true
    -- A notification does not change after it was read.
    where n.id = l.notification_id and n.read_at is null
    returning n.id
  )
  select array_agg(id) into v_ids from refreshed;
  return coalesce(v_ids, '{}');
end $function$;

create or replace function queues.refuse_comment (
  p_code  text,
  p_error text
)
  returns json
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return json_build_object('success', false, 'error', p_error, 'code', p_code);
end $function$;

create or replace function queues.refuse_session_id (
  p_session_id text
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if p_session_id is null or p_session_id !~ '\S' or length(p_session_id) > 128 then
    return jsonb_build_object(
      'success', false, 'error', 'The session id must have 1 to 128 characters.', 'code', 'invalid_session_id');
  end if;
  return null;
end $function$;

create or replace function queues.refuse_too_many (
  p_wait  interval,
  p_code  text,
  p_error text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return json_build_object('success', false, 'error', p_error, 'code', p_code,
    'retryAfter', queues.too_many_requests(p_wait));
end $function$;

create or replace function queues.register_device (
  p_provider text,
  p_token    text,
  p_p256dh   text,
  p_auth     text,
  p_name     text
)
  returns uuid
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_devices constant integer := 20;
  v_person uuid := queues.person();
  v_token text := queues.device_token(p_provider, p_token);
  v_id uuid;
begin
  perform queues.check_device(p_provider, p_token, p_p256dh, p_auth, p_name);
  -- One registration per person at a time, so that the limit below holds.
  perform from public.profiles where id = v_person for no key update;
  if p_provider = 'fcm' then
    perform queues.release_push_token(v_person, v_token);
  end if;

  -- The caller knows the token, so the device is theirs now, whoever had it before.
  insert into public.devices as d (profile_id, provider, token, p256dh, auth, name, last_seen_at)
  values (
    v_person, p_provider, v_token, rtrim(p_p256dh, '='), rtrim(p_auth, '='), nullif(btrim(p_name), ''), clock_timestamp())
  on conflict (provider, md5(token)) do update
    set profile_id = excluded.profile_id, p256dh = excluded.p256dh, auth = excluded.auth,
      last_seen_at = excluded.last_seen_at,
      name = case when d.profile_id = excluded.profile_id then coalesce(excluded.name, d.name) else excluded.name end,
      created_at = case when d.profile_id = excluded.profile_id then d.created_at else excluded.created_at end
  returning id into v_id;

  delete from public.devices where id in (
    select id from public.devices where profile_id = v_person and id <> v_id
    order by last_seen_at desc, id offset c_devices - 1);
  return v_id;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'register');
    return null;
end $function$;

create or replace function queues.registered_function (
  p_kind text,
  p_key  text,
  p_name text
)
  returns regproc
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_arguments text;
  v_result text;
  v_function regproc;
begin
  select arguments, result into strict v_arguments, v_result
  from (values
    ('effect', 'jsonb', 'void'),
    ('claim_hook', 'jsonb', 'jsonb'),
    ('dead_letter_hook', 'jsonb', 'void'),
    ('fold', 'integer', 'integer'),
    ('gauge', '', 'jsonb'),
    ('action', 'jsonb', 'jsonb'),
    ('page', 'jsonb', 'jsonb'),
    ('hold', 'jsonb', 'boolean'),
    ('prune', 'integer', 'integer'),
    ('prune_queue', 'text, integer', 'integer'),
    -- The result of a report is not used.
    ('report', 'date', null)
  ) k (kind, arguments, result)
  where kind = p_kind;

  -- Looked up in the catalog, never parsed: a name can only be that of a function of this schema. Types are compared by
  -- their ids, because their names depend on settings of the session.
  select oid::regproc into v_function from pg_catalog.pg_proc
  where proname = p_name and pronamespace = 'queues'::regnamespace and proargtypes::text = array_to_string(string_to_array(v_arguments, ', ')::regtype[]::oid[], ' ')
    and prokind = 'f' and not proretset and (v_result is null or prorettype = v_result::regtype);
  if not found then
    raise sqlstate 'PT404' using
      message = format('%s `%s`: there is no function `queues.%s(%s)`%s', p_kind, left(p_key, 64), left(p_name, 64),
        v_arguments, ' that returns ' || v_result),
      hint = 'create the function, or correct the row that names it';
  end if;
  return v_function;
end $function$;

create or replace function queues.reject (
  p_field   text,
  p_problem text,
  p_hint    text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  raise sqlstate 'PT422' using message = format('`%s` %s', p_field, p_problem), hint = p_hint;
end $function$;

create or replace function queues.reject_comment (
  p_comment_id uuid,
  p_note       text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.decide_comment(p_comment_id, 'rejected', p_note);
end $function$;

create or replace function queues.reject_image (
  p_image_id uuid,
  p_note     text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.moderate_image(p_image_id, 'rejected', p_note);
end $function$;

create or replace function queues.rejected_letters (
  p_settings queues.settings
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_looked_at constant integer := 1000;
  v_rejected bigint;
begin
  -- Without retries, every dead letter is given up at its first try.
  if p_settings.max_retries = 0 then
    return 0::bigint;
  end if;
  execute format($sql$
    select count(*)
    from (select enqueued_at, message from pgmq.%I order by msg_id desc limit $1) l
    where enqueued_at > $2 and message @> '{"attempts": 1, "crashes": 0}'
    $sql$, 'q_' || p_settings.queue || '_dlq')
  into v_rejected using c_looked_at, clock_timestamp() - interval '5 minutes';
  return v_rejected;
end $function$;

create or replace function queues.release (
  p_queue  text,
  p_leases jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  execute format($sql$
    with leases as (
      select (lease ->> 0)::bigint as msg_id, (lease ->> 1)::integer as read_ct from jsonb_array_elements($2) lease
    ), shown as (
      -- When it was due. A clock that was put back must not hide it.
      update pgmq.%I q set vt = least(clock_timestamp(), coalesce(
        (select f.waiting_since from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id), q.enqueued_at) + queues.spread(q.msg_id))
      from leases where q.msg_id = leases.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct)
    select $1, msg_id, 1, read_ct
    from leases
    order by msg_id
    on conflict (queue, msg_id) do update set
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct
    $sql$, 'q_' || p_queue)
  using p_queue, p_leases;
end $function$;

create or replace function queues.release_push_token (
  p_holder uuid,
  p_token  text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Another statement, so that it sees the holder that the lock waited for.
  perform pg_advisory_xact_lock(hashtextextended('queues.push_token', 0) # hashtextextended(p_token, 0));
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles
  set push_token = null
  where id = any(array(
    select id from public.profiles
    where md5(push_token) = md5(p_token) and push_token = p_token and id <> p_holder
    order by id for no key update));
end $function$;

create or replace function queues.remove_gone_devices (
  p_devices jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_id constant text := '"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"';
begin
  perform queues.check_items('effects.gone_devices', p_devices, jsonb_build_object(
    'recipient_id', format('^%s$', c_id), 'device_id', format('^(|null|%s)$', c_id), 'token', '^"'));

  -- Profiles before devices, like queues.register_device.
  perform from public.profiles
  where id = any(array(select recipient_id from jsonb_to_recordset(p_devices) as g (recipient_id uuid)))
  order by id for no key update;

  -- Only if the token is still the rejected one: the device may have registered again since.
  delete from public.devices
  where id = any(array(
    select d.id
    from public.devices d
    join jsonb_to_recordset(p_devices) as g (device_id uuid, token text) on d.id = g.device_id and d.token = g.token
    order by d.id for update of d));

  perform set_config('search_path', queues.app_search_path(), true);
  -- Also if a device had the rejected token: without its row, the token of the profile would be used instead.
  update public.profiles
  set push_token = null
  where id = any(array(
    select p.id
    from public.profiles p
    join jsonb_to_recordset(p_devices) as g (recipient_id uuid, token text)
      on p.id = g.recipient_id and p.push_token = g.token
    order by p.id for no key update of p));
end $function$;

create or replace function queues.remove_images()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_image public.post_images;
  v_removal queues.image_removals;
begin
  for v_image in select * from gone order by id loop
    v_removal.objects := queues.variant_objects(coalesce(v_image.variants, '[]'));
    if v_image.upload_removed_at is null then
      v_removal.objects := v_removal.objects || jsonb_build_object('bucket', v_image.bucket, 'path', v_image.path);
    end if;
    perform queues.remove_objects(v_removal, 0);
    if v_image.status in ('pending', 'failed') then
      -- A worker may be publishing it now, and crash before it learns that the picture is gone.
      perform queues.remove_objects(
        (null, '[]', v_image.owner_id, v_image.post_id, v_image.id, null, null)::queues.image_removals,
        2 * visibility_timeout_secs)
      from queues.settings where queue = 'image_processing';
    end if;
  end loop;
  return null;
end $function$;

create or replace function queues.remove_objects (
  p_removal    queues.image_removals,
  p_delay_secs integer
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_id uuid := gen_random_uuid();
begin
  if p_removal.objects = '[]' and p_removal.image_id is null then
    return;
  end if;
  insert into queues.image_removals (id, objects, owner_id, post_id, image_id)
  values (v_id, p_removal.objects, p_removal.owner_id, p_removal.post_id, p_removal.image_id);
  perform pgmq.send('image_processing', jsonb_build_object('v', 1, 'removal_id', v_id), p_delay_secs);
  if p_delay_secs = 0 then
    perform queues.wake('image_processing');
  end if;
end $function$;

create or replace function queues.report (
  p_comment_id uuid,
  p_post_id    uuid,
  p_reason     text,
  p_note       text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_reasons constant text[] := array['spam', 'harassment', 'hate', 'violence', 'sexual', 'self_harm', 'other'];
  v_reporter uuid := queues.person();
  v_comment public.comments;
  v_post_id uuid;
  v_owner uuid;
  v_refused json;
begin
  if p_reason is null or p_reason <> all(c_reasons) then
    return queues.refuse_comment('invalid_reason', format('The reason must be one of %s.', array_to_string(c_reasons, ', ')));
  end if;
  if octet_length(p_note) > 2000 or length(p_note) > 500 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 500 characters.');
  end if;
  if p_comment_id is not null then
    select * into v_comment from public.comments
    where id = p_comment_id and status = 'approved' and author_id <> v_reporter for key share;
    if not found then
      return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is yours.');
    end if;
  else
    select id into v_post_id from public.posts_new where id = p_post_id for key share;
    v_owner := (select owner_id from queues.post_details(v_post_id));
    if v_post_id is null or v_owner = v_reporter then
      return queues.refuse_comment('post_not_found', 'This post does not exist any more, or is yours.');
    end if;
  end if;

  -- After what may be waited for.
  v_refused := queues.charge_person('report', v_reporter);
  if v_refused is not null then
    return v_refused;
  end if;

  insert into queues.reports (reporter_id, comment_id, post_id, reason, note)
  values (v_reporter, v_comment.id, v_post_id, p_reason, p_note)
  on conflict do nothing;
  if not found then
    return json_build_object('success', true, 'alreadyReported', true);
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, comment_id, post_id, revision, body, note)
  values ('reported', v_reporter, coalesce(v_comment.author_id, v_owner), v_comment.id,
    coalesce(v_comment.post_id, v_post_id), v_comment.revision, v_comment.body, concat_ws(': ', p_reason, p_note));
  perform queues.open_review(v_comment.id, v_post_id);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'report');
    return null;
end $function$;

create or replace function queues.report_comment (
  p_comment_id uuid,
  p_reason     text,
  p_note       text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.report(coalesce(p_comment_id, uuid '00000000-0000-0000-0000-000000000000'), null, p_reason, p_note);
end $function$;

create or replace function queues.report_comments_of (
  p_day date
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_from timestamptz := p_day::timestamp at time zone 'UTC';
  v_until timestamptz := (p_day + 1)::timestamp at time zone 'UTC';
  v_report public.comment_reports;
begin
  select count(*) into v_report.posted from public.comments where created_at >= v_from and created_at < v_until;

  select
    coalesce(jsonb_object_agg(who, counts) filter (where who is not null), '{}')
  into v_report.by_decision
  from (
    select who, jsonb_object_agg(action, n) as counts
    from (
      select case when actor_id is null then 'machine' else 'moderators' end as who, action, count(*) as n
      from queues.moderation_log
      where at >= v_from and at < v_until and action in ('approved', 'flagged', 'rejected')
      group by 1, 2
    ) counted
    group by who
  ) deciders;

  select coalesce(jsonb_object_agg(code, n), '{}') into v_report.by_reason
  from (
    select reason ->> 'code' as code, count(*) as n
    from queues.moderation_log l cross join lateral jsonb_array_elements(l.reasons) reason
    where l.at >= v_from and l.at < v_until and l.action in ('flagged', 'rejected') and l.actor_id is null
      and reason ->> 'code' is not null
    group by 1
  ) codes;

  select
    count(*) filter (where action = 'approved' and actor_id is not null and exists (
      select from queues.moderation_log e
      where e.comment_id = l.comment_id and e.at < l.at and e.action = 'rejected' and e.actor_id is null)),
    count(*) filter (where action = 'reported'), count(*) filter (where action = 'appealed'),
    count(*) filter (where action = 'banned')
  into v_report.overruled, v_report.reports, v_report.appeals, v_report.bans
  from queues.moderation_log l where at >= v_from and at < v_until;

  select coalesce(sum(b.waiting), 0)::bigint, jsonb_object_agg(b.why, b.waiting), coalesce(max(b.oldest_secs), 0)
  into v_report.waiting, v_report.waiting_by_reason, v_report.oldest_waiting_secs
  from queues.comment_backlog() b where b.why <> 'pending';

  insert into public.comment_reports (
    day, posted, by_decision, by_reason, overruled, reports, appeals, bans, waiting, waiting_by_reason, oldest_waiting_secs)
  values (p_day, v_report.posted, v_report.by_decision, v_report.by_reason, v_report.overruled, v_report.reports,
    v_report.appeals, v_report.bans, v_report.waiting, v_report.waiting_by_reason, v_report.oldest_waiting_secs)
  on conflict (day) do update set
    posted = excluded.posted, by_decision = excluded.by_decision, by_reason = excluded.by_reason,
    overruled = excluded.overruled, reports = excluded.reports, appeals = excluded.appeals, bans = excluded.bans,
    reported_at = excluded.reported_at;
end $function$;

create or replace function queues.report_configuration (
  p_reports jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_most constant integer := 20;
  v_found queues.configuration_problems[];
begin
  perform queues.check_rows('effects.configuration', p_reports, array['problems']);
  perform queues.check_items('effects.configuration[-1].problems', coalesce(p_reports -> -1 -> 'problems', '[]'),
    '{"about": "^\"[a-z][a-z0-9_]{0,49}\"$", "problem": "^\"", "remedy": "^\""}');
  v_found := array(
    select distinct on (about, problem) (about, problem, left(remedy, 500), clock_timestamp())::queues.configuration_problems
    from (
      select about, left(problem, 500) as problem, remedy
      from jsonb_to_recordset(p_reports -> -1 -> 'problems') as r (about text, problem text, remedy text)
      limit c_most
    ) r
    order by about, problem);

  -- Most reports change nothing, and then lock nothing. Each of two at once may keep what the other one removes; the next
  -- run repairs it.
  delete from queues.configuration_problems
  where (about, problem) in (
    select p.about, p.problem from queues.configuration_problems p
    where not exists (select from unnest(v_found) f where f.about = p.about and f.problem = p.problem)
    order by p.about, p.problem for update);
  insert into queues.configuration_problems
  select f.* from unnest(v_found) f
  where not exists (select from queues.configuration_problems p where p.about = f.about and p.problem = f.problem)
  order by f.about, f.problem
  on conflict do nothing;
end $function$;

create or replace function queues.report_day (
  p_day date
)
  returns public.analytics_reports
  language plpgsql
  security definer
  set search_path to ''
  set work_mem to '64MB'
  set plan_cache_mode to 'force_custom_plan'
  AS $function$
declare
  v_report public.analytics_reports;
begin
  if p_day is null or p_day > (now() at time zone 'UTC')::date or not isfinite(p_day) then
    perform queues.reject('p_day', 'is not a day up to today', 'days are those of UTC');
  end if;
  v_report.day := p_day;

  select coalesce(sum(events), 0)::bigint, coalesce(jsonb_object_agg(event_type, events), '{}')
  into v_report.events, v_report.events_by_type
  from (
    select event_type, sum(count) as events from public.analytics_daily where day = p_day group by event_type
  ) types;

  select coalesce(jsonb_agg(to_jsonb(t) order by events desc, post_id), '[]') into v_report.top_posts
  from (
    select post_id, sum(count) as events, jsonb_object_agg(event_type, count) as events_by_type
    from public.analytics_daily where day = p_day and post_id is not null
    group by post_id
    order by events desc, post_id
    limit 10
  ) t;

  select count(*) into v_report.active_sessions
  from (
    select distinct session_id from public.analytics_events
    where created_at >= p_day::timestamp at time zone 'UTC' and created_at < (p_day + 1)::timestamp at time zone 'UTC'
      and session_id is not null
  ) sessions;

  v_report.limited_calls := queues.limited_calls(
    p_day::timestamp at time zone 'UTC', (p_day + 1)::timestamp at time zone 'UTC');

  -- Last, so that the row is locked only for a moment.
  insert into public.analytics_reports (day, events, events_by_type, active_sessions, top_posts, limited_calls)
  values (p_day, v_report.events, v_report.events_by_type, v_report.active_sessions, v_report.top_posts,
    v_report.limited_calls)
  on conflict (day) do update set
    events = excluded.events, events_by_type = excluded.events_by_type, active_sessions = excluded.active_sessions,
    top_posts = excluded.top_posts, limited_calls = excluded.limited_calls, reported_at = excluded.reported_at;

  -- The growth of the next day changes too, if it was reported before.
  update public.analytics_reports r set
    events_growth_percent = queues.growth_percent(
      r.events, (select sum(count)::bigint from public.analytics_daily where day = r.day - 1)),
    active_sessions_growth_percent = queues.growth_percent(
      r.active_sessions, (select active_sessions from public.analytics_reports where day = r.day - 1))
  where r.day in (p_day, p_day + 1);

  select * into v_report from public.analytics_reports where day = p_day;
  return v_report;
end $function$;

create or replace function queues.report_images_of (
  p_day date
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_from timestamptz := p_day::timestamp at time zone 'UTC';
  v_until timestamptz := (p_day + 1)::timestamp at time zone 'UTC';
begin
  insert into public.image_reports as r (
    day, uploaded, by_status, by_reason, uploaded_bytes, published_bytes, processing_secs_p95)
  select
    p_day, count(*),
    (select coalesce(jsonb_object_agg(s.status, s.n), '{}') from (
      select status, count(*) as n from public.post_images where created_at >= v_from and created_at < v_until group by 1) s),
    (select coalesce(jsonb_object_agg(f.reason, f.n), '{}') from (
      select reason, count(*) as n from public.post_images
      where created_at >= v_from and created_at < v_until and reason is not null group by 1) f),
    coalesce(sum(i.size_bytes), 0),
    coalesce(sum((select sum((v ->> 'size_bytes')::bigint) from jsonb_array_elements(i.variants) v)), 0),
    percentile_cont(0.95) within group (order by extract(epoch from i.processed_at - i.created_at))
      filter (where i.status = 'ready' and i.revision = 1)
  from public.post_images i
  where i.created_at >= v_from and i.created_at < v_until
  on conflict (day) do update set
    uploaded = excluded.uploaded, by_status = excluded.by_status, by_reason = excluded.by_reason,
    uploaded_bytes = excluded.uploaded_bytes, published_bytes = excluded.published_bytes,
    processing_secs_p95 = excluded.processing_secs_p95, reported_at = excluded.reported_at;
end $function$;

create or replace function queues.report_post (
  p_post_id uuid,
  p_reason  text,
  p_note    text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.report(null, p_post_id, p_reason, p_note);
end $function$;

create or replace function queues.rerank_trending()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Waits for the settlements under way, and blocks others, which would add to ranks of the old half-life.
  lock table queues.trending_ranks in share row exclusive mode;
  delete from queues.trending_ranks;
  insert into queues.trending_ranks (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))),
    last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour
    from queues.trending_hours
    where gain > 0 and hour >= now() - interval '30 days'
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour;
  return null;
end $function$;

create or replace function queues.restriction_of (
  p_person uuid
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_found queues.restrictions;
begin
  select * into v_found from queues.restrictions where profile_id = p_person;
  if v_found.banned_until > v_now then
    perform set_config('response.status', '403', true);
    return json_build_object('success', false, 'error', 'A moderator does not let you comment for now.',
      'code', 'banned', 'until', v_found.banned_until, 'note', v_found.ban_note);
  end if;
  if v_found.limited_until > v_now then
    return queues.refuse_too_many(v_found.limited_until - v_now, 'held_back',
      'You cannot comment for a while, because several of your comments were rejected.');
  end if;
  return null;
end $function$;

create or replace function queues.resume (
  p_queue text
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform queues.settings_of(p_queue);
  update queues.settings set paused = false where queue = p_queue;
  -- Due at the next tick, even if calls that failed before the pause would make it wait longer.
  insert into queues.due (queue) values (p_queue)
  on conflict (queue) do update set at = excluded.at, failed_calls = 0;
end $function$;

create or replace function queues.resume_queue (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_was_paused boolean := (select paused from queues.settings where queue = v_queue for no key update);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue']);
  perform queues.resume(v_queue);
  return jsonb_build_object('affected', v_was_paused::integer, 'was_paused', v_was_paused);
end $function$;

create or replace function queues.retry (
  p_queue   text,
  p_retries jsonb,
  p_run     uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  execute format($sql$
    with retries as (
      select r.*, queues.failure(code, error, $3) as failure
      from jsonb_to_recordset($2) as r (
        msg_id bigint, read_ct integer, delay_secs integer, code text, error text, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs) + queues.spread(q.msg_id)
      from retries where q.msg_id = retries.msg_id
    )
    insert into queues.failures as f (
      queue, msg_id, failures, settlements, settled_read_ct, first_failed_at, last_failed_at, last_code, last_error,
      history, delivered, waiting_since)
    select
      $1, msg_id, 1, 1, read_ct, (failure ->> 'at')::timestamptz, (failure ->> 'at')::timestamptz, failure ->> 'code',
      failure ->> 'error', jsonb_build_array(failure), coalesce(delivered, '{}'),
      clock_timestamp() + make_interval(secs => delay_secs)
    from retries
    order by msg_id
    on conflict (queue, msg_id) do update set
      waiting_since = excluded.waiting_since,
      failures = f.failures + 1,
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      first_failed_at = coalesce(f.first_failed_at, excluded.first_failed_at),
      last_failed_at = excluded.last_failed_at,
      last_code = excluded.last_code,
      last_error = excluded.last_error,
      history = queues.append_failure(f.history, excluded.history -> 0),
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_retries, p_run;
end $function$;

create or replace function queues.retry_uploads (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_uploads constant integer := 20;
  v_problem queues.upload_problems;
begin
  for v_problem in
    select * from queues.upload_problems
    where code !~ '^PT' and last_at < clock_timestamp() - make_interval(secs => 10 * 2 ^ least(tries, 8))
    order by last_at limit least(p_limit, c_uploads) for update skip locked
  loop
    if queues.is_stored(v_problem.bucket, v_problem.path) is false then
      delete from queues.upload_problems where bucket = v_problem.bucket and path = v_problem.path;
    else
      perform queues.try_upload(v_problem.bucket, v_problem.path);
    end if;
  end loop;
  return 0;
end $function$;

create or replace function queues.review_dead_letters (
  p_messages jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
  v_flagged public.comments[];
begin
  perform from public.comments where id = any(v_ids) order by id for no key update;
  with flagged as (
    update public.comments c set status = 'flagged', decided_at = clock_timestamp()
    where c.id = any(v_ids) and c.status = 'pending'
    returning c as comment
  )
  select array_agg(f.comment order by (f.comment).id) into v_flagged from flagged f;
  if v_flagged is null then
    return;
  end if;
  perform queues.log_moderation('flagged', c, null, 'the machine could not judge it'), queues.open_review(c.id, null)
  from unnest(v_flagged) c;
  perform queues.tell_of(v_flagged, true);
end $function$;

create or replace function queues.runs_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_silent_since timestamptz := queues.silent_since();
  v_before record;
  v_runs queues.runs[];
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_runs := array(
    select r from queues.runs r
    where r.queue = v_queue and (v_before.id is null or (r.last_seen_at, r.id) < (v_before.at, v_before.id::uuid))
    order by r.last_seen_at desc, r.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'settled_seq' || jsonb_build_object('outcome', coalesce(r.stopped_because,
        case when r.last_seen_at < v_silent_since then 'killed' else 'active' end)) order by r.last_seen_at desc, r.id desc), '[]')
      from unnest(v_runs[:v_limit]) r),
    'next', case when cardinality(v_runs) > v_limit then queues.place_of(v_runs[v_limit].last_seen_at, v_runs[v_limit].id::text) end);
end $function$;

create or replace function queues.sample (
  p_health queues.queue_health,
  p_since  timestamp with time zone
)
  returns queues.samples
  language plpgsql
  set search_path to ''
  AS $function$
declare
  h queues.queue_health := p_health;
  v_latency record;
  s queues.samples;
begin
  select * into v_latency from queues.latency(h.queue, p_since);
  s := (h.queue, clock_timestamp(), h.verdict, h.visible, h.in_flight, h.delayed, h.dead_letters, h.oldest_age_secs,
    h.workers_active, queues.counters(h.queue), v_latency.p50_secs, v_latency.p95_secs)::queues.samples;
  return s;
end $function$;

create or replace function queues.schedule_jobs()
  returns text[]
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_job queues.jobs;
  v_scheduled text[] := array[]::text[];
begin
  -- Jobs that are there stay as an operator has set them.
  for v_job in
    select * from queues.jobs j
    where not exists (select from cron.job c where c.jobname = j.name and c.username = current_user)
    order by name
  loop
    begin
      perform cron.schedule(v_job.name, v_job.schedule, v_job.command);
    exception
      when others then
        if v_job.schedule_without_seconds is null then
          raise;
        end if;
        perform cron.schedule(v_job.name, v_job.schedule_without_seconds, v_job.command);
        raise notice '%', format('the job `%s` runs every minute: pg_cron 1.5 or newer is needed for every ten seconds',
          v_job.name);
    end;
    v_scheduled := v_scheduled || v_job.name;
  end loop;
  return v_scheduled;
end $function$;

create or replace function queues.search_box (
  p_queue  text,
  p_box    text,
  p_msg_id bigint,
  p_text   text,
  p_limit  integer,
  p_until  timestamp with time zone
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Of each box the latest are read. More would keep an operator waiting.
  c_read constant integer := 20000;
  c_body_chars constant integer := 500;
  v_found jsonb;
begin
  if to_regclass(format('pgmq.%I', queues.box_of(p_queue, p_box))) is null then
    return jsonb_build_object('items', jsonb_build_array(), 'read', 0);
  end if;
  execute format($sql$
    with latest as materialized (
      select msg_id, enqueued_at, %2$s as at, read_ct, message, headers from pgmq.%1$I %3$s
    ), found as (
      select * from latest
      where ($2::text is null or strpos(message::text, $2) > 0)
      order by msg_id desc limit $5
    )
    select jsonb_build_object(
      'items', (select coalesce(jsonb_agg(jsonb_build_object(
        'queue', $7, 'box', $8, 'msg_id', msg_id, 'enqueued_at', enqueued_at, 'at', at, 'read_ct', read_ct, 'headers', headers,
        'size_bytes', octet_length(message::text), 'body', left(message::text, $6)) order by msg_id desc), '[]') from found),
      'read', (select count(*) from latest))
    $sql$, queues.box_of(p_queue, p_box), case when p_box in ('archive', 'discarded') then 'archived_at' else 'enqueued_at' end,
    -- By time only where pgmq has an index for it.
    case
      when p_msg_id is not null and p_box in ('dead_letters', 'discarded') then
        'where message @> jsonb_build_object(''msg_id'', $1) order by msg_id desc limit $5'
      when p_msg_id is not null then 'where msg_id = $1'
      when p_box in ('archive', 'discarded') then 'where archived_at <= $4 order by archived_at desc limit $3'
      else 'order by msg_id desc limit $3' end)
  into v_found using p_msg_id, p_text, c_read, p_until, p_limit, c_body_chars, p_queue, p_box;
  return v_found || jsonb_build_object('is_complete', p_msg_id is not null or (v_found ->> 'read')::integer < c_read);
end $function$;

create or replace function queues.search_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.text_argument(p_arguments, 'queue');
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_text text := queues.text_argument(p_arguments, 'text', '^.{3,200}$');
  -- In the body of a message, and of those that it caused.
  v_correlation_id text := queues.text_argument(p_arguments, 'correlation_id', '^[0-9a-f-]{32,36}$');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_until timestamptz := to_timestamp(queues.number_argument(p_arguments, 'until', 32503680000, 0, 32503680000)::float8);
  v_boxes jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'msg_id', 'text', 'correlation_id', 'limit', 'until']);
  if num_nonnulls(v_msg_id, v_text, v_correlation_id) <> 1 then
    perform queues.reject('arguments', 'do not have one of msg_id, text and correlation_id',
      'text: the id of a post or a person, or what else a message contains');
  end if;
  perform queues.settings_of(v_queue) where v_queue is not null;
  select jsonb_agg(queues.search_box(s.queue, b.box, v_msg_id, coalesce(v_correlation_id, v_text), v_limit, v_until)
    || jsonb_build_object('queue', s.queue, 'box', b.box))
  into v_boxes
  from queues.settings s, unnest(array['queue', 'archive', 'dead_letters', 'discarded']) b (box)
  where v_queue is null or s.queue = v_queue;
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(i order by i ->> 'enqueued_at', i ->> 'queue', (i ->> 'msg_id')::bigint), '[]')
      from (
        select i from jsonb_array_elements(v_boxes) b, jsonb_array_elements(b -> 'items') i
        order by i ->> 'enqueued_at' desc limit v_limit
      ) i),
    'incomplete', (
      select coalesce(jsonb_agg(jsonb_build_object('queue', b -> 'queue', 'box', b -> 'box', 'read', b -> 'read')), '[]')
      from jsonb_array_elements(v_boxes) b where b -> 'is_complete' = 'false'));
end $function$;

create or replace function queues.secret (
  p_name text
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (select secret from queues.read_secret(p_name));
end $function$;

create or replace function queues.send (
  p_queue      text,
  p_message    jsonb,
  p_delay_secs integer        default 0,
  p_dedup_key  text           default null::text,
  OUT          msg_id bigint,
  OUT          is_new boolean
)
  returns record
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_max_delay_secs constant integer := 366 * 24 * 60 * 60;
  v_key queues.message_keys;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_delay_secs', p_delay_secs, 0, c_max_delay_secs);
  if p_message is null then
    perform queues.reject('p_message', 'is missing', 'a message is JSON: null itself is written ''null''');
  end if;

  if p_dedup_key is not null then
    if length(p_dedup_key) not between 1 and 200 then
      perform queues.reject('p_dedup_key', 'does not have 1 to 200 characters', 'leave it out to send in any case');
    end if;
    -- Who sends with the same key waits here for the other to commit or roll back. Housekeeping may remove the row in
    -- between.
    loop
      insert into queues.message_keys (queue, key) values (p_queue, p_dedup_key) on conflict do nothing;
      select k.* into v_key from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key for update;
      exit when found;
    end loop;
    if queues.lock_keyed(v_key) = 'waiting' then
      msg_id := v_key.msg_id;
      is_new := false;
      return;
    end if;
  end if;

  msg_id := pgmq.send(p_queue, p_message, p_delay_secs);
  is_new := true;
  if p_dedup_key is not null then
    execute format('select enqueued_at from pgmq.%I where msg_id = $1', 'q_' || p_queue)
      into v_key.enqueued_at using msg_id;
    update queues.message_keys k set msg_id = send.msg_id, enqueued_at = v_key.enqueued_at
    where k.queue = p_queue and k.key = p_dedup_key;
  end if;
  if p_delay_secs = 0 then
    perform queues.wake(p_queue);
  end if;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'send');
end $function$;

create or replace function queues.send_alert (
  p_alert queues.alerts
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- The queue of the alerts themselves.
  c_queue constant text := 'alerts';
  v_is_over boolean := p_alert.over_at is not null;
begin
  -- An alert about the queue of the alerts would wait in it, and cause the next.
  if p_alert.queue = c_queue or (select webhook_url from queues.alert_settings) is null then
    return;
  end if;
  perform queues.send(c_queue, jsonb_build_object(
    'v', 1,
    'id', format('%s.%s', p_alert.id, case when v_is_over then 'over' else 'raised' end),
    'type', 'queue.' || case when v_is_over then 'ok' else p_alert.verdict end,
    'timestamp', coalesce(p_alert.over_at, p_alert.raised_at),
    'data', jsonb_build_object('alert_id', p_alert.id, 'queue', p_alert.queue, 'verdict', p_alert.verdict, 'reason', p_alert.reason,
      'remedy', p_alert.remedy, 'since', p_alert.since, 'over_at', p_alert.over_at)));
end $function$;

create or replace function queues.send_alerts (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_queue constant text := 'alerts';
  c_at_once constant integer := 20;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('queues.send_alerts', 0))
    or queues.missing_tables(c_queue) is not null then
    return 0;
  end if;
  perform queues.settle_alerts();
  perform queues.post_alert(m)
  from jsonb_array_elements(queues.claim_messages(c_queue, least(p_limit, c_at_once), null, false, false)::jsonb -> 'messages') m;
  return 0;
end $function$;

create or replace function queues.send_image (
  p_image public.post_images
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform pgmq.send('image_processing',
    jsonb_build_object('v', 1, 'image_id', p_image.id, 'revision', p_image.revision));
  perform queues.wake('image_processing');
  perform queues.broadcast_images(array[p_image.id]);
end $function$;

create or replace function queues.send_message (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'message', 'delay_secs']);
  perform queues.check_message(v_queue, 'message', p_arguments -> 'message');
  return jsonb_build_object('affected', 1, 'msg_id', (queues.send(
    v_queue, p_arguments -> 'message', queues.number_argument(p_arguments, 'delay_secs', 0, 0, 86400)::integer)).msg_id);
end $function$;

create or replace function queues.send_notifications (
  p_messages jsonb[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if cardinality(p_messages) > 0 then
    perform pgmq.send_batch('notifications', p_messages);
    perform queues.wake('notifications');
  end if;
end $function$;

create or replace function queues.send_to_moderation (
  p_comment uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform pgmq.send('comment_moderation', jsonb_strip_nulls(
    jsonb_build_object('v', 1, 'comment_id', p_comment, 'correlation_id', queues.correlation_id())));
  perform queues.wake('comment_moderation');
end $function$;

create or replace function queues.sequence_of (
  p_name text
)
  returns regclass
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return pg_get_serial_sequence(format('pgmq.%I', 'q_' || p_name), 'msg_id')::regclass;
end $function$;

create or replace function queues.series (
  p_queue     text,
  p_from      timestamp with time zone,
  p_step_secs integer
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    with samples as (
      select s.*, lag(s.counters) over (order by s.at) as before,
        floor(extract(epoch from s.at) / p_step_secs) * p_step_secs as step
      from queues.samples s where s.queue = p_queue and s.at > p_from - make_interval(secs => p_step_secs)
    ), steps as (
      select step,
        max(visible) as visible, max(in_flight) as in_flight, max(delayed) as delayed, max(dead_letters) as dead_letters,
        max(oldest_age_secs) as oldest_age_secs, max(workers_active) as workers_active,
        max(latency_p50_secs) as p50, max(latency_p95_secs) as p95,
        -- A queue that was dropped and made again begins at 0.
        sum(greatest(0, (counters ->> 'processed')::bigint - (before ->> 'processed')::bigint)) as processed,
        sum(greatest(0, (counters ->> 'retried')::bigint - (before ->> 'retried')::bigint)) as retried,
        sum(greatest(0, (counters ->> 'dead_lettered')::bigint - (before ->> 'dead_lettered')::bigint)) as dead_lettered,
        sum(greatest(0, (counters ->> 'expired')::bigint - (before ->> 'expired')::bigint)) as expired,
        (array_agg(verdict order by case verdict when 'failing' then 0 when 'late' then 1 else 2 end))[1] as verdict
      from samples where at > p_from group by step
    )
    select jsonb_build_object(
      'step_secs', p_step_secs,
      'at', coalesce(jsonb_agg(step order by step), '[]'),
      'verdict', coalesce(jsonb_agg(verdict order by step), '[]'),
      'visible', coalesce(jsonb_agg(visible order by step), '[]'),
      'in_flight', coalesce(jsonb_agg(in_flight order by step), '[]'),
      'delayed', coalesce(jsonb_agg(delayed order by step), '[]'),
      'dead_letters', coalesce(jsonb_agg(dead_letters order by step), '[]'),
      'oldest_age_secs', coalesce(jsonb_agg(oldest_age_secs order by step), '[]'),
      'workers_active', coalesce(jsonb_agg(workers_active order by step), '[]'),
      'processed', coalesce(jsonb_agg(processed order by step), '[]'),
      'retried', coalesce(jsonb_agg(retried order by step), '[]'),
      'dead_lettered', coalesce(jsonb_agg(dead_lettered order by step), '[]'),
      'expired', coalesce(jsonb_agg(expired order by step), '[]'),
      'latency_p50_secs', coalesce(jsonb_agg(p50 order by step), '[]'),
      'latency_p95_secs', coalesce(jsonb_agg(p95 order by step), '[]'))
    from steps);
end $function$;

create or replace function queues.set_correlation_id (
  p_id text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform set_config('queues.correlation_id', coalesce(p_id, ''), true);
end $function$;

create or replace function queues.set_notification_preferences (
  p_preferences jsonb
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.person();
  v_from time;
  v_until time;
begin
  perform queues.check_preferences(p_preferences);

  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles p set
    language = case when p_preferences ? 'language' then p_preferences ->> 'language' else p.language end,
    time_zone = case when p_preferences ? 'time_zone' then p_preferences ->> 'time_zone' else p.time_zone end,
    quiet_from = case when p_preferences ? 'quiet_from' then (p_preferences ->> 'quiet_from')::time else p.quiet_from end,
    quiet_until = case when p_preferences ? 'quiet_until' then (p_preferences ->> 'quiet_until')::time else p.quiet_until end,
    push_notifications = coalesce((p_preferences ->> 'push_notifications')::boolean, p.push_notifications),
    email_notifications = coalesce((p_preferences ->> 'email_notifications')::boolean, p.email_notifications)
  where p.id = v_person
  returning p.quiet_from, p.quiet_until into v_from, v_until;

  if (v_from is null) <> (v_until is null) then
    perform queues.reject(
      'p_preferences.' || case when v_from is null then 'quiet_from' else 'quiet_until' end, 'is missing',
      'quiet hours have a beginning and an end: set both to the same time for none, both to null for the default');
  end if;
  return queues.notification_preferences();
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('notifications', 'set the preferences');
    return null;
end $function$;

create or replace function queues.setting_bounds()
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Names of functions belong to whoever deploys them.
  c_fixed constant text[] := array['queue', 'paused', 'function_name', 'claim_hook', 'dead_letter_hook'];
begin
  return (
    with texts as (
      select replace(pg_get_constraintdef(c.oid), '"', '') as text from pg_catalog.pg_constraint c
      where c.conrelid = 'queues.settings'::regclass and c.contype = 'c'
    ), numbers as (
      -- A constraint compares a setting with a number: (max_workers > 0), ((batch_size >= 1) AND (batch_size <= 1000)).
      select m[1] as setting, m[2] as operator, m[3]::bigint as number
      from texts t, regexp_matches(t.text, '\(([a-z_]+) (<=?|>=?) (\d+)\)', 'g') m
    ), bounds as (
      select * from numbers
      union all
      -- Or with another one: (backoff_cap_secs >= backoff_base_secs).
      select case n.operator when '>' then m[1] when '>=' then m[1] else m[2] end, n.operator, n.number
      from texts t, regexp_matches(t.text, '\(([a-z_]+) >= ([a-z_]+)\)', 'g') m
      join numbers n on n.setting = case when n.operator in ('>', '>=') then m[2] else m[1] end
    )
    select jsonb_object_agg(a.attname, jsonb_build_object(
      'type', case a.atttypid when 'boolean'::regtype then 'boolean' else 'integer' end,
      'default', nullif(pg_get_expr(d.adbin, d.adrelid), '')::jsonb,
      'nullable', not a.attnotnull,
      'min', (select max(number + (operator = '>')::integer) from bounds where setting = a.attname and operator in ('>', '>=')),
      'max', (select min(number - (operator = '<')::integer) from bounds where setting = a.attname and operator in ('<', '<=')),
      'means', col_description(a.attrelid, a.attnum)))
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'queues.settings'::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all(c_fixed));
end $function$;

create or replace function queues.settings_of (
  p_queue text
)
  returns queues.settings
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings;
begin
  select * into v_settings from queues.settings where queue = p_queue;
  if not found then
    raise sqlstate 'PT404' using
      message = format('there is no queue `%s`', left(p_queue, 64)),
      hint = 'queues are the rows of queues.settings';
  end if;
  return v_settings;
end $function$;

create or replace function queues.settle_alert (
  p_msg_id   bigint,
  p_read_ct  integer,
  p_failures integer,
  p_code     text,
  p_error    text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_queue constant text := 'alerts';
  v_settings queues.settings := queues.settings_of(c_queue);
  v_failed jsonb := jsonb_build_object('msg_id', p_msg_id, 'read_ct', p_read_ct, 'code', p_code, 'error', left(p_error, 500));
begin
  delete from queues.alert_requests where msg_id = p_msg_id and read_ct = p_read_ct;
  -- A lease that was lost is another's to settle.
  perform queues.settle_messages(c_queue, case
    when p_code is null then jsonb_build_object('acks', jsonb_build_array(jsonb_build_array(p_msg_id, p_read_ct)))
    when p_failures >= v_settings.max_retries then jsonb_build_object('dead_letters', jsonb_build_array(v_failed))
    else jsonb_build_object('retries', jsonb_build_array(v_failed || jsonb_build_object('delay_secs', least(
      v_settings.backoff_cap_secs, v_settings.backoff_base_secs * 2 ^ least(p_failures, 20))::integer))) end);
end $function$;

create or replace function queues.settle_alerts()
  returns void
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  AS $function$
declare
  -- As in queues.open_calls and queues.reconcile_calls.
  c_begun_earlier constant interval := interval '1 second';
  c_lost_after constant interval := interval '1 minute';
  v_since timestamptz := (select min(requested_at) - c_begun_earlier from queues.alert_requests);
  v_request queues.alert_requests;
  v_answer record;
begin
  for v_request in select * from queues.alert_requests order by requested_at loop
    select r.status_code, r.timed_out, coalesce(r.error_msg, left(r.content, 200)) as text into v_answer
    from net._http_response r
    where r.created >= greatest(v_since, v_request.requested_at - c_begun_earlier) and r.id = v_request.request_id
    limit 1;
    if found then
      perform queues.settle_alert(v_request.msg_id, v_request.read_ct, v_request.failures,
        case when v_answer.status_code between 200 and 299 then null when v_answer.status_code is not null then 'webhook_refused'
          else 'webhook_unreachable' end,
        concat_ws(': ', 'HTTP ' || v_answer.status_code, case when v_answer.timed_out then 'no answer in time' end, v_answer.text));
    elsif v_request.requested_at not between clock_timestamp() - c_lost_after and clock_timestamp() + c_lost_after then
      perform queues.settle_alert(v_request.msg_id, v_request.read_ct, v_request.failures, 'webhook_unreachable',
        'pg_net has lost the call, as it does when the database crashes');
    end if;
  end loop;
exception
  when undefined_table or invalid_schema_name then
    -- Without pg_net there is no answer: the leases end, and queues.alert_access says why nothing is sent.
    delete from queues.alert_requests;
end $function$;

create or replace function queues.settle_deferred_likes (
  p_rows jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_uuid constant text := '^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$';
  v_ids uuid[];
  v_applied uuid[];
  v_owners text[];
  v_late text[] := array[]::text[];
  v_row record;
  v_like queues.deferred_likes;
  v_wait interval;
  v_reason text;
begin
  perform queues.check_items('effects.deferred_likes', p_rows, jsonb_build_object(
    'id', c_uuid, 'revision', '^\d{1,9}$', 'decision', '^"(apply|drop|wait)"$', 'reason', '^$|^null$|^"[a-z_]{1,100}"$',
    'until', '^$|^null$|^"'));
  v_ids := array(select (r ->> 'id')::uuid from jsonb_array_elements(p_rows) r);
  v_applied := array(select (r ->> 'id')::uuid from jsonb_array_elements(p_rows) r where r ->> 'decision' = 'apply');
  v_owners := array(select distinct owner from queues.deferred_likes where id = any(v_ids));

  -- Locked in the order of a toggle: posts, limits, likes.
  perform from public.posts_new
  where id = any(array(select post_id from queues.deferred_likes where id = any(v_applied)))
  order by id for no key update;
  perform queues.lock_rate_limit_keys(array(
    select k from queues.deferred_likes d
    cross join unnest(queues.rate_limit_keys('like', d.session_id, d.profile_id, d.address_key)) k
    where d.id = any(v_applied)));
  perform queues.lock_like_owners(v_owners);
  perform from queues.deferred_likes where id = any(v_ids) order by id for update;

  for v_row in
    select d as "like", r.decision, r.reason, r.until
    from (
      -- Two messages of one owner bring the same decisions.
      select distinct on (id) * from jsonb_to_recordset(p_rows)
        r (id uuid, revision integer, decision text, reason text, until timestamptz)
      order by id, decision
    ) r
    join queues.deferred_likes d on d.id = r.id and d.revision = r.revision and d.outcome is null
    order by d.apply_after, d.kept_at, d.id
  loop
    v_like := v_row."like";
    v_reason := v_row.reason;
    if v_row.decision = 'wait' then
      update queues.deferred_likes set apply_after = greatest(apply_after, v_row.until) where id = v_like.id;
      continue;
    elsif v_row.decision = 'apply' then
      continue when v_like.owner = any(v_late);
      if not exists (select from public.posts_new where id = v_like.post_id) then
        v_reason := 'post_gone';
      elsif queues.likes_post(v_like.post_id, v_like.session_id, v_like.profile_id) = v_like.is_liked then
        v_reason := 'nothing_to_do';
      else
        v_wait := queues.charge(
          queues.rate_limit_keys('like', v_like.session_id, v_like.profile_id, v_like.address_key));
        if v_wait > interval '0' then
          -- Others used up the limit since the claim. Later likes of this owner stay behind this one.
          v_late := array_append(v_late, v_like.owner);
          update queues.deferred_likes set apply_after = greatest(apply_after, clock_timestamp() + v_wait)
          where owner = v_like.owner and outcome is null;
          continue;
        end if;
        v_reason := queues.apply_deferred_like(v_like);
      end if;
    end if;
    update queues.deferred_likes set
      outcome = case when v_row.decision = 'apply' and v_reason is null then 'applied' else 'dropped' end,
      reason = v_reason,
      settled_at = clock_timestamp()
    where id = v_like.id;
  end loop;
  perform queues.wake_deferred_likes(v_owners);
end $function$;

create or replace function queues.settle_image_removals (
  p_removals jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_ids uuid[];
  v_left uuid[];
begin
  perform queues.check_items('effects.image_removals', p_removals, jsonb_build_object('removal_id', '^"[0-9a-f-]{36}"$'));
  v_ids := array(select (r ->> 'removal_id')::uuid from jsonb_array_elements(p_removals) r);
  perform from queues.image_removals where id = any(v_ids) order by id for update;

  -- A claim names a bounded number of objects. Rounds are bounded too, in case Storage does not do as it says.
  with again as (
    update queues.image_removals r set rounds = rounds + 1
    where r.id = any(v_ids) and r.rounds < 100 and r.image_id is not null
      and exists (select from queues.published_objects(r.owner_id, r.post_id, r.image_id))
    returning r.id
  )
  select coalesce(array_agg(id), '{}') into v_left from again;
  perform pgmq.send('image_processing', jsonb_build_object('v', 1, 'removal_id', id)) from unnest(v_left) id;
  delete from queues.image_removals where id = any(v_ids) and id <> all(v_left);
end $function$;

create or replace function queues.settle_messages (
  p_queue      text,
  p_settlement jsonb
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_run uuid;
  v_seq bigint;
  v_acks bigint[];
  v_lost bigint[];
  v_counts queues.settlements;
  v_gone text;
  v_failed jsonb;
begin
  perform queues.check_settlement(p_settlement);
  v_run := (p_settlement ->> 'run_id')::uuid;
  v_seq := (p_settlement ->> 'seq')::bigint;

  if v_run is not null and queues.touch_run(v_run, p_queue) >= v_seq then
    return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue));
  end if;

  v_lost := queues.lost_leases(p_queue, p_settlement);
  if v_lost <> '{}' then
    update queues.runs set lost = lost + cardinality(v_lost) where id = v_run;
    insert into queues.settlements (queue, run_id, lost) values (p_queue, v_run, cardinality(v_lost));
    return jsonb_build_object('applied', false, 'lost', v_lost, 'backlog', queues.backlog(p_queue));
  end if;

  v_failed := queues.failed_messages(p_queue, p_settlement) where p_settlement ?| array['retries', 'dead_letters'];
  v_acks := array(
    select (lease ->> 0)::bigint from jsonb_array_elements(p_settlement -> 'acks') lease
    union all
    select (dropped ->> 'msg_id')::bigint from jsonb_array_elements(p_settlement -> 'drops') dropped);
  perform queues.name_drops(p_queue, p_settlement -> 'drops')
    where p_settlement ? 'drops' and v_settings.retention_days is not null;
  perform queues.acknowledge(v_settings, v_acks) where v_acks <> '{}';
  perform queues.retry(p_queue, p_settlement -> 'retries', v_run) where p_settlement ? 'retries';
  perform queues.defer(p_queue, p_settlement -> 'deferrals') where p_settlement ? 'deferrals';
  perform queues.release(p_queue, p_settlement -> 'releases') where p_settlement ? 'releases';

  insert into queues.settlements as s (queue, run_id, processed, retried, deferred, dead_lettered, released, last_failure)
  values (
    p_queue,
    v_run,
    cardinality(v_acks),
    coalesce(jsonb_array_length(p_settlement -> 'retries'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'deferrals'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'dead_letters'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'releases'), 0),
    (select queues.failure(f ->> 'code', f ->> 'error')
     from coalesce(p_settlement #> '{dead_letters,-1}', p_settlement #> '{retries,-1}') f where f is not null))
  returning s.* into v_counts;

  update queues.runs set
    processed = processed + v_counts.processed,
    retried = retried + v_counts.retried,
    deferred = deferred + v_counts.deferred,
    released = released + v_counts.released,
    dead_lettered = dead_lettered + v_counts.dead_lettered,
    settled_seq = v_seq,
    stopped_because = p_settlement ->> 'stopped_because',
    error_code = p_settlement #>> '{error,code}',
    error = p_settlement #>> '{error,error}',
    finished_at = case when p_settlement ->> 'stopped_because' is not null then clock_timestamp() end
  where id = v_run;

  -- After the outcomes above, because other settlements may wait for rows of effects until this one commits; before the
  -- dead letters, because an effect knows more about a message than the hook of the queue.
  perform queues.apply_effects(p_settlement -> 'effects') where p_settlement ? 'effects';
  perform queues.dead_letter(v_settings, p_settlement -> 'dead_letters', p_was_tried => true, p_run => v_run)
    where p_settlement ? 'dead_letters';
  -- It left messages that another worker can handle now.
  perform queues.wake(p_queue)
    where p_settlement ->> 'stopped_because' in ('cpu_budget', 'memory_budget', 'wall_budget') and queues.backlog(p_queue) > 0;

  return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue))
    || case when v_failed is not null then jsonb_build_object('failed', v_failed) else '{}' end;
exception
  when sqlstate 'QGONE' then
    get stacked diagnostics v_gone = pg_exception_detail;
    return jsonb_build_object('applied', false, 'lost', '[]'::jsonb, 'gone', v_gone::jsonb, 'backlog', queues.backlog(p_queue));
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'settle');
    return null;
end $function$;

create or replace function queues.show_failed_uploads()
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if to_regclass('storage.objects') is null then
    return 'Storage is missing';
  end if;
  if not exists (
    select from pg_catalog.pg_policy
    where polrelid = to_regclass('storage.objects') and polname = 'operators look at uploads that failed'
  ) then
    create policy "operators look at uploads that failed" on storage.objects for select to authenticated
      using (queues.is_failed_upload(bucket_id, name));
  end if;
  return 'operators see uploads that failed';
exception
  when others then
    raise warning 'operators do not see uploads that failed: %', sqlerrm
      using hint = 'select queues.show_failed_uploads() as a role that may create policies on storage.objects';
    return sqlerrm;
end $function$;

create or replace function queues.show_hidden (
  p_queue text
)
  returns integer
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  c_budget constant interval := interval '1 second';
  c_slice constant interval := interval '50 milliseconds';
  c_rows constant integer := 1000;
  -- What a clock that was put back can hide before a tick notices.
  v_recent interval := make_interval(secs => 10 + 2 * queues.tick_secs());
  v_began timestamptz := clock_timestamp();
  v_slice_began timestamptz;
  m queues.marks := queues.newest_mark(p_queue);
  v_holds boolean := m.passed <> '{}' and queues.hold_mark(p_queue);
  v_ended text[] := array[]::text[];
  v_from timestamptz;
  v_to timestamptz;
  v_width interval := interval '10 seconds';
  v_seen integer;
  v_moved integer;
  v_shown integer := 0;
  v_skipped boolean := false;
begin
  if m.passed <> '{}' then
    v_ended := array(select unnest(m.passed) except select unnest(queues.open_writers(p_queue)));
    m := queues.newest_mark(p_queue);
  end if;
  if m.due_after = '-infinity' then
    return 0;
  end if;
  v_from := m.due_after - v_recent;
  if v_ended <> '{}' then
    v_from := least(v_from, m.passed_after);
  end if;

  while v_from < m.due_after loop
    v_slice_began := clock_timestamp();
    exit when v_slice_began > v_began + c_budget;
    v_to := case when v_from = '-infinity' then m.due_after - v_recent else least(m.due_after, v_from + v_width) end;
    -- The trigger moves them behind the mark.
    execute format($sql$
      with seen as materialized (
        select msg_id from pgmq.%1$I where vt > $1 and vt <= $2 order by vt limit $3
      ), free as materialized (
        select q.msg_id from pgmq.%1$I q join seen using (msg_id) where q.vt > $1 and q.vt <= $2 for update of q skip locked
      ), moved as (
        update pgmq.%1$I q set vt = q.vt from free where q.msg_id = free.msg_id returning 1
      )
      select (select count(*) from seen), (select count(*) from moved)
      $sql$, 'q_' || p_queue)
    into v_seen, v_moved using v_from, v_to, c_rows;
    v_shown := v_shown + v_moved;
    -- A claim may hold a message that began before the mark passed it, and roll back: a later tick looks again.
    v_skipped := v_skipped or v_moved < v_seen;
    if v_seen < c_rows or v_moved = 0 then
      v_from := v_to;
      v_width := case when clock_timestamp() > v_slice_began + c_slice then v_width / 2 else v_width * 2 end;
    end if;
  end loop;

  if v_holds and v_ended <> '{}' and not v_skipped then
    m.passed := case when v_from = m.due_after
      then array(select unnest(m.passed) except select unnest(v_ended)) else m.passed end;
    -- What is done of a sweep that goes on at the next tick need not be repeated, if nobody else was passed.
    m.passed_after := case when m.passed = '{}' then null
      when m.passed <@ v_ended then v_from else m.passed_after end;
    insert into queues.marks (
      queue, at, trigger_oid, trigger_xmin, due_after, next_due_after, writers, writers_since, passed, passed_after)
    values (p_queue, m.at, m.trigger_oid, m.trigger_xmin, m.due_after, m.next_due_after, m.writers, m.writers_since,
      m.passed, m.passed_after);
  end if;
  if v_shown > 0 then
    raise log 'queue `%` had % messages before its mark', p_queue, v_shown;
  end if;
  return v_shown;
end $function$;

create or replace function queues.show_person (
  p_person uuid,
  p_kind   text
)
  returns json
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_self uuid := queues.person();
begin
  delete from queues.hidden_people where person_id = v_self and kind = p_kind and hidden_id = p_person;
  return json_build_object('success', true);
end $function$;

create or replace function queues.signed_in()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_id uuid := queues.user_id();
begin
  if v_id is null then
    raise sqlstate 'PT403' using
      message = 'only signed-in people with a UUID as their id may do this',
      hint = 'sign in with Supabase Auth; people of a third party (Clerk, Firebase, Auth0) have ids that profiles cannot hold';
  end if;
  return v_id;
end $function$;

create or replace function queues.silenced (
  p_recipients uuid[],
  p_actors     uuid[]
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_object_agg(recipient, actors), '{}')
    from (
      select recipient, jsonb_agg(distinct actor) as actors
      from (
        select person_id as recipient, hidden_id as actor from queues.hidden_people
        where person_id = any(p_recipients) and hidden_id = any(p_actors)
        union all
        select hidden_id, person_id from queues.hidden_people
        where hidden_id = any(p_recipients) and person_id = any(p_actors) and kind = 'block'
      ) pairs
      group by recipient
    ) r);
end $function$;

create or replace function queues.silent_since()
  returns timestamp with time zone
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Three heartbeats of five seconds.
  c_silent constant interval := interval '15 seconds';
begin
  return clock_timestamp() - c_silent;
end $function$;

create or replace function queues.spread (
  p_msg_id bigint
)
  returns interval
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return p_msg_id % 1000 * interval '1 microsecond';
end $function$;

create or replace function queues.started_at()
  returns timestamp with time zone
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return pg_postmaster_start_time();
end $function$;

create or replace function queues.stay_above_mark()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_queue text := substr(tg_table_name, 3);
  v_mark timestamptz := (queues.newest_mark(v_queue)).next_due_after;
begin
  if current_setting('transaction_isolation') <> 'read committed'
    or (select m.at from queues.marks m where m.queue = v_queue order by m.n desc limit 1) > clock_timestamp()
  then
    -- The newest mark is not in this snapshot, or counts again once the clock has caught up with it.
    new.vt := clock_timestamp();
  elsif v_mark > '-infinity' then
    new.vt := greatest(new.vt, v_mark + interval '1 microsecond');
  elsif new.vt = '-infinity' then
    new.vt := clock_timestamp();
  end if;
  return new;
end $function$;

create or replace function queues.storage_problem (
  OUT reason text,
  OUT remedy text
)
  returns record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  v_settings queues.image_settings;
begin
  select * into v_settings from queues.image_settings;
  if to_regclass('storage.objects') is null then
    return;
  end if;
  if not exists (
    select from pg_catalog.pg_trigger
    where tgrelid = to_regclass('storage.objects') and tgname = 'queues_note_upload' and tgenabled in ('O', 'A')
  ) then
    reason := 'uploads are not noticed: storage.objects lacks the trigger `queues_note_upload`';
    remedy := 'select queues.watch_uploads()';
  elsif (select count(*) from storage.buckets where id in (v_settings.uploads_bucket, v_settings.images_bucket)) < 2 then
    reason := format('the bucket `%s` or `%s` is missing', v_settings.uploads_bucket, v_settings.images_bucket);
    remedy := 'select queues.watch_uploads()';
  elsif (select public from storage.buckets where id = v_settings.uploads_bucket) then
    reason := format('the bucket `%s` is public: everybody can read uploads, with the places where they were taken',
      v_settings.uploads_bucket);
    remedy := format('update storage.buckets set public = false where id = %L', v_settings.uploads_bucket);
  elsif not (select public from storage.buckets where id = v_settings.images_bucket) then
    reason := format('the bucket `%s` is not public: nobody sees its pictures', v_settings.images_bucket);
    remedy := format('update storage.buckets set public = true where id = %L', v_settings.images_bucket);
  end if;
exception
  when insufficient_privilege or undefined_table or undefined_column then
    reason := format('Storage cannot be read: %s', sqlerrm);
    remedy := format('grant usage on schema storage to %I; grant select on all tables in schema storage to %I', current_user, current_user);
end $function$;

create or replace function queues.stored_bytes (
  p_bucket text,
  p_path   text
)
  returns bigint
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select (o.metadata ->> 'size')::bigint from storage.objects o
    where o.bucket_id = p_bucket and o.name = p_path and o.metadata ->> 'size' ~ '^\d{1,18}$');
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return null;
end $function$;

create or replace function queues.supersede_likes (
  p_post_id uuid,
  p_owners  text[]
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_is_liked boolean;
begin
  with open as materialized (
    select id, owner, is_liked from queues.deferred_likes
    where owner = any(p_owners) and post_id = p_post_id and outcome is null and not is_superseded
    order by id
    for update
  ), superseded as (
    update queues.deferred_likes d set is_superseded = true, revision = revision + 1
    from open where d.id = open.id
  )
  select is_liked into v_is_liked from open order by array_position(p_owners, owner) limit 1;
  return v_is_liked;
end $function$;

create or replace function queues.take_place (
  p_run    uuid,
  p_queue  text,
  p_places integer
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Of a run seen further ahead than this, it was before the clock was set back, and its worker may be gone.
  c_clock_set_back constant interval := interval '1 minute';
  v_silent_since timestamptz;
begin
  if not exists (select from queues.runs where id = p_run) then
    -- Runs that begin at the same time come one after the other.
    perform pg_advisory_xact_lock(hashtextextended('queues.take_place', 0) # hashtextextended(p_queue, 0));
    v_silent_since := queues.silent_since();
    if p_places <= (
      select count(*) from queues.runs r
      where r.queue = p_queue and r.finished_at is null
        and r.last_seen_at between v_silent_since and v_silent_since + c_clock_set_back
    ) then
      return false;
    end if;
  end if;
  perform queues.touch_run(p_run, p_queue);
  return true;
end $function$;

create or replace function queues.take_push_token()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Profiles before devices, as queues.register_device locks them.
  perform queues.release_push_token(new.id, new.push_token);
  delete from public.devices
  where provider = 'fcm' and md5(token) = md5(new.push_token) and token = new.push_token and profile_id <> new.id;
  return null;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'set the token');
    return null;
end $function$;

create or replace function queues.take_samples (
  p_limit integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- A tick that comes a little early takes the sample of its minute.
  c_every constant interval := interval '55 seconds';
  c_longest constant interval := interval '5 minutes';
  c_kept constant interval := interval '25 hours';
  v_now timestamptz := clock_timestamp();
  -- A sample that is ahead was taken before the clock was set back.
  v_last timestamptz := (select max(at) from queues.samples where at <= v_now);
  h queues.queue_health;
  v_removed integer;
begin
  -- Of two ticks at once, one takes the samples.
  if v_last > v_now - c_every or not pg_try_advisory_xact_lock(hashtextextended('queues.take_samples', 0)) then
    return 0;
  end if;
  for h in select * from queues.health() loop
    begin
      insert into queues.samples
      select (queues.sample(h, greatest(v_last, v_now - c_longest))).*
      on conflict do nothing;
    exception
      when others then
        raise warning '%', format('no sample of queue `%s`: %s', h.queue, sqlerrm);
    end;
  end loop;
  delete from queues.samples where (queue, at) in (
    select queue, at from queues.samples where at not between v_now - c_kept and v_now + c_every limit p_limit
    for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $function$;

create or replace function queues.taken_id (
  p_name text,
  p_next bigint
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_taken bigint;
  v_letter_taken bigint;
begin
  execute format($sql$
    select greatest(
      (select max(msg_id) from pgmq.%1$I where msg_id >= $1),
      (select max(msg_id) from pgmq.%2$I where msg_id >= $1))
    $sql$, 'q_' || p_name, 'a_' || p_name)
  into v_taken using p_next;

  -- The newest dead letter stands for all of them.
  if to_regclass(format('pgmq.%I', 'q_' || p_name || '_dlq')) is not null then
    execute format($sql$
      select substring(message ->> 'msg_id' from '^\d{1,18}$')::bigint from pgmq.%I order by msg_id desc limit 1
      $sql$, 'q_' || p_name || '_dlq')
    into v_letter_taken;
    if v_letter_taken >= p_next then
      v_taken := greatest(v_taken, v_letter_taken);
    end if;
  end if;
  -- Others send meanwhile: an id that was seen above and that the sequence has passed by now came from there.
  return case when v_taken >= queues.next_id(p_name) then v_taken end;
end $function$;

create or replace function queues.tell_of (
  p_comments public.comments[],
  p_is_final boolean
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_tell_of_approval boolean := (select tell_of_approval from queues.comment_settings);
  v_comment public.comments;
  v_messages jsonb[] := array[]::jsonb[];
begin
  foreach v_comment in array coalesce(p_comments, '{}') loop
    if p_is_final and (v_tell_of_approval or v_comment.status <> 'approved') then
      v_messages := v_messages || jsonb_build_object(
        'v', 1, 'type', 'comment_moderated', 'recipient_id', v_comment.author_id, 'post_id', v_comment.post_id,
        'comment_id', v_comment.id, 'comment', v_comment.body, 'revision', v_comment.revision, 'decision', v_comment.status,
        'timestamp', clock_timestamp());
    end if;
    -- Others are told once, also of a comment that was edited; again only of one that was hidden meanwhile.
    if v_comment.status = 'approved' and v_comment.told is null then
      update public.comments set told = queues.audience_of(v_comment) where id = v_comment.id
      returning * into v_comment;
      v_messages := v_messages || queues.comment_notifications(v_comment, v_comment.told, false);
    elsif v_comment.status <> 'approved' and v_comment.told is not null then
      v_messages := v_messages || queues.comment_notifications(v_comment, v_comment.told, true);
      update public.comments set told = null where id = v_comment.id;
    end if;
  end loop;
  perform queues.send_notifications(v_messages);
end $function$;

create or replace function queues.tell_without_opinion (
  p_ids       uuid[],
  p_revisions text[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.tell_of(array(
    select c from public.comments c
    where c.id = any(p_ids) and (c.id, c.revision::text) in (select * from unnest(p_ids, p_revisions))
      and c.status = 'flagged' and c.opinion is null
    order by c.id for no key update), true);
end $function$;

create or replace function queues.test_alert (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_queue constant text := 'alerts';
  v_access record;
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  select * into v_access from queues.alert_access();
  if v_access.problem is not null then
    perform queues.reject('webhook', 'cannot be called: ' || v_access.problem, v_access.remedy);
  end if;
  return jsonb_build_object('affected', 1, 'msg_id', (queues.send(c_queue, jsonb_build_object(
    'v', 1, 'id', format('%s.test', gen_random_uuid()), 'type', 'test', 'timestamp', clock_timestamp(),
    'data', jsonb_build_object()))).msg_id);
end $function$;

create or replace function queues.text_argument (
  p_arguments jsonb,
  p_key       text,
  p_pattern   text  default '^.{1,200}$'::text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if not p_arguments ? p_key or p_arguments -> p_key = 'null' then
    return null;
  end if;
  if jsonb_typeof(p_arguments -> p_key) <> 'string' or p_arguments ->> p_key !~ p_pattern then
    perform queues.reject(p_key, 'is not valid', format('a text that matches %s', p_pattern));
  end if;
  return p_arguments ->> p_key;
end $function$;

create or replace function queues.tick_secs()
  returns integer
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  c_default_secs constant integer := 10;
  -- Of a schedule of hours or days, or one that is too clever.
  c_unknown_secs constant integer := 3600;
  v_schedule text;
begin
  if to_regclass('cron.job') is null then
    return c_default_secs;
  end if;
  select trim(j.schedule) into v_schedule from cron.job j
  where j.jobname = 'dispatch-queues' order by j.active desc, j.jobid limit 1;
  return case
    when v_schedule is null then c_default_secs
    when v_schedule ~* '^\d{1,2}\s+seconds?$' then substring(v_schedule from '^\d+')::integer
    when v_schedule ~ '^\*\s+\*\s+\*\s+\*\s+\*$' then 60
    when v_schedule ~ '^\*/\d{1,2}\s+\*\s+\*\s+\*\s+\*$' then 60 * substring(v_schedule from '/(\d+)')::integer
    else c_unknown_secs end;
end $function$;

create or replace function queues.time_literal (
  p_time timestamp with time zone
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  set "DateStyle" to 'ISO'
  set "TimeZone" to 'UTC'
  AS $function$
begin
  return format('%L::timestamptz', p_time);
end $function$;

create or replace function queues.toggle_post_like (
  p_post_id    uuid,
  p_session_id text,
  p_defer      boolean
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_profile_id uuid := (select id from public.profiles where id = queues.user_id());
  v_refused jsonb := queues.refuse_session_id(p_session_id);
  v_keys queues.rate_limit_key[];
  v_wait interval;
  v_wanted boolean;
  v_step integer;
  v_likes bigint;
begin
  if v_refused is not null then
    return (v_refused || jsonb_build_object('isLiked', false, 'newLikeCount', 0))::json;
  end if;

  -- A flood is refused before it waits for the post.
  v_keys := queues.rate_limit_keys_of('like', p_session_id, v_profile_id);
  v_wait := queues.rate_limit_wait(v_keys);
  if v_wait > interval '0' then
    if p_defer and not exists (select from public.posts_new where id = p_post_id) then
      return queues.post_not_found();
    end if;
    return queues.like_over_limit(p_post_id, p_session_id, v_profile_id, v_keys, v_wait, p_defer);
  end if;

  -- Locking the post orders the toggles of the post and its deletion.
  perform from public.posts_new where id = p_post_id for no key update;
  if not found then
    return queues.post_not_found();
  end if;

  v_wait := queues.charge(v_keys);
  if v_wait > interval '0' then
    return queues.like_over_limit(p_post_id, p_session_id, v_profile_id, v_keys, v_wait, p_defer);
  end if;

  perform queues.count_call('like', 'allowed', v_keys);

  -- Toggles what the caller was told last, so that it does not matter whether that is applied yet.
  v_wanted := not queues.supersede_likes(p_post_id, queues.like_owners(p_session_id, v_profile_id));
  select step, new_like_count into v_step, v_likes
  from queues.change_like(p_post_id, p_session_id, v_profile_id, v_wanted);
  return json_build_object('success', true, 'isLiked', coalesce(v_wanted, v_step = 1), 'newLikeCount', v_likes);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('like_events', 'toggle');
    return null;
end $function$;

create or replace function queues.too_many_requests (
  p_wait interval
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_secs integer := greatest(1, ceil(extract(epoch from p_wait)))::integer;
begin
  -- PostgREST answers with these, and commits. An error with a status would have no header, or roll back.
  perform set_config('response.status', '429', true);
  perform set_config('response.headers', format('[{"Retry-After": "%s"}]', v_secs), true);
  return v_secs;
end $function$;

create or replace function queues.touch_run (
  p_run   uuid,
  p_queue text
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text;
  v_settled_seq bigint;
begin
  insert into queues.runs as r (id, queue) values (p_run, p_queue)
  on conflict (id) do update set last_seen_at = clock_timestamp()
  returning r.queue, r.settled_seq into v_queue, v_settled_seq;

  if v_queue <> p_queue then
    perform queues.reject('run_id', format('belongs to a run of queue `%s`', v_queue), 'use a run for one queue only');
  end if;
  return v_settled_seq;
end $function$;

create or replace function queues.track_events (
  p_events     jsonb,
  p_session_id text
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.user_id();
  v_profile_id uuid := (select id from public.profiles where id = v_person);
  v_keys queues.rate_limit_key[];
  v_wait interval;
  v_messages jsonb[];
  v_correlation jsonb := jsonb_strip_nulls(jsonb_build_object('correlation_id', queues.correlation_id()));
  v_refused jsonb;
begin
  perform queues.check_tracked_events(p_events);
  -- Who is signed in needs none.
  if p_session_id is not null or v_person is null then
    v_refused := queues.refuse_session_id(p_session_id);
    if v_refused is not null then
      return v_refused::json;
    end if;
  end if;

  v_keys := queues.rate_limit_keys_of('event', p_session_id, v_person, jsonb_array_length(p_events));
  -- Most of a flood is refused without a lock.
  v_wait := queues.rate_limit_wait(v_keys);
  if (v_wait > interval '0') is not true then
    v_wait := queues.charge(v_keys);
  end if;
  perform queues.count_call('event', case when v_wait > interval '0' then 'refused' else 'allowed' end, v_keys);
  if v_wait > interval '0' then
    return json_build_object('success', false, 'error', 'Too many requests', 'code', 'rate_limited',
      'retryAfter', queues.too_many_requests(v_wait));
  end if;

  -- Without those of posts that do not exist, so that nobody makes counters for ids of their own invention.
  v_messages := array(
    select jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'event', event ->> 'event', 'post_id', p.id, 'session_id', p_session_id, 'profile_id', v_profile_id,
      'timestamp', clock_timestamp()))
      || jsonb_build_object('metadata', v_correlation || coalesce(nullif(event -> 'metadata', 'null'), '{}'))
    from jsonb_array_elements(p_events) with ordinality e (event, place)
    left join public.posts_new p on p.id = (event ->> 'post_id')::uuid
    where p.id is not null or event ->> 'post_id' is null
    order by place);
  if v_messages <> '{}' then
    perform pgmq.send_batch('analytics', v_messages);
    perform queues.wake('analytics');
  end if;
  return json_build_object('success', true, 'tracked', cardinality(v_messages),
    'unknownPosts', jsonb_array_length(p_events) - cardinality(v_messages));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('analytics', 'track');
    return null;
end $function$;

create or replace function queues.trending_decay()
  returns double precision
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  -- Events must be counted even if the row is missing.
  return ln(2::double precision) / coalesce((select half_life_secs from queues.trending_settings), 86400);
end $function$;

create or replace function queues.trial_claim (
  p_settings queues.settings,
  p_message  jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_message jsonb := jsonb_build_object(
    'msg_id', 1, 'read_ct', 1, 'enqueued_at', v_now, 'vt', v_now + make_interval(secs => p_settings.visibility_timeout_secs),
    'failures', 0, 'size_bytes', octet_length(p_message::text), 'message', p_message);
  v_claim jsonb := jsonb_build_object(
    'now', v_now, 'policy', queues.claim_policy(p_settings), 'backlog', 0, 'messages', jsonb_build_array(v_message));
  v_context record;
begin
  if p_settings.claim_hook is null then
    return v_claim;
  end if;
  select * into v_context from queues.claim_context_alone(p_settings, v_message::text);
  return v_claim || jsonb_strip_nulls(jsonb_build_object('context_error', v_context.error))
    || case when v_context.context is null then '{}' else jsonb_build_object('context', v_context.context::jsonb) end;
end $function$;

create or replace function queues.trial_claim_page (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings := queues.settings_of(queues.queue_argument(p_arguments));
  v_claim jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'message']);
  perform queues.check_message(v_settings.queue, 'message', p_arguments -> 'message');
  begin
    v_claim := queues.trial_claim(v_settings, p_arguments -> 'message');
    raise sqlstate 'QUNDO' using message = 'a trial';
  exception
    when sqlstate 'QUNDO' then
      return jsonb_build_object('claim', v_claim);
  end;
end $function$;

create or replace function queues.trouble (
  OUT queue text,
  OUT verdict text,
  OUT since timestamp with time zone,
  OUT ok_since timestamp with time zone
)
  returns SETOF record
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- An older sample says nothing about now.
  c_recent constant interval := interval '5 minutes';
  v_now timestamptz := clock_timestamp();
begin
  return query
  select l.queue, l.verdict,
    (select min(s.at) from queues.samples s where s.queue = l.queue and s.at > coalesce(l.last_ok, '-infinity')),
    (select min(s.at) from queues.samples s where s.queue = l.queue and s.at > coalesce(l.last_trouble, '-infinity'))
  from (
    select s.queue, (array_agg(s.verdict order by s.at desc))[1] as verdict, max(s.at) as at,
      max(s.at) filter (where s.verdict = 'ok') as last_ok, max(s.at) filter (where s.verdict <> 'ok') as last_trouble
    from queues.samples s where s.at <= v_now group by s.queue
  ) l
  where l.at > v_now - c_recent;
end $function$;

create or replace function queues.try_upload (
  p_bucket text,
  p_path   text
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.add_upload(p_bucket, p_path, queues.stored_bytes(p_bucket, p_path));
  return true;
exception
  when others then
    perform queues.record_upload_problem(p_bucket, p_path, sqlstate, sqlerrm);
    return false;
end $function$;

create or replace function queues.unblock_person (
  p_person uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.show_person(p_person, 'block');
end $function$;

create or replace function queues.unheard_calls (
  p_settings    queues.settings,
  p_waited_secs numeric
)
  returns bigint
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_on_their_way constant interval := interval '15 seconds';
  v_now timestamptz := clock_timestamp();
  v_since timestamptz := v_now - make_interval(secs => p_waited_secs::float8);
begin
  if exists (
    select from queues.runs
    where queue = p_settings.queue and last_seen_at > v_since
      -- A run whose claim failed has a record of its end only.
      and not (claimed = 0 and coalesce(stopped_because, '') = 'claim_failed')
  ) then
    return 0::bigint;
  end if;
  return (
    select count(*) from queues.dispatches
    where queue = p_settings.queue and requested_at between v_since and v_now - c_on_their_way and outcome = 'accepted');
end $function$;

create or replace function queues.unmute_person (
  p_person uuid
)
  returns json
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  return queues.show_person(p_person, 'mute');
end $function$;

create or replace function queues.unregister_device (
  p_provider text,
  p_token    text
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  v_person uuid := queues.person();
  v_token text := queues.device_token(p_provider, p_token);
  v_found boolean;
begin
  perform from public.profiles where id = v_person for no key update;
  delete from public.devices
  where provider = p_provider and md5(token) = md5(v_token) and token = v_token and profile_id = v_person;
  v_found := found;
  -- Otherwise the token in the profile would still receive pushes.
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles set push_token = null where id = v_person and p_provider = 'fcm' and push_token = p_token;
  return v_found or found;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'unregister');
    return null;
end $function$;

create or replace function queues.unsubscribe (
  p_token text
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if not queues.is_unsubscribe_token(p_token) then
    return jsonb_build_object(
      'success', false, 'code', 'invalid_token', 'error', 'This link is not valid. Your preferences are in the app.');
  end if;
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles set email_notifications = false
  where id = left(p_token, 36)::uuid and email_notifications is distinct from false;
  return jsonb_build_object('success', true, 'channel', 'email');
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'unsubscribe');
    return null;
end $function$;

create or replace function queues.unsubscribe_token (
  p_profile uuid
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return format('%s.email.%s', p_profile, encode(
    queues.hmac_sha256(format('unsubscribe:%s:email', p_profile), convert_to(queues.secret('queues_unsubscribe_key'), 'UTF8')), 'hex'))
  where p_profile is not null and queues.secret('queues_unsubscribe_key') is not null;
end $function$;

create or replace function queues.update_breakers (
  p_breakers jsonb
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_now timestamptz := clock_timestamp();
  v_breaker record;
begin
  perform queues.check_items('effects.breakers', p_breakers, jsonb_build_object(
    'provider', '^".{1,50}"$', 'service', '^(|"[a-z0-9.:\[\]-]{1,255}")$', 'version', '^\d{1,18}$', 'failures', '^\d{1,9}$', 'trips', '^\d{1,9}$',
    'open_secs', '^(|null|\d{1,7})$', 'reason', '^($|null$|")'));
  -- In the order of the key, so that two settlements cannot deadlock.
  insert into queues.circuit_breakers (provider, service)
  select 'web_push', service from jsonb_to_recordset(p_breakers) as b (provider text, service text, version bigint)
  where provider = 'web_push' and service <> '' and version = 0
  order by service
  on conflict do nothing;

  for v_breaker in
    select b.*, coalesce(b.service, '') as at_service
    from jsonb_to_recordset(p_breakers) as b (
      provider text, service text, version bigint, failures integer, trips integer, open_secs integer, reason text)
    order by provider, at_service
  loop
    update queues.circuit_breakers set
      version = version + 1,
      failures = v_breaker.failures,
      trips = v_breaker.trips,
      open_until = v_now + make_interval(secs => v_breaker.open_secs),
      probe_until = null,
      reason = left(v_breaker.reason, 500),
      updated_at = v_now
    where provider = v_breaker.provider and service = v_breaker.at_service and version = v_breaker.version;
  end loop;
end $function$;

create or replace function queues.uploads_bucket()
  returns text
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return (select uploads_bucket from queues.image_settings);
end $function$;

create or replace function queues.user_id()
  returns uuid
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return auth.uid();
exception
  -- A token of a third party (Clerk, Firebase, Auth0), whose ids are no UUIDs.
  when invalid_text_representation then
    return null;
end $function$;

create or replace function queues.usernames (
  p_profiles uuid[]
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  -- Bounds the work for absurdly long names.
  c_read constant integer := 1000;
begin
  return (
    select coalesce(jsonb_object_agg(id, left(username::text, c_read)), '{}')
    from public.profiles where id = any(p_profiles) and username is not null);
exception
  -- An app may rename it: people are then told of someone.
  when undefined_column then
    return jsonb_build_object();
end $function$;

create or replace function queues.variant_objects (
  p_variants jsonb
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('bucket', v -> 'bucket', 'path', v -> 'path')), '[]')
    from jsonb_array_elements(p_variants) v);
end $function$;

create or replace function queues.wake (
  p_queue text
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_settings queues.settings;
  v_now timestamptz;
begin
  -- Held until the producer commits, and never waited for: if the lock is taken, a call is being made. If that call
  -- comes too early to see this message, the next tick finds it.
  if not pg_try_advisory_xact_lock(hashtextextended('queues.wake', 0) # hashtextextended(p_queue, 0)) then
    return;
  end if;
  -- A variable, so that the index can be used; read after the lock is taken, so that no recorded call is later.
  v_now := clock_timestamp();
  select * into v_settings from queues.settings
  where queue = p_queue and wakes and not paused and function_name is not null;
  if not found or exists (
    select from queues.dispatches
    where queue = p_queue and requested_at between v_now - interval '1 second' and v_now
  ) or queues.active_workers(p_queue) >= v_settings.max_workers then
    return;
  end if;
  perform queues.call_worker(p_queue, 'wake');
exception
  when others then
    -- The producer's transaction must not fail because of a call that the next tick makes anyway.
    raise warning 'the worker of queue `%` was not called: %', p_queue, sqlerrm;
end $function$;

create or replace function queues.wake_deferred_likes (
  p_owners text[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  c_max_delay_secs constant integer := 86400;
begin
  perform pgmq.send('deferred_actions', jsonb_build_object('v', 1, 'action', 'like', 'owner', due.owner),
    least(c_max_delay_secs, greatest(0, ceil(extract(epoch from due.at - clock_timestamp()))))::integer)
  from (
    select d.owner, min(d.apply_after) as at from queues.deferred_likes d
    where d.owner = any(p_owners) and d.outcome is null
    group by d.owner
    order by d.owner
  ) due;
end $function$;

create or replace function queues.wanted_workers (
  p_queue       text,
  p_batch_size  integer,
  p_max_workers integer
)
  returns integer
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  set enable_bitmapscan to 'off'
  AS $function$
declare
  v_wanted integer;
begin
  -- Counts no more messages than the workers could take.
  execute format(
    'select ceil(count(*) / $3::numeric) from (select from pgmq.%I where vt > $1 and vt <= $2 limit $3::bigint * $4) visible',
    'q_' || p_queue)
    into v_wanted using (queues.newest_mark(p_queue)).due_after, clock_timestamp(), p_batch_size, p_max_workers;
  return v_wanted;
end $function$;

create or replace function queues.watch_storage()
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  create or replace trigger queues_note_upload after insert or update or delete on storage.objects
    for each row execute function queues.note_storage_change();
  if exists (
    select from pg_catalog.pg_policy
    where polrelid = 'storage.objects'::regclass and polname = 'people upload their own pictures'
  ) then
    return;
  end if;
  create policy "people upload their own pictures" on storage.objects for insert to authenticated
    with check (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people replace and move their own uploads" on storage.objects for update to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'))
    with check (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people read their own uploads" on storage.objects for select to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people remove their own uploads" on storage.objects for delete to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
end $function$;

create or replace function queues.watch_uploads()
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_settings queues.image_settings;
begin
  select * into v_settings from queues.image_settings;
  if to_regclass('storage.objects') is null or to_regclass('storage.buckets') is null then
    raise notice 'Storage is missing: uploads come by enqueue_image';
    return 'Storage is missing';
  end if;
  insert into storage.buckets (id, name, public, file_size_limit)
  values (v_settings.uploads_bucket, v_settings.uploads_bucket, false, 20000000)
  on conflict do nothing;
  insert into storage.buckets (id, name, public)
  values (v_settings.images_bucket, v_settings.images_bucket, true)
  on conflict do nothing;
  if (select public from storage.buckets where id = v_settings.uploads_bucket) then
    raise warning 'the bucket `%` is public: everybody can read uploads, with the places where they were taken',
      v_settings.uploads_bucket
      using hint = 'make it private, or name another bucket in queues.image_settings';
  end if;
  perform queues.watch_storage();
  return 'uploads are watched';
exception
  when others then
    raise warning 'uploads are not watched: %', sqlerrm
      using hint = 'select queues.watch_uploads() as a role that may create triggers and policies on storage.objects';
    return sqlerrm;
end $function$;

create or replace function queues.withdraw (
  p_queue  text,
  p_filter jsonb   default '{}'::jsonb,
  p_limit  integer default 1000
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  c_counted constant integer := 10000;
  -- As queues.peek tells them apart. A lease that has expired is nobody's.
  c_waits constant text := $c$(q.vt <= $2 or q.read_ct = 0 or exists (
    select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct))$c$;
  v_settings queues.settings := queues.existing_queue(p_queue);
  -- In the shape of dead letters, for the conditions that these have.
  v_messages text := format(
    $c$(select q.msg_id, q.enqueued_at, jsonb_build_object('message', q.message) as message from pgmq.%I q where $c$, 'q_' || p_queue);
  v_condition text;
  v_now timestamptz := clock_timestamp();
  v_msg_ids bigint[];
  v_left integer;
  v_in_flight integer;
begin
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  perform queues.check_keys('filter', p_filter, array['msg_ids', 'older_than_secs', 'newer_than_secs', 'path', 'value']);
  v_condition := queues.letter_condition(p_filter);

  execute format($sql$
    with chosen as materialized (
      select msg_id from %1$s %2$s) l where %3$s order by msg_id limit $3
    ), locked as materialized (
      -- What a worker has claimed since is skipped.
      select q.msg_id from pgmq.%4$I q where q.msg_id in (select msg_id from chosen) and %2$s
      order by q.msg_id for update of q skip locked
    )
    select array(select msg_id from locked order by msg_id)
    $sql$, v_messages, c_waits, v_condition, 'q_' || p_queue)
  into v_msg_ids using p_queue, v_now, p_limit;
  perform queues.dead_letter(v_settings, (
    select jsonb_agg(jsonb_build_object('msg_id', id, 'code', 'withdrawn', 'error', 'an operator withdrew the message'))
    from unnest(v_msg_ids) id), false)
  where v_msg_ids <> '{}';

  execute format('select count(*) from (select from %s %s) l where %s limit $3) l', v_messages, c_waits, v_condition)
    into v_left using p_queue, v_now, c_counted;
  execute format('select count(*) from (select from %s not %s) l where %s limit $3) l', v_messages, c_waits, v_condition)
    into v_in_flight using p_queue, v_now, c_counted;
  return jsonb_build_object('withdrawn', cardinality(v_msg_ids), 'left', v_left, 'in_flight', v_in_flight);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'withdraw');
    return null;
end $function$;

create or replace function queues.withdraw_comment (
  p_comment public.comments
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform queues.send_notifications(queues.comment_notifications(p_comment, p_comment.told, true));
end $function$;

create or replace function queues.withdraw_messages (
  p_arguments jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_filter jsonb := p_arguments -> 'filter';
  v_result jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  if v_filter is null then
    perform queues.reject('filter', 'is missing', 'for all messages that wait: {}');
  end if;
  v_result := queues.withdraw(v_queue, v_filter, queues.number_argument(p_arguments, 'limit', 1000, 1, 10000)::integer);
  return v_result - 'withdrawn' || jsonb_build_object('affected', v_result -> 'withdrawn');
end $function$;

alter table "public"."analytics_events"
  add constraint "analytics_events_post_id_fkey" foreign key (post_id) references public.posts_new(id) on delete
    set null;

alter table "public"."analytics_events"
  add constraint "analytics_events_profile_id_fkey" foreign key (profile_id) references public.profiles(id) on delete
    set null;

alter table "public"."comments"
  add constraint "comments_author_id_fkey" foreign key (author_id) references public.profiles(id) on delete cascade;

alter table "public"."comments"
  add constraint "comments_decided_by_fkey" foreign key (decided_by) references public.profiles(id) on delete set null;

alter table "public"."comments"
  add constraint "comments_parent_id_fkey" foreign key (parent_id) references public.comments(id) on delete cascade;

alter table "public"."comments"
  add constraint "comments_post_id_fkey" foreign key (post_id) references public.posts_new(id) on delete cascade;

alter table "public"."comments"
  add constraint "comments_reply_to_fkey" foreign key (reply_to) references public.profiles(id) on delete set null;

alter table "public"."devices"
  add constraint "devices_profile_id_fkey" foreign key (profile_id) references public.profiles(id) on delete cascade;

alter table "public"."notifications"
  add constraint "notifications_recipient_id_fkey" foreign key (recipient_id) references public.profiles(id)
    on delete cascade;

alter table "public"."post_images"
  add constraint "post_images_owner_id_fkey" foreign key (owner_id) references public.profiles(id) on delete cascade;

alter table "public"."post_image_secrets"
  add constraint "post_image_secrets_image_id_fkey" foreign key (image_id) references public.post_images(id)
    on delete cascade;

alter table "queues"."appeals"
  add constraint "appeals_comment_id_fkey" foreign key (comment_id) references public.comments(id) on delete cascade;

alter table "queues"."deferred_likes"
  add constraint "deferred_likes_profile_id_fkey" foreign key (profile_id) references public.profiles(id)
    on delete cascade;

alter table "queues"."hidden_people"
  add constraint "hidden_people_hidden_id_fkey" foreign key (hidden_id) references public.profiles(id) on delete cascade;

alter table "queues"."hidden_people"
  add constraint "hidden_people_person_id_fkey" foreign key (person_id) references public.profiles(id) on delete cascade;

alter table "queues"."moderators"
  add constraint "moderators_profile_id_fkey" foreign key (profile_id) references public.profiles(id) on delete cascade;

alter table "queues"."notification_actors"
  add constraint "notification_actors_notification_id_fkey" foreign key (notification_id)
    references public.notifications(id) on delete cascade;

alter table "queues"."notification_actors"
  add constraint "notification_actors_recipient_id_fkey" foreign key (recipient_id) references public.profiles(id)
    on delete cascade;

alter table "queues"."notification_deliveries"
  add constraint "notification_deliveries_notification_id_fkey" foreign key (notification_id)
    references public.notifications(id) on delete cascade;

alter table "queues"."operators"
  add constraint "operators_profile_id_fkey" foreign key (profile_id) references public.profiles(id) on delete cascade;

alter table "queues"."reports"
  add constraint "reports_comment_id_fkey" foreign key (comment_id) references public.comments(id) on delete cascade;

alter table "queues"."reports"
  add constraint "reports_post_id_fkey" foreign key (post_id) references public.posts_new(id) on delete cascade;

alter table "queues"."reports"
  add constraint "reports_reporter_id_fkey" foreign key (reporter_id) references public.profiles(id) on delete cascade;

alter table "queues"."restrictions"
  add constraint "restrictions_profile_id_fkey" foreign key (profile_id) references public.profiles(id)
    on delete cascade;

alter table "queues"."reviews"
  add constraint "reviews_comment_id_fkey" foreign key (comment_id) references public.comments(id) on delete cascade;

alter table "queues"."reviews"
  add constraint "reviews_image_id_fkey" foreign key (image_id) references public.post_images(id) on delete cascade;

alter table "queues"."reviews"
  add constraint "reviews_post_id_fkey" foreign key (post_id) references public.posts_new(id) on delete cascade;

alter table "queues"."dispatches"
  add constraint "dispatches_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."due"
  add constraint "due_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."failures"
  add constraint "failures_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."message_keys"
  add constraint "message_keys_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."redrives"
  add constraint "redrives_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."runs"
  add constraint "runs_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."samples"
  add constraint "samples_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

alter table "queues"."totals"
  add constraint "totals_queue_fkey" foreign key (queue) references queues.settings(queue) on update cascade
    on delete cascade;

create index analytics_events_created_at_idx on public.analytics_events using btree (created_at);

create index analytics_events_event_type_idx on public.analytics_events using btree (event_type);

create index analytics_events_post_id_idx on public.analytics_events using btree (post_id);

create index analytics_events_profile_id_idx on public.analytics_events using btree (profile_id)
  where (profile_id is not null);

create index comments_author_id_idx on public.comments using btree (author_id, created_at desc);

create index comments_created_at_idx on public.comments using btree (created_at);

create index comments_decided_by_idx on public.comments using btree (decided_by);

create index comments_parent_id_idx on public.comments using btree (parent_id);

create index comments_pending_idx on public.comments using btree (COALESCE(edited_at, created_at))
  where (status = 'pending'::text);

create index comments_post_id_idx on public.comments using btree (post_id);

create index comments_reply_to_idx on public.comments using btree (reply_to);

create index comments_thread_idx on public.comments using btree (COALESCE(parent_id, post_id), created_at desc, id desc);

create index devices_profile_id_last_seen_at_idx on public.devices using btree (profile_id, last_seen_at desc);

create unique index devices_provider_token_idx on public.devices using btree (provider, md5(token));

create index notifications_created_at_idx on public.notifications using btree (created_at);

create index notifications_group_idx on public.notifications using btree (recipient_id, group_key, created_at desc);

create index notifications_list_idx on public.notifications using btree (recipient_id, updated_at desc, id desc)
  where (withdrawn_at is null);

create index notifications_unread_idx on public.notifications using btree (recipient_id, updated_at)
  where ((read_at is null) AND (withdrawn_at is null));

create index post_images_created_at_idx on public.post_images using btree (created_at);

create index post_images_held_idx on public.post_images using btree (processed_at)
  where (status = 'held'::text);

create index post_images_owner_id_idx on public.post_images using btree (owner_id);

create index post_images_pending_idx on public.post_images using btree (created_at)
  where (status = 'pending'::text);

create index post_images_post_id_idx on public.post_images using btree (post_id, created_at);

create index post_images_processed_at_idx on public.post_images using btree (processed_at);

create index profiles_push_token_idx on public.profiles using btree (md5(push_token))
  where (push_token is not null);

create unique index alerts_open_idx on queues.alerts using btree (queue)
  where (over_at is null);

create index alerts_raised_at_idx on queues.alerts using btree (raised_at);

create unique index cleanups_one_at_a_time_idx on queues.cleanups using btree (((finished_at is null)))
  where (finished_at is null);

create index comment_simhashes_at_idx on queues.comment_simhashes using btree (at desc);

create index deferred_likes_address_idx on queues.deferred_likes using btree (address_key)
  where (outcome is null);

create index deferred_likes_kept_at_idx on queues.deferred_likes using btree (kept_at);

create unique index deferred_likes_open_idx on queues.deferred_likes using btree (owner, post_id)
  where (outcome is null);

create index deferred_likes_order_idx on queues.deferred_likes using btree (owner, apply_after)
  where (outcome is null);

create index deferred_likes_profile_idx on queues.deferred_likes using btree (profile_id)
  where (profile_id is not null);

create index dispatches_pending_idx on queues.dispatches using btree (requested_at)
  where (outcome is null);

create index dispatches_queue_requested_at_idx on queues.dispatches using btree (queue, requested_at) include (outcome);

create index failures_redriven_idx on queues.failures using btree (queue, msg_id)
  where (redriven_from is not null);

create index hidden_people_hidden_id_idx on queues.hidden_people using btree (hidden_id, kind, person_id);

create index hidden_people_list_idx on queues.hidden_people using btree (person_id, kind, since desc, hidden_id desc);

create index image_removals_requested_at_idx on queues.image_removals using btree (requested_at);

create index moderation_log_at_idx on queues.moderation_log using btree (at);

create index moderation_log_comment_idx on queues.moderation_log using btree (comment_id, at desc);

create index moderation_log_person_idx on queues.moderation_log using btree (person_id, at desc);

create index notification_actors_at_idx on queues.notification_actors using btree (at);

create index notification_actors_notification_id_idx on queues.notification_actors
  using btree (notification_id, is_active, at desc);

create index notification_deliveries_created_at_idx on queues.notification_deliveries using btree (created_at);

create index notification_deliveries_recipient_idx on queues.notification_deliveries
  using btree (recipient_id, channel, claimed_at)
  where (status = ANY (ARRAY['sending'::text, 'sent'::text]));

create index notification_deliveries_settled_at_idx on queues.notification_deliveries
  using btree (settled_at, provider, status)
  where (settled_at is not null);

create index notification_deliveries_uncertain_idx on queues.notification_deliveries using btree (claimed_at)
  where (uncertain_tries > 0);

create index operator_log_at_idx on queues.operator_log using btree (at);

create index reports_comment_id_idx on queues.reports using btree (comment_id, reported_at desc);

create index reports_post_id_idx on queues.reports using btree (post_id, reported_at desc);

create index reviews_list_idx on queues.reviews using btree (opened_at, id);

create index runs_queue_last_seen_at_idx on queues.runs using btree (queue, last_seen_at)
  include (finished_at, stopped_because);

create index settlements_last_failure_idx on queues.settlements using btree (queue, at)
  where (last_failure is not null);

create index trending_hours_hour_idx on queues.trending_hours using btree (hour);

create index trending_ranks_rank_last_hour_idx on queues.trending_ranks using btree (rank, last_hour);

create index upload_problems_last_at_idx on queues.upload_problems using btree (last_at);

create trigger remove_images
  after delete on public.post_images referencing OLD table as gone
  for each STATEMENT
  execute function queues.remove_images();

create trigger forget_pictures
  after delete on public.posts_new referencing OLD table as gone
  for each STATEMENT
  execute function queues.forget_posts();

create trigger take_push_token
  after insert or update of push_token on public.profiles
  for each row
  when ((new.push_token IS NOT NULL))
  execute function queues.take_push_token();

create trigger check_console
  before insert or update on queues.console
  for each row
  execute function queues.check_console();

create trigger check_effect
  before insert or update on queues.effects
  for each row
  execute function queues.check_effect();

create trigger check_gauge
  before insert or update on queues.gauges
  for each row
  execute function queues.check_gauge();

create trigger check_housekeeping
  before insert or update on queues.housekeeping
  for each row
  execute function queues.check_housekeeping();

create trigger check_image_settings
  before insert or update of hold_function on queues.image_settings
  for each row
  execute function queues.check_image_settings();

create trigger add_due
  after insert on queues.settings
  for each row
  execute function queues.add_due();

create trigger check_hooks
  before insert or update of queue, claim_hook, dead_letter_hook on queues.settings
  for each row
  execute function queues.check_hooks();

create trigger rerank_trending
  after update of half_life_secs on queues.trending_settings
  for each STATEMENT
  execute function queues.rerank_trending();

create policy "the service reads counters" on "public"."analytics_daily"
  for select
  to "service_role"
  using (true);

create policy "the service reads events" on "public"."analytics_events"
  for select
  to "service_role"
  using (true);

create policy "the service reads reports" on "public"."analytics_reports"
  for select
  to "service_role"
  using (true);

create policy "the service reads reports of comments" on "public"."comment_reports"
  for select
  to "service_role"
  using (true);

create policy "approved comments are readable by all" on "public"."comments"
  for select
  to "anon"
  using (((status = 'approved'::text) AND (exists ( select
   from public.posts_new p
  where (p.id = comments.post_id)))));

create policy "people read approved comments and their own, moderators all" on "public"."comments"
  for select
  to "authenticated"
  using
    (((author_id = ( select queues.user_id() as user_id)) or ( select queues.is_moderator() as is_moderator) or ((status
    = 'approved'::text) AND (exists ( select
   from public.posts_new p
  where (p.id = comments.post_id))) AND (not queues.is_apart_from(author_id)))));

create policy "people see their own devices" on "public"."devices"
  for select
  to "authenticated"
  using ((profile_id = ( select queues.user_id() as user_id)));

create policy "the service reads reports of pictures" on "public"."image_reports"
  for select
  to "service_role"
  using (true);

create policy "people read their own notifications" on "public"."notifications"
  for select
  to "authenticated"
  using (((recipient_id = ( select queues.user_id() as user_id)) AND (withdrawn_at is null)));

create policy "people read the secrets of their own pictures" on "public"."post_image_secrets"
  for select
  to "authenticated"
  using ((exists ( select
   from public.post_images i
  where ((i.id = post_image_secrets.image_id) AND (i.owner_id = ( select queues.user_id() as user_id))))));

create policy "people read pictures with their post, and their own" on "public"."post_images"
  for select
  to "authenticated"
  using (((owner_id = ( select queues.user_id() as user_id)) or ((status = 'ready'::text) AND (exists ( select
   from public.posts_new p
  where (p.id = post_images.post_id))) AND queues.is_own_post(post_id, owner_id))));

create policy "pictures are readable with their post" on "public"."post_images"
  for select
  to "anon"
  using (((status = 'ready'::text) AND (exists ( select
   from public.posts_new p
  where (p.id = post_images.post_id))) AND queues.is_own_post(post_id, owner_id)));

comment on column "public"."analytics_daily"."count" is 'The number of events.';

comment on column "public"."analytics_daily"."post_id" is 'No foreign key: the counters of a deleted post remain.';

comment on column "public"."analytics_events"."metadata" is 'Other data of the producer; also post_id or profile_id, if it no longer existed when the event was stored.';

comment on column "public"."analytics_reports"."active_sessions" is 'The number of different sessions among the events of the day.';

comment on column "public"."analytics_reports"."active_sessions_growth_percent" is 'Compared to the day before; null if that day had no sessions or no report.';

comment on column "public"."analytics_reports"."events_by_type" is '{event type: how many}';

comment on column "public"."analytics_reports"."events_growth_percent" is 'Compared to the day before; null if that day had no events.';

comment on column "public"."analytics_reports"."limited_calls" is 'Calls of actions that have a rate limit: {action: {"allowed", "refused", "deferred"}}. What nobody got is left out.';

comment on column "public"."analytics_reports"."reported_at" is 'Events that arrived later are included when the report is made again.';

comment on column "public"."analytics_reports"."top_posts" is 'The ten posts with the most events, in that order: [{"post_id", "events", "events_by_type"}]. A post may have been deleted since.';

comment on column "public"."comment_reports"."by_decision" is '{machine: {approved, flagged, rejected}, moderators: {approved, rejected}}';

comment on column "public"."comment_reports"."by_reason" is 'How often each code was a reason of the machine: {code: number}';

comment on column "public"."comment_reports"."oldest_waiting_secs" is 'For how long the oldest of them had waited.';

comment on column "public"."comment_reports"."overruled" is 'Comments that a moderator approved after the machine had rejected them.';

comment on column "public"."comment_reports"."posted" is 'Comments of that day that still exist.';

comment on column "public"."comment_reports"."waiting" is 'Comments and posts that waited for a moderator when this was made.';

comment on column "public"."comment_reports"."waiting_by_reason" is 'Those, by why they wait: {flagged, reported, appealed}';

comment on column "public"."comments"."decided_by" is 'The moderator who decided; null if the machine did.';

comment on column "public"."comments"."language" is 'The language whose thresholds were applied.';

comment on column "public"."comments"."model" is 'The version of the rules and models that judged it.';

comment on column "public"."comments"."note" is 'What the moderator who rejected it says to the author.';

comment on column "public"."comments"."opinion" is 'What another service thinks of this revision, if it was asked: {provider, verdict, flagged, scores, model, at}.';

comment on column "public"."comments"."parent_id" is 'The comment at the top of its thread; null if it is that one.';

comment on column "public"."comments"."reason_codes" is 'The codes of the reasons, for the author.';

comment on column "public"."comments"."reasons" is 'Why it was flagged or rejected: [{code, found}]. What was found is for moderators.';

comment on column "public"."comments"."reply_to" is 'Whose comment it answers; null for a comment on the post.';

comment on column "public"."comments"."revision" is 'Grows with each edit. A judgement applies to one revision.';

comment on column "public"."comments"."scores" is 'The scores of the models: {offence, spam}, from 0 to 1.';

comment on column "public"."comments"."status" is 'pending until it is judged, approved (visible to all), flagged (waits for a moderator) or rejected.';

comment on column "public"."comments"."told" is 'Who was notified of it: [{type, recipient_id}]. Null if nobody was, or it was taken back.';

comment on column "public"."comments"."was_decided_by_a_moderator" is 'Whether a moderator decided, also one whose account is gone.';

comment on column "public"."devices"."auth" is 'web_push: the shared secret of the subscription.';

comment on column "public"."devices"."last_seen_at" is 'When the app last registered it.';

comment on column "public"."devices"."name" is 'The name of the device in the app.';

comment on column "public"."devices"."p256dh" is 'web_push: the public key of the subscription.';

comment on column "public"."devices"."token" is 'The registration token of the provider; for web_push the endpoint URL. Whoever knows it may be able to send to the device.';

comment on column "public"."image_reports"."by_reason" is 'Why uploads failed: {reason: number}';

comment on column "public"."image_reports"."by_status" is '{pending, held, ready, failed}, as they were when this was made.';

comment on column "public"."image_reports"."processing_secs_p95" is 'From an upload until its variants were there, for 95 of 100; null without any.';

comment on column "public"."notifications"."actor_count" is 'The number of people it mentions.';

comment on column "public"."notifications"."created_at" is 'When the recipient was first notified.';

comment on column "public"."notifications"."group_key" is 'The group whose events join it, such as new_like:<post>; null if none can.';

comment on column "public"."notifications"."read_at" is 'When the recipient read it; null while unread.';

comment on column "public"."notifications"."updated_at" is 'The time of its latest event, or created_at if that is later.';

comment on column "public"."notifications"."url" is 'A path within the app.';

comment on column "public"."notifications"."withdrawn_at" is 'When its last actor took the event back before it was read; null otherwise.';

comment on column "public"."post_image_secrets"."location" is 'Where it was taken: {latitude, longitude}.';

comment on column "public"."post_image_secrets"."serial_number" is 'Of the camera.';

comment on column "public"."post_images"."bucket" is 'Where the upload is.';

comment on column "public"."post_images"."color" is 'The most frequent color.';

comment on column "public"."post_images"."error" is 'The same in words for its owner.';

comment on column "public"."post_images"."exif" is 'How it was taken: camera, lens, exposure and date, as far as they are known. Never the place.';

comment on column "public"."post_images"."reason" is 'Why it failed, for programs, such as unsupported_format.';

comment on column "public"."post_images"."revision" is 'Grows with each upload to the same path. A result applies to one revision.';

comment on column "public"."post_images"."status" is 'pending until it is processed, held until somebody has looked at it, ready (visible to all who see its post), or failed.';

comment on column "public"."post_images"."thumbhash" is 'What to show until a variant is loaded, in base64.';

comment on column "public"."post_images"."upload_removed_at" is 'When the upload was removed from Storage.';

comment on column "public"."post_images"."variants" is 'The files to show: [{name, bucket, path, type, width, height, size_bytes}], named original, medium and thumbnail.';

comment on column "public"."post_images"."width" is 'Of the upload, upright.';

comment on column "queues"."alert_requests"."request_id" is 'The id in pg_net, which counts from 1 again after a crash of the database.';

comment on column "queues"."alert_settings"."failing_secs" is 'For how long a queue must be failing.';

comment on column "queues"."alert_settings"."late_secs" is 'For how long a queue must be late.';

comment on column "queues"."alert_settings"."over_secs" is 'For how long a queue must be ok again, so that one that is ok now and then is one alert.';

comment on column "queues"."alert_settings"."webhook_url" is 'Where alerts are sent, signed with the secret `queues_alert_secret` of Vault; null to send none. They are recorded all the same.';

comment on column "queues"."alerts"."over_at" is 'When it was over; null while it is open.';

comment on column "queues"."alerts"."queue" is 'No foreign key: the row outlives the queue.';

comment on column "queues"."alerts"."since" is 'The first sample of the trouble.';

comment on column "queues"."circuit_breakers"."failures" is 'Failures in a row.';

comment on column "queues"."circuit_breakers"."open_until" is 'Nothing is sent until then; null while closed.';

comment on column "queues"."circuit_breakers"."probe_until" is 'Until then one worker has the permit to probe the provider.';

comment on column "queues"."circuit_breakers"."reason" is 'Why it was opened.';

comment on column "queues"."circuit_breakers"."service" is 'The host of a push service; empty for the provider as a whole.';

comment on column "queues"."circuit_breakers"."trips" is 'How many times in a row it was opened.';

comment on column "queues"."circuit_breakers"."version" is 'Grows with each change. A worker changes a breaker only if the version is still the one it read.';

comment on column "queues"."cleanups"."errors" is 'The last error of each table or function.';

comment on column "queues"."cleanups"."removed" is 'How many rows of each table were removed.';

comment on column "queues"."comment_settings"."log_days" is 'When entries of the moderation log are removed.';

comment on column "queues"."comment_settings"."offence_window_days" is 'For how long a rejected comment counts against its author.';

comment on column "queues"."comment_settings"."opinion_approve_below" is 'A comment is approved if the service does not object and all of its scores are below.';

comment on column "queues"."comment_settings"."opinion_from" is 'The band of the score, of the model on the side of that signal, in which another service is asked: up to opinion_to.';

comment on column "queues"."comment_settings"."opinion_max_age_secs" is 'A comment that was flagged longer ago is left to the moderators.';

comment on column "queues"."comment_settings"."opinion_provider" is 'Which service is asked about comments that were flagged for one signal alone: openai, or http for one of your own. Null, the default, asks nobody, and no comment leaves the project.';

comment on column "queues"."comment_settings"."opinion_reject_from" is 'A comment is rejected if the service objects and one of its scores is at least this. What is in between stays flagged.';

comment on column "queues"."comment_settings"."simhash_days" is 'For how long a comment is compared with later ones.';

comment on column "queues"."comment_settings"."tell_of_approval" is 'Whether authors are told that a comment was approved. They are always told of the other results.';

comment on column "queues"."configuration_problems"."about" is 'The provider; `all` if it concerns all of them.';

comment on column "queues"."configuration_problems"."problem" is 'Names variables, never their values.';

comment on column "queues"."configuration_problems"."reported_at" is 'When a run first reported it.';

comment on column "queues"."console"."function" is 'A function (jsonb) returns jsonb of schema queues. It is given the arguments and checks them.';

comment on column "queues"."deferred_likes"."address_key" is 'Of the address that asked, in queues.rate_limit_keys.';

comment on column "queues"."deferred_likes"."apply_after" is 'When its limits allow it, as far as that is known; also the order in which an owner''s likes are applied.';

comment on column "queues"."deferred_likes"."correlation_id" is 'The id of the request with the last wish, which its event gets.';

comment on column "queues"."deferred_likes"."is_liked" is 'Whether the owner wants to like the post. The last wish counts.';

comment on column "queues"."deferred_likes"."is_superseded" is 'The owner has toggled the like since, so it is to be dropped.';

comment on column "queues"."deferred_likes"."owner" is 'The person, else the session: person:<id> or session:<id>.';

comment on column "queues"."deferred_likes"."post_id" is 'No foreign key: a like of a post that is gone is dropped with that reason.';

comment on column "queues"."deferred_likes"."reason" is 'Why it was dropped.';

comment on column "queues"."deferred_likes"."revision" is 'Counts the wishes. A decision about an earlier one changes nothing.';

comment on column "queues"."dispatches"."answered_at" is 'When a tick found the outcome. pg_net only records when it began to send the batch.';

comment on column "queues"."dispatches"."outcome" is 'Null while unknown, then accepted (2xx), refused (another status), timed_out, failed (no connection), missing (lost by pg_net) or not_sent (pg_net, or the URL or key of the project, is missing or invalid).';

comment on column "queues"."dispatches"."request_id" is 'The id in pg_net, which counts from 1 again after a crash of the database.';

comment on column "queues"."dispatches"."run_id" is 'The run that the worker named in its answer.';

comment on column "queues"."due"."failed_calls" is 'Failed calls in a row. Each doubles the wait for the next call.';

comment on column "queues"."due"."last_error" is 'Why the last tick could not look at the queue; null if it could.';

comment on column "queues"."effects"."function" is 'A function (jsonb) returns void of schema queues. It checks and applies all rows of the effect.';

comment on column "queues"."effects"."key" is 'Its key under `effects` in a settlement.';

comment on column "queues"."effects"."position" is 'Effects are applied in this order, which is therefore the order of their locks: two settlements cannot deadlock if every effect also locks its own rows in a fixed order. Rows that many settlements share come last.';

comment on column "queues"."failures"."delivered" is 'Keys of the deliveries that succeeded. A retry makes only the others.';

comment on column "queues"."failures"."failures" is 'Tries that were settled as a retry.';

comment on column "queues"."failures"."history" is 'The last 20 failures, oldest first: {at, code, error, run_id}.';

comment on column "queues"."failures"."redriven_from" is 'The dead letter that a redriven message was, which queues.cancel_redrive makes it again: {msg_id, enqueued_at, rate_per_sec, letter}, the letter without its message. Null for other messages.';

comment on column "queues"."failures"."settled_read_ct" is 'The read count of the last settled lease. That lease has ended, although the message still has its read count.';

comment on column "queues"."failures"."settlements" is 'Claims that were settled as a retry, deferral or release. The read count of the message minus this number is its number of crashes.';

comment on column "queues"."failures"."waiting_since" is 'Since when the message waits to be processed: the end of the delay of its last retry or deferral. Null if it was only released: since it was sent.';

comment on column "queues"."gauges"."function" is 'A function of schema queues, () returns jsonb: {value of the label: number}.';

comment on column "queues"."gauges"."help" is 'What it counts.';

comment on column "queues"."gauges"."label" is 'The label that tells its numbers apart.';

comment on column "queues"."gauges"."name" is 'The name of the metric.';

comment on column "queues"."housekeeping"."drains" is 'The queue that the function drains instead of an Edge Function; null for none.';

comment on column "queues"."housekeeping"."function" is 'A function of schema queues. It must not wait for rows that are in use.';

comment on column "queues"."housekeeping"."key" is 'The table or function, as queues.cleanups names it; {queue} stands for each queue.';

comment on column "queues"."housekeeping"."kind" is 'The signature of the function. prune: (p_limit integer) returns integer removes up to p_limit old rows and returns how many. prune_queue: (p_queue text, p_limit integer) returns integer does so for each queue. fold: as prune, but at each tick. report: (p_day date) makes the report of a day, or makes it again.';

comment on column "queues"."housekeeping"."position" is 'The order.';

comment on column "queues"."image_removals"."image_id" is 'Also everything that workers have published for this picture, as far as the database can see it.';

comment on column "queues"."image_removals"."objects" is '[{bucket, path}]';

comment on column "queues"."image_settings"."hold_function" is 'A function (jsonb) returns boolean of schema queues. It is given each picture that has been processed, as {image_id, post_id, owner_id, bucket, variants}, and says whether it is held back until somebody decides about it. Null for none.';

comment on column "queues"."image_settings"."images_bucket" is 'The public bucket that pictures are published from.';

comment on column "queues"."image_settings"."keeps_location" is 'Whether the place where a picture was taken is kept for its owner. It is never published.';

comment on column "queues"."image_settings"."keeps_serial_number" is 'Whether the serial number of the camera is kept for its owner. It is never published.';

comment on column "queues"."image_settings"."orphan_days" is 'When pictures are removed whose post has never existed.';

comment on column "queues"."image_settings"."reads_heic" is 'Whether HEIC is processed. Its codec, HEVC, has patents for which their holders may want licences (docs/images.md).';

comment on column "queues"."image_settings"."removes_uploads" is 'Whether an upload is removed once its variants are recorded. Without it pictures cannot be processed again.';

comment on column "queues"."image_settings"."retention_days" is 'For how long problems with uploads are kept.';

comment on column "queues"."image_settings"."uploads_bucket" is 'The private bucket that people upload to, as <owner>/<post>/<name>.';

comment on column "queues"."jobs"."purpose" is 'What does not happen without the job.';

comment on column "queues"."jobs"."schedule_without_seconds" is 'The schedule with pg_cron before 1.5, which has none in seconds; null if `schedule` has none.';

comment on column "queues"."marks"."at" is 'The clock, read before the look at the writers and the rows.';

comment on column "queues"."marks"."due_after" is 'The mark: claims and counts read messages whose vt is after it.';

comment on column "queues"."marks"."next_due_after" is 'The mark that is announced.';

comment on column "queues"."marks"."passed" is 'Writers that were waited for in vain. What they wrote may lie before the mark until a tick finds it.';

comment on column "queues"."marks"."passed_after" is 'The mark when the first of them was passed.';

comment on column "queues"."marks"."trigger_oid" is 'The trigger stay_above_mark that keeps the mark, as it was then.';

comment on column "queues"."marks"."writers" is 'The virtual transactions that may write before the announced mark; null if nobody looked since it was announced.';

comment on column "queues"."message_keys"."enqueued_at" is 'Tells the message from a later one of the same id: ids begin anew when a queue is dropped and created again.';

comment on column "queues"."moderation_log"."actor_id" is 'Who acted; null for the machine, or for the owner of the database.';

comment on column "queues"."moderation_log"."body" is 'The text that was judged, unless it was approved.';

comment on column "queues"."moderation_log"."opinion" is 'What another service said of it, if it was asked before.';

comment on column "queues"."moderation_log"."person_id" is 'Whom it is about: the author.';

comment on column "queues"."notification_actors"."actor" is 'profile:<uuid>, session:<text>, or anonymous where neither is known. A session is a secret of its owner and never leaves this schema.';

comment on column "queues"."notification_actors"."at" is 'When the latest event happened. An older event that is handled later changes nothing.';

comment on column "queues"."notification_actors"."is_active" is 'False once the event is taken back.';

comment on column "queues"."notification_actors"."name" is 'The name as the core lets it be shown; null for someone without one.';

comment on column "queues"."notification_actors"."notification_id" is 'The notification that mentions the actor; null if none did.';

comment on column "queues"."notification_deliveries"."claimed_at" is 'The latest claim.';

comment on column "queues"."notification_deliveries"."device_id" is 'The target of a push; null for profiles.push_token and for an email. No foreign key: the row outlives the device.';

comment on column "queues"."notification_deliveries"."is_uncertain" is 'Whether the last try of a failed delivery may have been accepted.';

comment on column "queues"."notification_deliveries"."reason" is 'Why it was skipped, failed, or will be tried again.';

comment on column "queues"."notification_deliveries"."settled_at" is 'When it became sent, skipped or failed.';

comment on column "queues"."notification_deliveries"."uncertain_tries" is 'Claims of a delivery that may have been sent before. Each may have sent it again, if the provider has no idempotency keys.';

comment on column "queues"."notification_settings"."breaker_base_secs" is 'How long a breaker stays open at first. The time doubles with each trip.';

comment on column "queues"."notification_settings"."breaker_cap_secs" is 'The longest time that a breaker stays open.';

comment on column "queues"."notification_settings"."breaker_failures" is 'The number of failures in a row that opens the circuit breaker of a provider.';

comment on column "queues"."notification_settings"."coalesce_secs" is 'For how long after a notification further events of its group join it, while it is unread.';

comment on column "queues"."notification_settings"."email_delay_secs" is 'How long an email waits. It is not sent if the notification was read by then.';

comment on column "queues"."notification_settings"."hourly_cap_email" is 'The most emails to one person within an hour.';

comment on column "queues"."notification_settings"."hourly_cap_push" is 'The most pushes to one person within an hour, on all devices together.';

comment on column "queues"."notification_settings"."max_age_secs" is 'The age at which an undelivered delivery is given up.';

comment on column "queues"."notification_settings"."quiet_from" is 'When quiet hours begin, in the time zone of the recipient, for people who have not set their own; null for none.';

comment on column "queues"."notification_settings"."quiet_until" is 'When quiet hours end; earlier than quiet_from if they last past midnight.';

comment on column "queues"."notification_settings"."retention_days" is 'When notifications and the records of their delivery are removed.';

comment on column "queues"."operator_log"."operator_id" is 'No foreign key: the row outlives the account.';

comment on column "queues"."operator_log"."queue" is 'No foreign key: the row outlives the queue. Null if no queue was concerned.';

comment on column "queues"."operator_log"."result" is 'What the action answered: how many, and what was there before, such as settings or an edited payload.';

comment on column "queues"."rate_limit_calls"."key" is 'Of queues.rate_limit_keys: a hash under a seed, so that it can be told from others and not read. 0 for calls that were allowed.';

comment on column "queues"."rate_limit_calls"."kind" is 'session, person or address; null for calls that were allowed.';

comment on column "queues"."rate_limit_keys"."calls" is 'The calls that were allowed since the row was made, at most a day or so ago.';

comment on column "queues"."rate_limit_keys"."free_at" is 'When all that was used is free again: the theoretical arrival time of GCRA (ITU-T I.371, annex A).';

comment on column "queues"."rate_limit_keys"."key" is 'A hash of the action and of the session, person or address.';

comment on column "queues"."rate_limit_keys"."kind" is 'session, person or address.';

comment on column "queues"."rate_limit_settings"."address_header" is 'The request header that holds the address of the client, set by the platform: cf-connecting-ip, or x-forwarded-for. Null: addresses are not limited. A header that clients can set themselves must not be named.';

comment on column "queues"."rate_limit_settings"."exempt_addresses" is 'Addresses and networks that are not limited, such as a server that calls for everyone. Private ones never are.';

comment on column "queues"."rate_limit_settings"."key_seed" is 'Random, so that nobody can choose a value with another''s key.';

comment on column "queues"."rate_limit_settings"."trusted_proxies" is 'For x-forwarded-for: how many proxies append to it. The address is that many elements from the end; what is before was sent by the client.';

comment on column "queues"."rate_limits"."address_factor" is 'How many times as often an address may act: many people may share one.';

comment on column "queues"."rate_limits"."burst" is 'How often one of them may act at once, after a pause.';

comment on column "queues"."rate_limits"."enabled" is 'False to allow everything.';

comment on column "queues"."rate_limits"."per_minute" is 'How often a session, and a person, may act in the long run.';

comment on column "queues"."restrictions"."ban_note" is 'What the moderator says to the person.';

comment on column "queues"."restrictions"."banned_until" is 'Set by a moderator.';

comment on column "queues"."restrictions"."limited_until" is 'Set by the machine after repeated offences.';

comment on column "queues"."runs"."batches" is 'Claims that returned messages.';

comment on column "queues"."runs"."deferred" is 'Messages that were deferred, which is neither a failure nor a crash.';

comment on column "queues"."runs"."error" is 'The error that ended it, such as that of a claim or a settlement; null if none did.';

comment on column "queues"."runs"."lost" is 'Leases that had ended before they were settled.';

comment on column "queues"."runs"."settled_seq" is 'The last settlement applied. A worker that missed the reply repeats the settlement under the same number, which has no further effect.';

comment on column "queues"."samples"."counters" is 'As of queues.counters: the difference of two rows is what happened between them.';

comment on column "queues"."samples"."latency_p50_secs" is 'From sent to acknowledged, with delays and retries, of messages that were acknowledged since the last row. Null if there was none, and for a queue without a retention, which keeps no times.';

comment on column "queues"."settings"."claim_hook" is 'A function (jsonb) returns jsonb of schema queues. It is given the messages of each claim and returns the claim''s context: what a worker must know besides them. Null for none.';

comment on column "queues"."settings"."dead_letter_hook" is 'A function (jsonb) returns void of schema queues. It is given the messages that become dead letters, as [{msg_id, message, code}], in the same transaction. Null for none.';

comment on column "queues"."settings"."delivery_concurrency" is 'The most concurrent requests to providers of one run.';

comment on column "queues"."settings"."function_name" is 'The Edge Function that drains the queue; null for none.';

comment on column "queues"."settings"."max_crashes" is 'Leases that expire unsettled before a message is dead-lettered.';

comment on column "queues"."settings"."max_message_bytes" is 'Larger bodies are withheld from a claim.';

comment on column "queues"."settings"."max_retries" is 'Retries before a failing message is dead-lettered.';

comment on column "queues"."settings"."max_workers" is 'The most concurrent runs.';

comment on column "queues"."settings"."paused" is 'Nothing is claimed from a paused queue. Messages are still accepted.';

comment on column "queues"."settings"."retention_days" is 'How long acknowledged messages stay in the archive. If null, they are deleted instead.';

comment on column "queues"."settings"."schedule_secs" is 'How often the dispatcher looks at the backlog.';

comment on column "queues"."settings"."wakes" is 'Whether queues.wake calls the worker when a producer commits, at most once a second, instead of at the next tick.';

comment on column "queues"."settlements"."at" is 'The time of the settlement; the start of the hour in a row for an hour; -infinity in the row for all earlier time.';

comment on column "queues"."settlements"."began_at" is 'When its transaction began, which is the archived_at of what it acknowledged. Null in a row for an hour.';

comment on column "queues"."settlements"."dead_lettered" is 'Messages dead-lettered, by a settlement or by a claim.';

comment on column "queues"."settlements"."deferred" is 'Messages that were deferred, which is neither a failure nor a crash.';

comment on column "queues"."settlements"."expired" is 'Leases that expired unsettled, found by the next claim: a worker crashed or was too slow.';

comment on column "queues"."settlements"."last_failure" is 'The last failure among them: {at, code, error}.';

comment on column "queues"."settlements"."lost" is 'Leases that had ended before they were settled.';

comment on column "queues"."settlements"."run_id" is 'The run that settled, or whose claim found what expired. Null in a row for an hour.';

comment on column "queues"."totals"."label" is 'The outcome of the calls, or why the runs stopped; `killed` for runs without an end.';

comment on column "queues"."trending_hours"."gain" is 'The sum of the positive weights.';

comment on column "queues"."trending_hours"."likes" is 'Likes minus unlikes.';

comment on column "queues"."trending_hours"."post_id" is 'No foreign key: readers join the posts, which may have been deleted.';

comment on column "queues"."trending_hours"."weight" is 'The sum of the weights of the events.';

comment on column "queues"."trending_ranks"."last_hour" is 'The last hour with a gain. A post has no score in a window after it.';

comment on column "queues"."trending_ranks"."rank" is 'ln(sum of gain * 2 ^ (hour / half-life)), with hours since 1970: an upper bound of the score that orders posts the same way at any time.';

comment on column "queues"."trending_settings"."half_life_secs" is 'The age at which an event counts half. May be changed at any time.';

comment on column "queues"."upload_problems"."code" is 'The SQLSTATE.';

comment on function "public"."appeal_comment"(uuid, text) is 'Asks a moderator to look at a comment of the caller that was rejected, once. Returns {success}, or {success, error, code}.';

comment on function "public"."approve_comment"(uuid, text) is 'For moderators: publishes a comment, and closes its reports and appeal. The note is for the log.';

comment on function "public"."approve_image"(uuid, text) is 'For moderators: publishes a picture that was held back. The note is for the log.';

comment on function "public"."ban_person"(uuid, integer, text) is 'For moderators: somebody may not comment for p_secs, up to a year; 0 ends a ban, and what the machine holds back. The note is shown to the person.';

comment on function "public"."block_person"(uuid) is 'Blocks somebody: neither sees the comments of the other, answers them or is told of them. Returns {success}.';

comment on function "public"."claim_messages"(text, integer, uuid, boolean, boolean) is 'Leases messages of a queue to a worker: {now, policy, backlog, context, messages}. The lease ends with the visibility timeout or with settle_messages. p_limit defaults to the batch size of the queue. The context is what the claim hook of the queue returns, up to 4 MiB; it is absent without a hook or without messages. With p_alone one message is leased, and an error of the hook is returned as context_error instead of failing the claim: a worker finds the message that makes claims fail. With p_needs_place a run that has not begun gets no messages while max_workers others are active.';

comment on function "public"."close_post_review"(uuid, text) is 'For moderators: closes the reports of a post. What happens to the post is up to the app.';

comment on function "public"."delete_comment"(uuid) is 'Deletes a comment of the caller, or on a post of the caller, with its replies. Returns {success}, or {success, error, code}.';

comment on function "public"."edit_comment"(uuid, text) is 'Changes the text of a comment of the caller, which is then judged again: until then only its author sees it. Returns {success, comment}, or {success, error, code} and perhaps retryAfter.';

comment on function "public"."enqueue_image"(text, text, bigint) is 'Has an upload of the caller processed, where Storage does not report it by itself, or has it processed again. Returns {success, image_id, status}, or 429 if that is too often.';

comment on function "public"."heartbeat_run"(text, uuid) is 'Records that a run is alive. A worker calls it every five seconds, whatever it waits for.';

comment on function "public"."list_comments"(uuid, uuid, integer, text) is 'The comments on a post, or the replies to a comment, latest first: {items, next}. Approved ones, and the caller''s own with their state; nobody''s whom the caller has muted, or has blocked or is blocked by. If next is not null there are more: pass it as p_before.';

comment on function "public"."list_hidden_people"(text, integer, text) is 'Whom the caller has blocked (p_kind block) or muted (mute), latest first: {items: [{id, username, since}], next}.';

comment on function "public"."list_notifications"(integer, text, boolean) is 'The caller''s notifications, latest first, with p_unread only those: {items, next}. If next is not null there are more: pass it as p_before.';

comment on function "public"."list_reviews"(integer, text) is 'For moderators: the comments, posts and pictures that wait for them, longest first: {items: [{opened_at, comment_id, post_id, image_id, evidence}], next}.';

comment on function "public"."mark_all_notifications_read"(timestamp with time zone) is 'Marks the caller''s notifications up to the millisecond of p_until as read, the newest 10000 of them, and returns how many were unread. After 10000, call it again. Pass the updated_at of the newest notification that was shown, so that none is marked unseen.';

comment on function "public"."mark_notifications_read"(uuid[]) is 'Marks notifications of the caller as read and returns how many were unread.';

comment on function "public"."mute_person"(uuid) is 'Mutes somebody, who is not noticed: the caller does not see their comments and is not told of them. Returns {success}.';

comment on function "public"."notification_preferences"() is 'The preferences of the caller: {language, time_zone, quiet_from, quiet_until, push_notifications, email_notifications}.';

comment on function "public"."operate"(text, jsonb, boolean) is 'For operators: does what docs/operate.md lists and writes it to the log. As a dry run, which is the default, it changes nothing and returns the same answer: {affected: how many, …}.';

comment on function "public"."operator_page"(text, jsonb) is 'For operators: a page of the console, with the arguments that docs/operate.md lists. Changes nothing.';

comment on function "public"."post_comment"(uuid, text, uuid) is 'Stores a comment of the caller, or a reply if p_parent_id names a comment, as pending, and sends it to moderation in the same transaction. Returns {success, comment}, or {success, error, code} and perhaps retryAfter.';

comment on function "public"."queue_metrics"() is 'The metrics of every queue: see queues.metrics.';

comment on function "public"."register_device"(text, text, text, text, text) is 'Registers a device for the caller''s pushes and returns its id: fcm or apns with the registration token, web_push with the endpoint and both keys of the subscription. Call it at each start of the app. A device of another person becomes the caller''s. The 20 devices of a person that were seen last are kept.';

comment on function "public"."reject_comment"(uuid, text) is 'For moderators: hides a comment, tells its author the note, takes back unread notifications of it, and closes its reports and appeal.';

comment on function "public"."reject_image"(uuid, text) is 'For moderators: takes a picture down, held back or published, and tells its owner the note.';

comment on function "public"."report_comment"(uuid, text, text) is 'Reports a comment to the moderators, once: for spam, harassment, hate, violence, sexual, self_harm or other, with a note of up to 500 characters. Returns {success}, or {success, error, code} and perhaps retryAfter.';

comment on function "public"."report_post"(uuid, text, text) is 'Reports a post to the moderators, once; as report_comment.';

comment on function "public"."set_notification_preferences"(jsonb) is 'Changes the given preferences of the caller, keeps the others, and returns all of them.';

comment on function "public"."settle_messages"(text, jsonb) is 'Settles claimed messages: acks, drops, retries, deferrals, releases, dead_letters and effects together or not at all. Returns {applied, lost, backlog, failed}; failed, for the log of the worker, has up to 50 of the messages that were retried or dead-lettered, with the ids of their requests. If a lease is lost nothing is applied, and lost has the ids to leave out. If what effects need was deleted since the claim, nothing is applied either, and gone has its ids: drop those messages. A settlement repeated with the same run_id and seq has no further effect.';

comment on function "public"."toggle_post_like"(uuid, text, boolean) is 'Likes or unlikes a post, and sends one message to like_events in the same transaction. Returns {success, isLiked, newLikeCount}, and {error, code} on failure. Over the limit: 429, or with p_defer 202 {success, deferred, applyAfter, isLiked}, and the like is applied once the limit allows.';

comment on function "public"."track_event"(text, uuid, text, jsonb) is 'Sends one event: see public.track_events. An error names its fields as those of p_events[0].';

comment on function "public"."track_events"(jsonb, text) is 'Sends up to 50 events [{event, post_id, metadata}] to the queue analytics; only event is required. The events are those of queues.tracked_events. Returns {success, tracked, unknownPosts}; without a session id that can be one {success, error, code}; over the limit, HTTP 429 with {success, error, code, retryAfter}, and none is sent. An event of a post that does not exist is left out.';

comment on function "public"."trending_posts"(interval, integer) is 'The posts with the highest scores in the window, at most 100. A score is the sum of the weights of the events, each halved for every half-life of its age (queues.trending_settings). likes counts the likes in the window minus the unlikes. The window is at most 30 days long and begins at a full hour.';

comment on function "public"."unblock_person"(uuid) is 'Takes back a block of the caller. Returns {success}.';

comment on function "public"."unmute_person"(uuid) is 'Takes back a mute of the caller. Returns {success}.';

comment on function "public"."unread_notifications"() is 'The number of unread notifications of the caller; 1000 stands for 1000 or more.';

comment on function "public"."unregister_device"(text, text) is 'Removes a device of the caller and returns whether there was one. Call it when a person signs out.';

comment on function "public"."unsubscribe"(text) is 'Ends the emails to the person of a token; may be repeated. Returns {success, channel}, or {success, code, error}. For everyone, signed in or not: the token is the authority.';

comment on function "queues"."abandon_upload"(text, text) is 'An upload was moved away: its picture goes too.';

comment on function "queues"."account_ages"(uuid[]) is 'How old accounts are. Without Supabase Auth it is not known.';

comment on function "queues"."acknowledge"(queues.settings, bigint[]) is 'Archives acknowledged messages if the queue has a retention, else deletes them. An error is that of the queue, PT500.';

comment on function "queues"."acknowledged_by"(text, timestamp with time zone) is 'The run that acknowledged a message, by its archived_at. Null if no run did, or once the settlement is folded, after an hour.';

comment on function "queues"."act_on_letters"(text, jsonb) is 'Redrives or discards dead letters, or takes redriven ones back. Of letters that are named and that somebody else has taken, the operator is told.';

comment on function "queues"."active_workers"(text) is 'The number of active runs of a queue, with the calls that are about to start one.';

comment on function "queues"."add_deliveries"(queues.notification_event[]) is 'Adds missing rows to the ledger, and sends a message for each that is not skipped.';

comment on function "queues"."add_due"() is 'A new queue is due at once, so that it is known since when a tick is missing.';

comment on function "queues"."add_upload"(text, text, bigint) is 'A new upload, or another one to the same path, is to be processed.';

comment on function "queues"."advance_mark"(text, interval) is 'Advances the mark of a queue by one step, unless another did so within p_every or is doing it. Returns the mark.';

comment on function "queues"."alert_access"() is 'The URL of the webhook and the key that signs; or why none can be called, and what to do about it.';

comment on function "queues"."alerts_page"(jsonb) is 'The alerts of the last 30 days, open ones first, and whether they can be sent: {items, settings, webhook}.';

comment on function "queues"."analytics_page"(jsonb) is 'The daily reports, latest first, the counters of today and the trending posts: {reports, today, trending}. Arguments: days, up to 90.';

comment on function "queues"."app_search_path"() is 'The search_path for statements that change tables of the app: its triggers may name tables without their schema, and would inherit ours, which is empty.';

comment on function "queues"."appeal_comment"(uuid, text) is 'See public.appeal_comment, its only caller.';

comment on function "queues"."append_failure"(jsonb, jsonb) is 'Appends a failure to a history, which keeps the last 20.';

comment on function "queues"."apply_comment_opinions"(jsonb) is 'Stores what another service thinks of comments that are still flagged in the revision that it was asked about, and approves or rejects those of which it is sure.';

comment on function "queues"."apply_comment_verdicts"(jsonb) is 'Decides comments that are still pending in the revision that was judged, remembers what they looked like, holds back repeat offenders, asks moderators about what was flagged, and perhaps another service, and tells the people concerned.';

comment on function "queues"."apply_deferred_like"(queues.deferred_likes) is 'Applies a deferred like. Returns why it has to be dropped, null if it was applied.';

comment on function "queues"."apply_effects"(jsonb) is 'Applies effects {key: rows}, each by its function, which rejects rows of a wrong shape and names the field. The table checks the values: an invalid row fails the settlement with the error of the table (SQLSTATE class 22 or 23), and the worker finds the message that caused it.';

comment on function "queues"."apply_post_images"(jsonb) is 'Records the variants of uploads, or why they have none, for the upload that was processed.';

comment on function "queues"."apply_unanswered_opinions"(jsonb) is 'Ends the wait for opinions that nobody is asked for any more.';

comment on function "queues"."approve_comment"(uuid, text) is 'See public.approve_comment, its only caller.';

comment on function "queues"."approve_image"(uuid, text) is 'See public.approve_image, its only caller.';

comment on function "queues"."archive"(text, bigint[]) is 'Moves messages of a pgmq queue to its archive. A message whose id the archive has gets a new one, and keeps the old one in headers.original_msg_id.';

comment on function "queues"."are_apart"(uuid, uuid) is 'Whether one of two people has blocked the other.';

comment on function "queues"."are_posts_public"() is 'Whether everybody may read every post. Where an app has another policy, only it knows who may read which.';

comment on function "queues"."ask_for_opinions"(public.comments[]) is 'Sends flagged comments to the queue comment_opinions.';

comment on function "queues"."audience_of"(public.comments) is 'Who is to be told of an approved comment, and as what: [{type, recipient_id}]. Never its author.';

comment on function "queues"."audit_page"(jsonb) is 'What operators did, latest first: {items, next}. Arguments: operator_id, action, queue, limit, before.';

comment on function "queues"."backlog"(text, timestamp with time zone) is 'Visible messages of a queue after a mark, by default its own, counted up to 1000.';

comment on function "queues"."ban_person"(uuid, integer, text) is 'See public.ban_person, its only caller.';

comment on function "queues"."base64url_bytes"(text) is 'The number of bytes that a base64url text stands for; null if it is not base64url.';

comment on function "queues"."block_person"(uuid) is 'See public.block_person, its only caller.';

comment on function "queues"."body_problem"(text) is 'What is wrong with the text of a comment; null if nothing is. Text in any language, with any markup, is accepted: it is stored and returned as it is.';

comment on function "queues"."box_of"(text, text) is 'The pgmq table of a box: queue, archive, dead_letters or discarded.';

comment on function "queues"."breakers_for"(text[], text[]) is 'Breakers of providers, and of push services: [{provider, service, version, failures, trips, open_secs, may_probe, reason}]; without service it is that of the provider as a whole. open_secs is null while closed, and 0 after open_until: then one claim at a time may probe, and a permit that its worker neither used nor gave back is free again after 30 seconds.';

comment on function "queues"."broadcast_images"(uuid[]) is 'Broadcasts pictures to the apps of their owners, with their notifications, if the project has Realtime.';

comment on function "queues"."broadcast_notifications"(uuid[]) is 'Broadcasts notifications to the apps of their recipients, if the project has Realtime.';

comment on function "queues"."call_remedy"(queues.settings, text) is 'What to do about calls of a worker with this outcome.';

comment on function "queues"."call_worker"(text, text) is 'Calls the worker of a queue after commit, and records the call. A call that cannot be sent is recorded with its remedy.';

comment on function "queues"."calls_on_their_way"(text) is 'Calls of a worker that are about to start a run.';

comment on function "queues"."cancel"(text, text) is 'Withdraws the message that waits under a key. If cancelled is false, the reason is `in_progress`, a worker has claimed it, or `not_found`, no message with this key is in the queue. A message that was withdrawn is in the archive with headers.dropped, if the queue has a retention.';

comment on function "queues"."cancel_redrive"(text, jsonb, integer) is 'Makes redriven messages that no worker has claimed yet dead letters again, with their reason, error and history. Returns {cancelled, left}; left is counted up to 10000. For the filter, which sees the dead letters that they were, see queues.letter_condition.';

comment on function "queues"."cancel_redriven"(jsonb) is 'Takes redriven messages back: {queue, filter, limit}. Returns {affected, left}: see queues.cancel_redrive.';

comment on function "queues"."change_like"(uuid, text, uuid, boolean) is 'Likes or unlikes a post, or toggles its like if p_is_liked is null, and sends one event. step is 1 or -1, or 0 if the like was as wanted, which sends none. The caller has locked the post.';

comment on function "queues"."change_settings"(jsonb) is 'Changes settings of a queue: {queue, changes: {setting: value}, expected: {setting: value}}. If one of them is not as expected, nothing is changed. Returns {affected, before, after}; `before` as changes is the undo.';

comment on function "queues"."charge"(queues.rate_limit_key[]) is 'Charges a call to every key, or, if one of them must wait, to none, and returns how long: null or not above zero if it was charged. The keys stay locked until the transaction ends: lock whatever else may be waited for before.';

comment on function "queues"."charge_person"(text, uuid) is 'Charges an action to a person, and to the address if those are limited. Returns the answer 429 if that is too many.';

comment on function "queues"."check_array"(text, jsonb) is 'Rejects a value that is neither an array nor absent.';

comment on function "queues"."check_console"() is 'Rejects a page or an action whose function does not exist.';

comment on function "queues"."check_device"(text, text, text, text, text) is 'Rejects a device that cannot receive pushes, with an error that names the field.';

comment on function "queues"."check_effect"() is 'Rejects an effect whose function does not exist.';

comment on function "queues"."check_gauge"() is 'Rejects a gauge whose function does not exist.';

comment on function "queues"."check_hooks"() is 'Rejects a queue with a hook that does not exist.';

comment on function "queues"."check_housekeeping"() is 'Rejects housekeeping whose function does not exist.';

comment on function "queues"."check_image_settings"() is 'Rejects a function that does not exist.';

comment on function "queues"."check_items"(text, jsonb, jsonb) is 'Rejects a value that is not an array of objects whose values, written as JSON, match the pattern of their key. The pattern of an optional key matches the empty string.';

comment on function "queues"."check_keys"(text, jsonb, text[]) is 'Rejects a value that is not an object, or has unknown keys.';

comment on function "queues"."check_leases"(text, jsonb) is 'Rejects a value that is not an array of [msg_id, read_ct].';

comment on function "queues"."check_message"(text, text, jsonb) is 'Rejects a message that is too large. What it means is for the core to judge, which the console asks before it sends.';

comment on function "queues"."check_notifications"(jsonb) is 'Rejects notifications of a wrong shape.';

comment on function "queues"."check_page"(integer) is 'Rejects a length of a page that is out of range.';

comment on function "queues"."check_preferences"(jsonb) is 'Rejects invalid preferences with an error that names the field.';

comment on function "queues"."check_range"(text, numeric, numeric, numeric) is 'Rejects null and a number out of range.';

comment on function "queues"."check_rows"(text, jsonb, text[]) is 'Rejects a value that is not an array of objects with known keys.';

comment on function "queues"."check_setting"(text, jsonb, jsonb) is 'Rejects a value that its setting cannot have.';

comment on function "queues"."check_settlement"(jsonb) is 'Rejects a malformed settlement.';

comment on function "queues"."check_tracked_events"(jsonb) is 'Rejects what is not an array of allowed events, and what is too many or too large.';

comment on function "queues"."claim_context"(queues.settings, text) is 'What the queue''s claim hook returns for leased messages, up to 4 MiB. An error of the hook fails the claim, and nothing is leased.';

comment on function "queues"."claim_context_alone"(queues.settings, text) is 'What the queue''s claim hook returns for a message that is claimed alone, or its error {code, message}, which undoes what the hook did and keeps the lease.';

comment on function "queues"."claim_deliveries"(uuid[]) is 'Claims deliveries in the given order and returns their previous state. One that was being sent, or failed without a definite answer, may have been sent: that counts as an uncertain try. Sent and skipped ones do not change. sent_last_hour counts the deliveries of the same person and channel that are sent or being sent within the hour, and those before it in p_ids.';

comment on function "queues"."claim_messages"(text, integer, uuid, boolean, boolean) is 'See public.claim_messages, its only caller.';

comment on function "queues"."claim_named_deliveries"(jsonb) is 'The claim hook of the queue deliveries: claims the deliveries that messages name, and returns what a worker needs to make them, {settings, breakers, deliveries: {id: {status, channel, age_secs, tries, notification, recipient, about, service, device}}}. A message that names none, or one that is gone, has no entry.';

comment on function "queues"."claim_policy"(queues.settings) is 'The settings that travel with a claim.';

comment on function "queues"."cleanup_step"() is 'One step of housekeeping: folds the numbers of past hours and, while a round is under way, removes up to 5000 old rows. Returns how many. The round ends with the step that finds none.';

comment on function "queues"."client_network"() is 'The network of the client by which it is limited. Null if no header is named in the settings, or has no such address.';

comment on function "queues"."clock_problem"(text) is 'Why a queue has not been dispatched for a while; null if it has.';

comment on function "queues"."close_breaker"(text, text) is 'Closes the breaker of a provider after its problem is solved: the next claim tries it again. Deferred messages become visible at their own time. With a push service it closes that one alone, without one those of all.';

comment on function "queues"."close_post_review"(uuid, text) is 'See public.close_post_review, its only caller.';

comment on function "queues"."close_provider_breaker"(jsonb) is 'Closes the circuit breaker of a provider: {provider, service}. Returns {affected}: see queues.close_breaker.';

comment on function "queues"."close_review"(uuid, uuid) is 'A moderator has decided about a comment or a post.';

comment on function "queues"."close_unneeded_reviews"(uuid[]) is 'The machine has decided about comments that were edited: nobody has to look at those without a report or an appeal.';

comment on function "queues"."comment_answer"(public.comments) is 'The answer to its author about a comment.';

comment on function "queues"."comment_backlog"() is 'How many comments wait to be judged (pending), how many comments and posts wait for a moderator, and for how long the oldest of them has.';

comment on function "queues"."comment_context"(jsonb) is 'The claim hook of the queue comment_moderation: returns the thresholds, the comments that exist, and what recent comments looked like. Accepts any message.';

comment on function "queues"."comment_health"() is 'How moderation is doing: ok, late or failing, the reason, and what to do, also about the service that is asked for opinions; what waits for the machine and for moderators, and the decisions of the last 24 hours.';

comment on function "queues"."comment_notifications"(public.comments, jsonb, boolean) is 'The messages that tell people of a comment, or take that back.';

comment on function "queues"."console_function"(text, text) is 'The function of a page or an action. Raises PT404 if there is none.';

comment on function "queues"."correlation_id"() is 'The id of the request that calls: its header x-correlation-id if that is a UUID or 32 hexadecimal digits, else a new one, the same for the whole transaction. Null for workers and for SQL that no request runs.';

comment on function "queues"."correlation_id_of"(jsonb) is 'The id of the request that caused a message; null if it names none.';

comment on function "queues"."count_analytics_daily"(jsonb) is 'Adds to daily counters.';

comment on function "queues"."count_call"(text, text, queues.rate_limit_key[]) is 'Counts a call by its answer (allowed, refused or deferred), and one that was not allowed by the key with the longest wait.';

comment on function "queues"."count_letters"(text, text) is 'The number of dead letters that meet a condition, counted up to 10000.';

comment on function "queues"."count_messages"(queues.settings) is 'Counts the messages of a queue by state. The age is how long the oldest visible message has waited since it could first be processed.';

comment on function "queues"."count_rows"(text, text) is 'The rows of a pgmq table that meet a condition on an index: counted up to 10000, beyond that estimated by the planner.';

comment on function "queues"."count_trending"(jsonb) is 'Adds to the hours and ranks of posts.';

comment on function "queues"."counted"(text) is 'Calls by outcome, and runs by the reason they stopped, since the queue was created: {dispatches: {outcome: number}, runs: {reason: number}}.';

comment on function "queues"."counters"(text) is 'How the leases of a queue have ended since it was created. No number ever falls.';

comment on function "queues"."create_queue"(text) is 'Creates the queue of a row of queues.settings, and <queue>_dlq for its dead letters, and moves their ids past those in use. May be repeated.';

comment on function "queues"."cursor_of"(timestamp with time zone, uuid) is 'The place of a row in a list: <microseconds since 1970>.<id>. Clients must not rely on the format.';

comment on function "queues"."daily"() is 'Makes the reports of yesterday and of missed days, and starts a round of housekeeping, which the ticks of the dispatcher do. May be repeated.';

comment on function "queues"."dead_letter"(queues.settings, jsonb, boolean, uuid) is 'Moves messages [{msg_id, code, error, delivered}] to the dead letters. With p_was_tried, the last try counts as an attempt; a message that a claim gives up was not tried. The deliveries of the last try are added to earlier ones. Calls the dead-letter hook of the queue first.';

comment on function "queues"."dead_letters"(text, jsonb, integer) is 'The dead letters of a queue, oldest first. For the filter see queues.letter_condition; details are the original id, attempts, crashes, times and history.';

comment on function "queues"."dead_letters_page"(jsonb) is 'The dead letters of a queue, oldest first: {items, next, matching}; matching is counted up to 10000, and a message of more than 64 KiB is left out. Arguments: queue; filter, see queues.letter_condition; limit; after, the `next` of a page.';

comment on function "queues"."decide_comment"(uuid, text, text) is 'The decision of the calling moderator about a comment, whatever its state.';

comment on function "queues"."decide_image"(uuid, text, uuid, text) is 'A verdict about a picture that has been processed: approved (published), flagged (waits for a moderator) or rejected (its variants are removed). The actor is null for a machine. Returns whether there was such a picture.';

comment on function "queues"."defer"(text, jsonb) is 'Ends leases without a failure or crash. The messages become visible again after their delay. Their deliveries are kept, the reason is not.';

comment on function "queues"."defer_like"(uuid, text, uuid, interval) is 'Keeps a like over its limit, the opposite of what the caller was told last, and answers 202. Returns null if too many are open.';

comment on function "queues"."deferred_action_context"(jsonb) is 'The claim hook of the queue deferred_actions: the open likes of the owners that messages name, in their order. Accepts any message.';

comment on function "queues"."delete_comment"(uuid) is 'See public.delete_comment, its only caller.';

comment on function "queues"."deliveries_page"(jsonb) is 'The ledger of deliveries, latest first: {items, next, read}. A page may have few items and a next one: 20000 rows were read for it. Arguments: person_id (their last 1000 notifications), provider, status, channel, reason (how it begins), correlation_id, limit, before.';

comment on function "queues"."delivery_health"() is 'One row per provider, one per push service of the browsers whose breaker is not closed, and one, `all`, if a setting for all of them is wrong. state: closed (normal), open (nothing is sent until open_until) or half_open (one delivery at a time probes the provider), with the reason and what to do, also for what the last run found wrong with its environment. Sent is also an opinion that was given about a comment, and skipped one that was not needed any more. uncertain_24_h: tries of deliveries that may have been sent before, because a worker ended or no answer came. Each may have sent a delivery again, unless the provider keeps idempotency keys (resend).';

comment on function "queues"."delivery_ids"(jsonb) is 'The deliveries that messages name, each once, in the order of the messages. Messages that name none are skipped.';

comment on function "queues"."device_token"(text, text) is 'The one spelling of a token that is stored and compared.';

comment on function "queues"."devices_of"(uuid, text) is 'The targets of a person''s pushes: the devices seen last, and the FCM token of their profile, which has no id.';

comment on function "queues"."diagnose"(queues.settings, queues.queue_health) is 'Adds the verdict to the health of a queue, with its reason and remedy. Worse problems come first, and causes before their consequences.';

comment on function "queues"."discard"(text, jsonb, integer) is 'Moves dead letters to the archive of the dead-letter queue, where they stay for the retention of the queue. Returns {discarded, left}; left is counted up to 10000. For the filter see queues.letter_condition.';

comment on function "queues"."discard_letters"(jsonb) is 'Discards dead letters: {queue, filter, limit}. Returns {affected, left}: see queues.discard.';

comment on function "queues"."dispatch"() is 'One tick: calls a worker for each full batch of visible messages, up to max_workers less the active ones, of every queue that is due and not paused, and does a step of housekeeping. A queue that fails does not stop the others or the housekeeping. Returns the number of calls. Two ticks at once make no call twice.';

comment on function "queues"."dispatch_queue"(text) is 'The part of a tick for one queue: records the outcome of its calls and, if it is due, calls its workers. Does nothing while another tick looks at the queue.';

comment on function "queues"."dispatches_page"(jsonb) is 'The calls of a queue''s worker, latest first: {items, next}. Arguments: queue, limit, before.';

comment on function "queues"."drop_likes_of_dead_letters"(jsonb) is 'The dead-letter hook of the queue deferred_actions: without its message, nothing would settle the open likes of an owner.';

comment on function "queues"."dying_runs"(queues.settings) is 'How many of the last runs were killed, if all of them were; null if one of them finished.';

comment on function "queues"."edit_comment"(uuid, text) is 'See public.edit_comment, its only caller.';

comment on function "queues"."email_addresses"(uuid[]) is 'Confirmed email addresses of people who are not deleted. Without Supabase Auth there are none.';

comment on function "queues"."email_details"(jsonb, uuid) is 'What an email shows of the post and the comment that the data of a notification name: {post_id, caption, photo, may_appeal}. The picture is {bucket, path, width, height} of its medium variant, if it is published.';

comment on function "queues"."enqueue"(jsonb) is 'Sends messages, given as {queue: [message]}, and wakes their workers.';

comment on function "queues"."enqueue_image"(text, text, bigint) is 'See public.enqueue_image, its only caller.';

comment on function "queues"."evidence"(uuid, uuid) is 'What a moderator is to know of a comment or a post: {comment, post, reports, appeal, history}.';

comment on function "queues"."existing_queue"(text) is 'The settings of a queue. Raises PT404 if the queue is unknown or was dropped.';

comment on function "queues"."fail_deliveries"(jsonb) is 'The dead-letter hook of the queue deliveries: the deliveries that messages [{msg_id, message, code}] name have failed, unless they are settled. One that was being sent may have been accepted.';

comment on function "queues"."fail_images"(jsonb) is 'The dead-letter hook of the queue image_processing: pictures of which the effects say nothing have failed too, as those that kill their workers.';

comment on function "queues"."failed_messages"(text, jsonb) is 'What the log of a worker says of messages that a settlement retries or dead-letters, while they are in their queue: [{msg_id, outcome, code, correlation_id}], at most 50.';

comment on function "queues"."failing_runs"(queues.settings) is 'How many of the last runs ended with an error of the database, and the last error, if all of them did; null otherwise.';

comment on function "queues"."failure"(text, text, uuid) is 'An entry of a history: {at, code, error, run_id}, the last if a run had the message.';

comment on function "queues"."find_missed_uploads"(integer) is 'Has uploads processed that have no row, such as those from before the trigger. Returns how many it found.';

comment on function "queues"."fold_hours"(text, integer) is 'Folds the settlements of past hours into one row per hour.';

comment on function "queues"."fold_settlements"(text, timestamp with time zone, timestamp
  with time zone, integer) is 'Folds the rows between two times into one row per hour; from -infinity, into a single row.';

comment on function "queues"."forget_posts"() is 'Deletes the pictures of posts that are deleted.';

comment on function "queues"."forget_upload"(text, text) is 'An upload was removed from Storage. What was made of it stays, until its post is deleted.';

comment on function "queues"."free_at"(timestamp with time zone, interval, timestamp
  with time zone) is 'When a key is free. Nobody uses up more than all that it holds: a key that is free later was charged before the clock was set back, or under a limit with a larger burst, and is free now.';

comment on function "queues"."gauge_oldest_comments"() is 'The gauge comments_oldest_wait_seconds.';

comment on function "queues"."gauge_waiting_comments"() is 'The gauge comments_waiting.';

comment on function "queues"."growth_percent"(bigint, bigint) is 'The growth in percent; null if p_before is 0 or null.';

comment on function "queues"."has_muted"(uuid) is 'Whether the caller has muted somebody.';

comment on function "queues"."health"() is 'One row per queue: its messages, throughput, failures, runs and calls, and a verdict (ok, late or failing) with the reason and the remedy. The cost does not depend on the size of the backlog.';

comment on function "queues"."health_of"(queues.settings) is 'The health of a queue. An error becomes a verdict.';

comment on function "queues"."heartbeat_run"(text, uuid) is 'See public.heartbeat_run, its only caller.';

comment on function "queues"."held_up_calls"(text) is 'Why calls of a worker wait in pg_net, if they have waited for long.';

comment on function "queues"."hide_person"(uuid, text) is 'Blocks or mutes somebody for the caller. May be repeated.';

comment on function "queues"."hmac_sha256"(text, bytea) is 'HMAC-SHA256 (RFC 2104) without pgcrypto, which a project may have in another schema or switch off.';

comment on function "queues"."hold_for_moderator"(jsonb) is 'For queues.image_settings.hold_function: every picture waits for a moderator.';

comment on function "queues"."hold_mark"(text) is 'Whether this transaction may write the next mark of a queue. Until it ends no other may, and it may write only one.';

comment on function "queues"."id_argument"(jsonb, text) is 'A UUID; null if it is absent. Rejects what is none.';

comment on function "queues"."ids_problem"(text) is 'Says which sequence of a queue is behind; null if none is.';

comment on function "queues"."image_context"(jsonb) is 'The claim hook of the queue image_processing: returns the settings, the pictures that exist, and the objects to remove. Accepts any message.';

comment on function "queues"."image_evidence"(uuid) is 'What a moderator is to know of a picture: {image, post}.';

comment on function "queues"."image_health"() is 'How pictures are doing: ok, late or failing, the reason, and what to do; what waits, and the results of the last 24 hours.';

comment on function "queues"."images_page"(jsonb) is 'The pictures that failed, latest first, and the health of pictures: {items, health, next}. They are found among the 20000 that were processed before a place. Arguments: reason, limit, before.';

comment on function "queues"."insert_analytics_events"(jsonb) is 'Stores events. The id of a post or profile that no longer exists is kept in the metadata.';

comment on function "queues"."is_apart_from"(uuid) is 'Whether the caller has blocked somebody or is blocked by them. For policies.';

comment on function "queues"."is_failed_upload"(text, text) is 'Whether the caller is an operator and this is the upload of a picture that failed; for a policy on storage.objects.';

comment on function "queues"."is_held"(public.post_images) is 'Whether a picture is held back until somebody decides about it: what the function of the settings says.';

comment on function "queues"."is_held_by_another"(uuid, text) is 'Whether the FCM token of a profile may be the device of another person.';

comment on function "queues"."is_moderator"() is 'Whether the caller is a moderator now.';

comment on function "queues"."is_own_post"(uuid, uuid) is 'Whether a post belongs to a person. Somebody may upload for a post that does not exist yet, and another may then create it.';

comment on function "queues"."is_stored"(text, text) is 'Whether Storage has an object; null if it is not known.';

comment on function "queues"."is_unsubscribe_token"(text) is 'Whether a token was signed with the key in Vault.';

comment on function "queues"."job_problem"(text) is 'Why pg_cron cannot run a job, and what to do about it; null if it can.';

comment on function "queues"."joins_since"(timestamp with time zone, timestamp
  with time zone) is 'The earliest creation time of a notification that an event may join.';

comment on function "queues"."keep_ids_fresh"() is 'Moves the sequence of a pgmq queue before messages get ids that are taken, so that no producer fails.';

comment on function "queues"."last_tick"() is 'The last recorded run of the dispatcher''s job; null without a record.';

comment on function "queues"."latency"(text, timestamp with time zone) is 'The median and the 95th percentile of the time from sent to acknowledged, of the last 1000 messages since a time.';

comment on function "queues"."lease"(queues.settings, integer, timestamp with time zone) is 'Leases the visible messages after a mark that were due first, up to p_limit and 4 MiB. A message whose lease expired (a crash of its worker) is a suspect. Suspects are leased apart from other messages, those with the most crashes first, in groups that shrink to one message at its last chance, so that a message that kills workers does not take others along. Messages without a chance left are returned in `crashed`. Candidates that do not fit are not changed. `expired` counts the earlier leases that expired.';

comment on function "queues"."letter_condition"(jsonb) is 'The SQL condition for dead letters that match a filter. Its keys are optional: reason (the code), error (part of the text), field (that the error names), older_than_secs, newer_than_secs (since it was dead-lettered), min_attempts, max_attempts, msg_ids (of the dead letters), original_msg_ids (of the original messages), path (keys into the message) with or without the value found there.';

comment on function "queues"."letter_field"(jsonb) is 'The field that the error of a dead letter names first; null if it names none.';

comment on function "queues"."letter_groups_page"(jsonb) is 'The latest 20000 dead letters of a queue by what they have in common, the 50 largest groups: {by, groups: [{value, letters, oldest, newest}], different, read, is_complete}. Arguments: queue; filter; by: reason, field (that the error names), path (what is found there in the message) or age (the hour); path.';

comment on function "queues"."letters_gone"(text, jsonb) is 'Tells an operator that dead letters are gone, and who took them if the log of late says so.';

comment on function "queues"."letters_taken_id"(text) is 'The highest id that a message of a queue had before it became a dead letter. Reads all dead letters.';

comment on function "queues"."like_count"(numeric) is 'The value of a counter of likes; null if it counts nothing: NaN, infinite, below zero or too large.';

comment on function "queues"."like_over_limit"(uuid, text, uuid, queues.rate_limit_key[], interval, boolean) is
  'Answers a like over its limit: 202 if it is deferred, else 429 with the state as it is.';

comment on function "queues"."like_owners"(text, uuid) is 'Whose deferred likes a caller may change. The first one owns what the caller defers.';

comment on function "queues"."likes_post"(uuid, text, uuid) is 'Whether a person, or the session before they signed in, likes a post.';

comment on function "queues"."limit_health"() is 'One row per action with a limit: the calls of the last hour by their answer, and what an operator should know, such as an address that makes most of the calls.';

comment on function "queues"."limited_calls"(timestamp with time zone, timestamp
  with time zone) is 'The calls of limited actions between two times, to the hour: {action: {answer: number}}. An answer that nobody got is left out.';

comment on function "queues"."limited_network"(text, inet[]) is 'The address or, for IPv6, the /64 network that a text names. Null for what is no address, private or exempt.';

comment on function "queues"."limits_page"(jsonb) is 'The limits with the calls of the last hour, and who was refused or deferred most, by a hash: {limits, most_limited}.';

comment on function "queues"."list_hidden_people"(text, integer, text) is 'See public.list_hidden_people, its only caller.';

comment on function "queues"."list_reviews"(integer, text) is 'See public.list_reviews, its only caller.';

comment on function "queues"."local_time"(text) is 'The time of day in a time zone; in UTC if the zone is unknown.';

comment on function "queues"."lock_groups"(jsonb) is 'Locks groups of notifications against other transactions until this one ends.';

comment on function "queues"."lock_keyed"(queues.message_keys) is 'Locks the message of a key and returns its state. It is `waiting` before its first claim and after a retry, a deferral or a release; `in_progress` from its claim on, also if its worker may have crashed; `not_found` after it left the queue.';

comment on function "queues"."lock_like_owners"(text[], bigint[]) is 'Waits until nobody else adds or settles deferred likes of these owners and addresses. Lock posts and rate limits before.';

comment on function "queues"."lock_notifications"(jsonb) is 'Locks the notifications that events may join or leave, so that they are not marked as read until this transaction ends.';

comment on function "queues"."lock_rate_limit_keys"(queues.rate_limit_key[]) is 'Locks the keys of several calls in the order in which queues.charge locks those of one, so that charging them one by one waits for nobody.';

comment on function "queues"."lock_recipients"(jsonb) is 'Keeps recipients from being deleted until this transaction ends. Raises QGONE if one is gone already.';

comment on function "queues"."log_moderation"(text, public.comments, uuid, text) is 'Adds a decision about a comment to the log.';

comment on function "queues"."lost_leases"(text, jsonb) is 'Locks the messages of a settlement in the order of their ids, and returns those whose lease has ended: claimed again, already settled, or gone.';

comment on function "queues"."main_address"(text) is 'The calls of the address that made most of them, and those of all sessions or people. Reads all keys.';

comment on function "queues"."mark_all_notifications_read"(timestamp with time zone) is 'See public.mark_all_notifications_read, its only caller.';

comment on function "queues"."mark_notifications_read"(uuid[]) is 'See public.mark_notifications_read, its only caller.';

comment on function "queues"."measure"(queues.settings) is 'The health of a queue without the verdict. A queue that was dropped has no counts.';

comment on function "queues"."mentioned_people"(text) is 'The people whom a text mentions as @username: the first ten names, as far as each belongs to one person.';

comment on function "queues"."message_page"(jsonb) is 'A message with its history from the producer to the archive: {queue, box, message, failures, history: [{at, event, code, error, run_id}]}. run_id is the run, as in the log of its worker; that of a processed message is known for an hour. The body is null if it has more than 1 MiB. The history of its failures is kept while it is in its queue or a dead letter. Arguments: queue, box, msg_id.';

comment on function "queues"."messages_page"(jsonb) is 'The messages of a queue with the beginning of their bodies: {items, next}. Arguments: queue; box: queue (the oldest first), archive, dead_letters or discarded (the latest first); limit; from, the id that the page begins with.';

comment on function "queues"."metrics"() is '{queues: [{queue, gauges: {visible, in_flight, delayed, dead_letters, oldest_age_secs, workers_active, failed_calls, paused, late, failing}, counters: {processed, retried, deferred, dead_lettered, released, lost, expired}, dispatches: {outcome: number}, runs: {reason: number}}], limits: {action: {answer: number}}, gauges: those of queues.read_gauges}. The gauges of messages are null for a queue that was dropped; paused, late and failing are 0 or 1. Counters, dispatches, runs and limits never fall, but a crash of the database forgets the limits of the last hour; a label appears with its first occurrence.';

comment on function "queues"."missing_tables"(text) is 'The pgmq tables that a queue lacks; null if it has them all.';

comment on function "queues"."moderate_image"(uuid, text, text) is 'The decision of the calling moderator about a picture.';

comment on function "queues"."moderator"() is 'The profile of the calling moderator. Raises PT403 for everyone else.';

comment on function "queues"."most_limited"(integer) is 'The sessions, people and addresses that were refused or deferred most within the last hour, with their share of such calls of the action. who is a hash under the seed of this database: the same one has the same hash as long as the seed is kept, and it names nobody.';

comment on function "queues"."move_ids"(text) is 'Moves the sequence of a pgmq queue past the ids of its messages, its archive, its dead letters and its failures.';

comment on function "queues"."move_rate_limit_calls"(integer) is 'Adds calls that are more than an hour old to those of their hour.';

comment on function "queues"."move_upload"(text, text, text, text, bigint) is 'An upload was moved. In another post it is a new upload, and the picture of the old one goes.';

comment on function "queues"."mute_person"(uuid) is 'See public.mute_person, its only caller.';

comment on function "queues"."name_drops"(text, jsonb) is 'Keeps with messages that are dropped [{msg_id, code, error}] why: headers.dropped, which the archive takes over.';

comment on function "queues"."named_profiles"(jsonb, text) is 'The profiles that messages name in a field. What is not the id of one is skipped.';

comment on function "queues"."newest_mark"(text) is 'The newest mark that counts; -infinity if there is none. Without the trigger, trigger_oid is null and there is none.';

comment on function "queues"."next_id"(text) is 'The id that the next message of a pgmq queue gets, if its sequence is not moved.';

comment on function "queues"."note_failed_tick"(text, text) is 'Records for queues.health why a tick could not look at a queue.';

comment on function "queues"."note_storage_change"() is 'Has uploads processed as they arrive, are replaced, moved or removed. An error is recorded and fails no upload.';

comment on function "queues"."notes"(text, bigint) is 'What an operator should know of a queue that is ok: what is missing for later, and dead letters.';

comment on function "queues"."notification_context"(jsonb) is 'The claim hook of the queue notifications: returns the settings, the names of actors, of whom recipients are not to hear, and the recipients that exist. Accepts any message.';

comment on function "queues"."notification_events"(jsonb) is 'The latest new event of each actor with its notification: the one that already mentions the actor, else the newest one of the group that is unread and new enough, else a new one for the whole batch.';

comment on function "queues"."notification_preferences"() is 'See public.notification_preferences, its only caller.';

comment on function "queues"."notifications_since"() is 'The time since when notifications and the records of their delivery are kept.';

comment on function "queues"."notify"(jsonb) is 'Notifies people of events and of events that were taken back: once, whatever the order of the events, and however many sessions handle events of the same group.';

comment on function "queues"."number_argument"(jsonb, text, numeric, numeric, numeric) is 'A number; the default if it is absent. Rejects what is out of range.';

comment on function "queues"."numbers_since"() is 'The time since when hourly numbers and rounds of housekeeping are kept.';

comment on function "queues"."offences_of"(uuid, uuid) is 'How many comments of a person were rejected lately, except one.';

comment on function "queues"."one_or_many"(bigint, text, text, text[]) is 'A text for one or for many, formatted with the count and what comes after it.';

comment on function "queues"."open_calls"(text) is 'The calls of a worker whose outcome is not recorded yet: whether they wait in pg_net''s queue or are being sent, and the answer if there is one, with the run that the worker named in it.';

comment on function "queues"."open_notifications"(queues.notification_event[]) is 'Stores new notifications.';

comment on function "queues"."open_review"(uuid, uuid) is 'Asks a moderator to look at a comment or at a post.';

comment on function "queues"."open_writers"(text) is 'The virtual transactions that have written into a queue, or are about to, and have not ended. Includes prepared ones.';

comment on function "queues"."operate"(text, jsonb, boolean) is 'See public.operate, its only caller.';

comment on function "queues"."operator"() is 'The profile of the calling operator. Raises PT403 for everyone else.';

comment on function "queues"."operator_page"(text, jsonb) is 'See public.operator_page, its only caller.';

comment on function "queues"."opinion_context"(jsonb) is 'The claim hook of the queue comment_opinions: returns the settings, the comments that are still flagged, and the breaker of the provider. Accepts any message.';

comment on function "queues"."opinion_dead_letters"(jsonb) is 'The dead-letter hook of the queue comment_opinions: a service that cannot be asked ends the wait for its opinion.';

comment on function "queues"."opinions_of_last_hour"() is 'By service, the opinions that it gave, the questions that became dead letters, and those that needed no answer any more.';

comment on function "queues"."orphaned_leases"(queues.settings) is 'Leases whose worker is gone: {expired, runs: [{run_id, started_at, last_seen_at, held, ends_at}]}. expired ones wait for the next claim and are counted among 10000 messages; those of silent runs last until ends_at at the latest.';

comment on function "queues"."overview_page"(jsonb) is 'The health of all queues with their last hour, of the providers, of moderation and of the jobs, open alerts, and whether workers can be called: {queues, providers, alerts, comments, jobs, last_tick, calls}.';

comment on function "queues"."own_details"(uuid) is 'What only the author is told of a comment: {reasons, note, by_moderator, may_appeal}. Null for everyone else.';

comment on function "queues"."pause"(text) is 'Pauses a queue: nothing is claimed from it and no worker is called for it. Messages are still accepted, and those already claimed can be settled.';

comment on function "queues"."pause_queue"(jsonb) is 'Pauses a queue: {queue}. Returns {affected, was_paused}.';

comment on function "queues"."peek"(text, integer) is 'The oldest messages of a queue in any state, with the beginning of their bodies. Takes no lease and changes nothing.';

comment on function "queues"."person"() is 'The profile of the caller. Raises PT403 if there is none.';

comment on function "queues"."person_evidence"(uuid) is 'What a moderator is to know of a person.';

comment on function "queues"."pg_net_problem"() is 'Why no worker can be called, and what to do about it; null if pg_net is there.';

comment on function "queues"."phrase"(text[], integer, text) is 'The phrase for a number of actors (the last phrase for more), with the name of the latest actor and the number of others.';

comment on function "queues"."place_argument"(jsonb, text, text) is 'The time and id of a place in a list; null for its beginning.';

comment on function "queues"."place_of"(timestamp with time zone, text) is 'The place of a row in a list: <microseconds since 1970>.<id>. Clients must not rely on the format.';

comment on function "queues"."post_alert"(jsonb) is 'Calls the webhook with a claimed alert, signed as Standard Webhooks 1.0 says: webhook-id, webhook-timestamp, webhook-signature.';

comment on function "queues"."post_comment"(uuid, text, uuid) is 'See public.post_comment, its only caller.';

comment on function "queues"."post_details"(uuid) is 'The owner of a post, and the beginning of its caption; null where the app has no such column any more.';

comment on function "queues"."post_not_found"() is 'The answer to a like of a post that does not exist.';

comment on function "queues"."project_access"() is 'The URL and the key with which workers are called; or why none can be called, and what to do about it.';

comment on function "queues"."provider_remedy"(text, text) is 'What to do about a provider that refuses the credentials of the project.';

comment on function "queues"."prune"(queues.housekeeping, text, integer) is 'Removes up to p_limit old rows and returns how many.';

comment on function "queues"."prune_alerts"(integer) is 'Removes old alerts that are over.';

comment on function "queues"."prune_archive"(text, integer) is 'Removes acknowledged messages after their retention.';

comment on function "queues"."prune_archived"(text, text, integer) is 'Removes messages from an archive after their retention, if there is an archive and a retention.';

comment on function "queues"."prune_breakers"(integer) is 'Removes breakers of push services that nothing was sent to for a day, or that work.';

comment on function "queues"."prune_cleanups"(integer) is 'Removes old rounds of housekeeping.';

comment on function "queues"."prune_dead_letter_archive"(text, integer) is 'Removes discarded dead letters after their retention.';

comment on function "queues"."prune_deferred_likes"(integer) is 'Removes likes that were kept a week ago, also open ones: nobody expects those any more.';

comment on function "queues"."prune_dispatches"(text, integer) is 'Removes old calls and keeps their number.';

comment on function "queues"."prune_failures"(text, integer) is 'Removes the failures of messages that left their queue without a settlement: deleted, purged, or dropped with it.';

comment on function "queues"."prune_images"(integer) is 'Removes pictures without a post.';

comment on function "queues"."prune_job_runs"(integer) is 'Removes old runs of jobs, which pg_cron itself keeps for ever.';

comment on function "queues"."prune_marks"(integer) is 'Removes marks that newer ones have replaced.';

comment on function "queues"."prune_message_keys"(text, integer) is 'Removes the keys of messages that left their queue.';

comment on function "queues"."prune_moderation_log"(integer) is 'Removes old entries of the log.';

comment on function "queues"."prune_notification_actors"(integer) is 'Removes old actors.';

comment on function "queues"."prune_notification_deliveries"(integer) is 'Removes old rows of the ledger.';

comment on function "queues"."prune_notifications"(integer) is 'Removes old notifications.';

comment on function "queues"."prune_operator_log"(integer) is 'Removes entries that are more than a year old.';

comment on function "queues"."prune_rate_limit_hours"(integer) is 'Adds old hours to one row for each action and answer.';

comment on function "queues"."prune_rate_limit_keys"(integer) is 'Removes keys that limit nobody.';

comment on function "queues"."prune_restrictions"(integer) is 'Removes restrictions that are over.';

comment on function "queues"."prune_runs"(text, integer) is 'Removes old runs and keeps their number.';

comment on function "queues"."prune_settlements"(text, integer) is 'Folds old settlements into a single row.';

comment on function "queues"."prune_simhashes"(integer) is 'Removes old simhashes.';

comment on function "queues"."prune_trending"(integer) is 'Deletes up to p_limit rows that can no longer trend and returns how many. Does not wait for settlements.';

comment on function "queues"."prune_upload_problems"(integer) is 'Removes old problems.';

comment on function "queues"."published_objects"(uuid, uuid, uuid) is 'The objects that workers have published for a picture, up to 200.';

comment on function "queues"."push_service"(text, text) is 'The host of a browser''s push service, which has a circuit breaker of its own; empty for devices of other providers.';

comment on function "queues"."queue_argument"(jsonb) is 'The queue. Raises PT404 if it is unknown.';

comment on function "queues"."queue_page"(jsonb) is 'A queue: {health, settings, bounds, series, redrives, orphaned_leases}. Arguments: queue; window, hour or day. A queue that was dropped has no orphaned_leases.';

comment on function "queues"."raise_alerts"(integer) is 'Opens an alert for each queue that has been late or failing for long enough, and closes those that are over; sends a message once for each. Reads the samples of each minute. A queue that goes from late to failing, or back, is one alert.';

comment on function "queues"."raise_conflict"(text, text) is 'Turns a deadlock, a serialization failure or a lock timeout into an error that a client may retry.';

comment on function "queues"."raise_gone"(uuid[]) is 'For an effect whose rows need what was deleted since their messages were claimed: settle_messages answers with the ids, and the worker drops the messages.';

comment on function "queues"."rate_limit_address_key"(text) is 'The key of the address that sent this request. Null if addresses are not limited.';

comment on function "queues"."rate_limit_hash"(text, text, text) is 'The key of a session, person or address for an action. Null without a value.';

comment on function "queues"."rate_limit_keys"(text, text, uuid, bigint, integer) is 'The keys of a session, a person and an address that act p_times, as far as they are known. None for an action without a limit.';

comment on function "queues"."rate_limit_keys_of"(text, text, uuid, integer) is 'The keys of a call that acts p_times: its session, the person, and the address that sent the request.';

comment on function "queues"."rate_limit_wait"(queues.rate_limit_key[]) is 'How long until each key holds this call; null or not above zero if that is now. Locks and charges nothing.';

comment on function "queues"."read_correlation_id"(text) is 'A correlation id in lower case; null for what is none.';

comment on function "queues"."read_cursor"(text, text) is 'The time and id of a cursor; null for none. Rejects what is not a cursor.';

comment on function "queues"."read_gauges"() is 'The gauges of features: [{name, label, help, values: {value of the label: number}}]. One that fails is left out.';

comment on function "queues"."read_only_problem"() is 'Whether new sessions cannot write, as on a replica or after Supabase found the disk full, and what to do about it.';

comment on function "queues"."read_secret"(text) is 'A secret of Vault, without white space around it; or why there is none, and what to do about it. Never raises.';

comment on function "queues"."read_time"(text) is 'A time that a dead letter names; null for what is none, which others may have sent.';

comment on function "queues"."read_upload_path"(text) is 'The owner and the post of an upload, <owner>/<post>/<name>. The post may come later. Raises PT422 for other paths.';

comment on function "queues"."recent_simhashes"() is 'The newest simhashes: [[simhash, comment, author]].';

comment on function "queues"."recipients"(uuid[]) is 'The preferences of people. Unset channels are on; unset quiet hours are those of queues.notification_settings.';

comment on function "queues"."reconcile_calls"(text) is 'Records the outcome of the open calls of a queue. A call that pg_net has not sent yet stays open.';

comment on function "queues"."record_actors"(queues.notification_event[]) is 'Records the latest event of each actor.';

comment on function "queues"."record_deliveries"(jsonb) is 'Records the outcome of deliveries [{id, status, reason, provider, provider_message_id, is_uncertain}]. Unknown ids are skipped. is_uncertain: a failed delivery may have been accepted.';

comment on function "queues"."record_failure"(public.post_images, text, text) is 'Records why an upload has no variants, and has those of an earlier one removed.';

comment on function "queues"."record_picture"(public.post_images, jsonb) is 'Records the variants of an upload, and has those of an earlier one removed; the upload too, if the settings say so.';

comment on function "queues"."record_upload_problem"(text, text, text, text) is 'Records why an upload has no picture. Never raises.';

comment on function "queues"."records_since"() is 'The time since when single runs, calls and ticks are kept.';

comment on function "queues"."redrive"(text, jsonb, integer, numeric) is 'Sends dead letters back to their queue as the original messages, oldest first, with all their retries and their history. They become visible at the given rate, after those of earlier redrives at the same rate. Returns {redriven, left, visible_until}; left is counted up to 10000. If none was redriven, visible_until is that of earlier redrives. For the filter see queues.letter_condition. queues.cancel_redrive takes them back.';

comment on function "queues"."redrive_edited"(jsonb) is 'Redrives a dead letter with another message: {queue, msg_id, message}. Returns {affected, visible_until, before}: the message that it had is kept in the log.';

comment on function "queues"."redrive_letters"(jsonb) is 'Redrives dead letters: {queue, filter, limit, rate_per_sec}. Returns {affected, left, visible_until}: see queues.redrive.';

comment on function "queues"."refresh_notifications"(queues.notification_event[]) is 'Updates unread notifications after changes of their actors. Without actors they are withdrawn, and the next actor restores them. Returns the ids of those that changed.';

comment on function "queues"."refuse_comment"(text, text) is 'The answer to a call that changes nothing.';

comment on function "queues"."refuse_session_id"(text) is 'The answer to a call of a client with this session id, a random text that the app keeps; null if it can be one.';

comment on function "queues"."refuse_too_many"(interval, text, text) is 'The answer to a call that comes too soon: HTTP 429 with Retry-After.';

comment on function "queues"."register_device"(text, text, text, text, text) is 'See public.register_device, its only caller.';

comment on function "queues"."registered_function"(text, text, text) is 'The function of schema queues that a row names, with exactly the signature of its kind. Checked when the row is written and at each call; the error names the row. A worker treats the error as a misconfiguration, not as a failure of its messages.';

comment on function "queues"."reject"(text, text, text) is 'Rejects invalid input with an error that names the field.';

comment on function "queues"."reject_comment"(uuid, text) is 'See public.reject_comment, its only caller.';

comment on function "queues"."reject_image"(uuid, text) is 'See public.reject_image, its only caller.';

comment on function "queues"."rejected_letters"(queues.settings) is 'The dead letters of the last 5 minutes that were given up at their first try: the message is at fault, not the worker. Counted among the last 1000.';

comment on function "queues"."release"(text, jsonb) is 'Ends leases unused, without a failure or crash. The messages are visible at once, and as far in front of others as they were due before them.';

comment on function "queues"."release_push_token"(uuid, text) is 'Removes an FCM token from the profiles of all but its holder.';

comment on function "queues"."remove_gone_devices"(jsonb) is 'Removes tokens [{recipient_id, device_id, token}] that a provider no longer knows, unless they were replaced since.';

comment on function "queues"."remove_images"() is 'Has the objects of pictures removed whose rows are deleted, as with their post or owner.';

comment on function "queues"."remove_objects"(queues.image_removals, integer) is 'Has objects removed from Storage.';

comment on function "queues"."report"(uuid, uuid, text, text) is 'Reports a comment or a post to the moderators, once.';

comment on function "queues"."report_comment"(uuid, text, text) is 'See public.report_comment, its only caller.';

comment on function "queues"."report_comments_of"(date) is 'Makes the report about the comments of a day, or makes it again.';

comment on function "queues"."report_configuration"(jsonb) is 'Replaces the problems of the environment by those of the last report [{problems: [{about, problem, remedy}]}]. Each run of a worker that needs providers makes one, also if there are none.';

comment on function "queues"."report_day"(date) is 'Makes the report of a day, or makes it again. Reads the counters and events of the day by their indexes, and holds no lock that a settlement waits for.';

comment on function "queues"."report_images_of"(date) is 'Makes the report of a day, or makes it again.';

comment on function "queues"."report_post"(uuid, text, text) is 'See public.report_post, its only caller.';

comment on function "queues"."rerank_trending"() is 'Computes all ranks anew with the current half-life.';

comment on function "queues"."restriction_of"(uuid) is 'The answer to a comment of somebody who may not comment for now: 403 if a moderator has banned them, 429 if the machine holds them back. Null for everyone else.';

comment on function "queues"."resume"(text) is 'Ends a pause. The next tick calls workers for the backlog.';

comment on function "queues"."resume_queue"(jsonb) is 'Ends the pause of a queue: {queue}. Returns {affected, was_paused}.';

comment on function "queues"."retry"(text, jsonb, uuid) is 'Ends leases with a failure. The messages become visible again after their delay.';

comment on function "queues"."retry_uploads"(integer) is 'Tries uploads again that the trigger could not take, with growing delays.';

comment on function "queues"."review_dead_letters"(jsonb) is 'The dead-letter hook of the queue comment_moderation: a moderator decides about comments that the machine cannot judge.';

comment on function "queues"."runs_page"(jsonb) is 'The runs of a queue, last seen first: {items, next}. outcome: why it stopped, `active`, or `killed`. Arguments: queue, limit, before.';

comment on function "queues"."sample"(queues.queue_health, timestamp with time zone) is 'A sample of a queue, whose health is known.';

comment on function "queues"."schedule_jobs"() is 'Schedules the jobs of queues.jobs that pg_cron does not have, and returns their names. May be repeated.';

comment on function "queues"."search_box"(text, text, bigint, text, integer, timestamp
  with time zone) is 'The latest messages of a box that match: {items, read, is_complete}. By its id a message is found in any case; by text among the latest 20000 of each box, those of an archive up to a time.';

comment on function "queues"."search_page"(jsonb) is 'Messages of all queues and boxes by one of msg_id, text (at least three characters, such as the id of a post or person) and correlation_id: {items, incomplete}. incomplete names the boxes of which only the latest 20000 were read; with `until`, in seconds since 1970, an archive is read up to that time. Other arguments: queue, limit.';

comment on function "queues"."secret"(text) is 'A secret of Vault; null if it is missing or cannot be decrypted.';

comment on function "queues"."send"(text, jsonb, integer, text) is 'Sends a message, to be handled after p_delay_secs at the earliest. While a message of this queue with the same p_dedup_key waits, nothing is sent: is_new is false, and msg_id is the id of the message that waits, which is not changed. It is held back from workers until this transaction ends. A message that a worker has claimed may have been read before what this transaction changed: it does not wait any more, and a new one is sent.';

comment on function "queues"."send_alert"(queues.alerts) is 'Sends the message of an alert, or that it is over. Its id is the same for every try.';

comment on function "queues"."send_alerts"(integer) is 'A step of the queue of alerts: settles what the webhook has answered, and calls it for what waits.';

comment on function "queues"."send_image"(public.post_images) is 'Has an upload processed.';

comment on function "queues"."send_message"(jsonb) is 'Sends a message, such as one to test a queue: {queue, message, delay_secs}. Returns {affected, msg_id}.';

comment on function "queues"."send_notifications"(jsonb[]) is 'Sends messages to the queue notifications.';

comment on function "queues"."send_to_moderation"(uuid) is 'Has a comment judged after the caller''s transaction.';

comment on function "queues"."sequence_of"(text) is 'The sequence that gives the messages of a pgmq queue their ids.';

comment on function "queues"."series"(text, timestamp with time zone, integer) is 'The samples of a queue since a time, as a list for each measure with one element per step: the highest of the step; of processed, retried, dead_lettered and expired, the number within it. at is in seconds since 1970.';

comment on function "queues"."set_correlation_id"(text) is 'What follows in this transaction is caused by the request with this id; with null, by the request that calls.';

comment on function "queues"."set_notification_preferences"(jsonb) is 'See public.set_notification_preferences, its only caller.';

comment on function "queues"."setting_bounds"() is 'The settings that an operator may change: {setting: {type, default, nullable, min, max, means}}, read from the table.';

comment on function "queues"."settings_of"(text) is 'The settings of a queue. Raises PT404 if the queue is unknown.';

comment on function "queues"."settle_alert"(bigint, integer, integer, text, text) is 'Acknowledges an alert, or retries it with a delay that doubles, or dead-letters it after its last retry.';

comment on function "queues"."settle_alerts"() is 'Settles the alerts whose webhook has answered, or never will.';

comment on function "queues"."settle_deferred_likes"(jsonb) is 'The effect deferred_likes: applies likes, drops them with a reason, or lets them wait until a time, as decided for a revision [{id, revision, decision, reason, until}]. A like that has another revision by now, or whose limit is used up again, stays open. Sends the next message of each owner with open likes.';

comment on function "queues"."settle_image_removals"(jsonb) is 'The effect image_removals: objects have been removed. Goes on if there are more.';

comment on function "queues"."settle_messages"(text, jsonb) is 'See public.settle_messages, its only caller.';

comment on function "queues"."show_failed_uploads"() is 'Creates the policy by which operators read uploads that failed. Returns what it did, or why it could not.';

comment on function "queues"."show_hidden"(text) is 'Moves what lies before the mark of a queue behind it, and returns how many messages that were: what was written by writers that the mark has passed, once they have ended, and what a clock that was put back hid. Takes about a second at most; a tick goes on where the last one stopped.';

comment on function "queues"."show_person"(uuid, text) is 'Takes back a block or a mute of the caller. May be repeated.';

comment on function "queues"."signed_in"() is 'The id of the signed-in user. Raises PT403 if there is none.';

comment on function "queues"."silenced"(uuid[], uuid[]) is 'Of whom each recipient is not to hear, among some actors: those they have blocked or muted, and those who have blocked them. {recipient: [actor]}';

comment on function "queues"."silent_since"() is 'The time since when a run must have been seen. Of one that was not, the worker is gone: another one may take its place.';

comment on function "queues"."spread"(bigint) is 'Less than a millisecond, by which messages that become visible at the same time keep the order of their ids.';

comment on function "queues"."started_at"() is 'When the server started. What is older says nothing about it: nothing could run before.';

comment on function "queues"."stay_above_mark"() is 'Moves a message that is written as due in the past behind the announced mark: to the front of what is waiting.';

comment on function "queues"."storage_problem"() is 'What is wrong with the buckets and the trigger, and what to do about it. Never raises.';

comment on function "queues"."stored_bytes"(text, text) is 'The size of an object in Storage; null if it is not known.';

comment on function "queues"."supersede_likes"(uuid, text[]) is 'Marks open likes of a post as superseded. Returns what the caller was told last; null if none is open.';

comment on function "queues"."take_place"(uuid, text, integer) is 'Records that a run is alive, unless it would begin while p_places others are active: returns whether it has a place. A tick and a wake at the same time do not see each other''s calls, and may call one worker too many.';

comment on function "queues"."take_push_token"() is 'Makes the profile whose push_token is written its only holder, also if another person registered it as a device.';

comment on function "queues"."take_samples"(integer) is 'Takes a sample of each queue once a minute, and removes old ones. Returns how many were removed.';

comment on function "queues"."taken_id"(text, bigint) is 'The highest id from p_next on that a message of a pgmq queue has, or of its archive, or that its newest dead letter had; null if its sequence is not behind.';

comment on function "queues"."tell_of"(public.comments[], boolean) is 'Tells the authors of comments what was decided, if that is final for now, and the others concerned of those that were approved, and takes that back when one is not visible any more. Not final is a flag until another service was asked.';

comment on function "queues"."tell_without_opinion"(uuid[], text[]) is 'Tells the authors of comments that wait for an opinion, in the revision that was asked about, that they stay flagged.';

comment on function "queues"."test_alert"(jsonb) is 'Sends an alert of type `test`. Returns {affected, msg_id}.';

comment on function "queues"."text_argument"(jsonb, text, text) is 'A text; null if it is absent. Rejects what does not match the pattern.';

comment on function "queues"."tick_secs"() is 'The time between two ticks, by the schedule of the dispatcher''s job. Before version 1.5, pg_cron has none below a minute.';

comment on function "queues"."time_literal"(timestamp with time zone) is 'A time as SQL that means the same in every session, for a statement that cannot take it as a parameter.';

comment on function "queues"."toggle_post_like"(uuid, text, boolean) is 'See public.toggle_post_like, its only caller.';

comment on function "queues"."too_many_requests"(interval) is 'Makes the answer of this request HTTP 429 with Retry-After, and returns that, in seconds.';

comment on function "queues"."touch_run"(uuid, text) is 'Records that a run is alive, locks its row, and returns the number of its last applied settlement.';

comment on function "queues"."track_events"(jsonb, text) is 'See public.track_events, its only caller but public.track_event.';

comment on function "queues"."trending_decay"() is 'How much the logarithm of a score falls per second. Without a row of settings, the half-life is a day.';

comment on function "queues"."trial_claim"(queues.settings, jsonb) is 'The claim of one message that is in no queue. What the claim hook changes is for the caller to undo.';

comment on function "queues"."trial_claim_page"(jsonb) is 'What a worker would be given for a message, with its context, for the core to judge it: {claim}. Nothing is claimed, and what the claim hook does is undone. Arguments: queue, message.';

comment on function "queues"."trouble"() is 'The latest verdict of each queue, and since when it has been in trouble, or ok, without a break.';

comment on function "queues"."try_upload"(text, text) is 'Has an upload processed, or records why that is not possible.';

comment on function "queues"."unblock_person"(uuid) is 'See public.unblock_person, its only caller.';

comment on function "queues"."unheard_calls"(queues.settings, numeric) is 'The calls that a worker accepted within the last p_waited_secs seconds, if none of them claimed; 0 if one did.';

comment on function "queues"."unmute_person"(uuid) is 'See public.unmute_person, its only caller.';

comment on function "queues"."unregister_device"(text, text) is 'See public.unregister_device, its only caller.';

comment on function "queues"."unsubscribe"(text) is 'See public.unsubscribe, its only caller.';

comment on function "queues"."unsubscribe_token"(uuid) is 'The token that unsubscribes a person from emails: <profile>.email.<HMAC-SHA256 in hex>. Null if Vault has no key.';

comment on function "queues"."update_breakers"(jsonb) is 'Sets breakers [{provider, service, version, failures, trips, open_secs, reason}], each only if its version is still the given one.';

comment on function "queues"."uploads_bucket"() is 'The bucket that people upload to, for policies on storage.objects.';

comment on function "queues"."user_id"() is 'The id of the signed-in user. Null for others, and for users of a third party whose ids are not UUIDs.';

comment on function "queues"."usernames"(uuid[]) is 'The names of people by profile, as they wrote them.';

comment on function "queues"."variant_objects"(jsonb) is 'Where variants are: [{bucket, path}].';

comment on function "queues"."wake"(text) is 'Calls the worker of a queue when the transaction commits, at most once a second. Costs a producer an index lookup and never waits.';

comment on function "queues"."wake_deferred_likes"(text[]) is 'Sends for each owner with open likes the message that becomes visible when the first of them may be applied.';

comment on function "queues"."wanted_workers"(text, integer, integer) is 'How many workers the visible messages of a queue can keep busy with a full batch each, up to p_max_workers.';

comment on function "queues"."watch_storage"() is 'Creates the trigger on storage.objects, and the policies by which people may upload to folders of their own.';

comment on function "queues"."watch_uploads"() is 'Creates the buckets, the trigger and the policies for uploads, as far as they are missing. Repeat it after Storage was added, or other buckets were named in queues.image_settings. Returns what it did, or the problem. Never raises.';

comment on function "queues"."withdraw"(text, jsonb, integer) is 'Makes messages that wait for a worker dead letters, with the reason `withdrawn`: they are not handled, and can be redriven. Those in flight are left. Returns {withdrawn, left, in_flight}, how many that match, counted up to 10000. The filter has the keys msg_ids, older_than_secs, newer_than_secs (since it was sent), path and value: see queues.letter_condition.';

comment on function "queues"."withdraw_comment"(public.comments) is 'Takes back the unread notifications of a comment that is not visible any more.';

comment on function "queues"."withdraw_messages"(jsonb) is 'Makes messages that wait dead letters: {queue, filter, limit}. Returns {affected, left, in_flight}: see queues.withdraw.';

comment on schema "queues" is 'Claims, settlements and their records. The API does not expose it: wrappers in public call its functions.';

comment on table "public"."analytics_daily" is 'Counters per day, event type and post; post_id is null for events without one.';

comment on table "public"."analytics_events" is 'Events of the app. An event outlives its post and its profile.';

comment on table "public"."analytics_reports" is 'One row per day, in UTC.';

comment on table "public"."comment_reports" is 'One row per day, in UTC.';

comment on table "public"."comments" is 'Comments on posts, and replies to them. Text as people wrote it: an app shows it as text, never as HTML.';

comment on table "public"."devices" is 'Apps and browsers that receive pushes. register_device and unregister_device write it.';

comment on table "public"."image_reports" is 'One row per day, in UTC: uploads of that day that still exist.';

comment on table "public"."notifications" is 'Notifications in the app.';

comment on table "public"."post_image_secrets" is 'What of a picture is for its owner alone. Filled only as far as queues.image_settings says so.';

comment on table "public"."post_images" is 'The pictures of posts. Only workers and queues change it.';

comment on table "queues"."alert_requests" is 'Requests to the webhook that are not settled yet. They hold the lease of their message.';

comment on table "queues"."alert_settings" is 'When a webhook is called. One row; a change takes effect at once.';

comment on table "queues"."alerts" is 'One row for each time that a queue was late or failing for longer than queues.alert_settings allow.';

comment on table "queues"."appeals" is 'What authors say against a rejection: once per comment.';

comment on table "queues"."circuit_breakers" is 'One row per provider of pushes and emails, and one per push service of the browsers that has failed of late.';

comment on table "queues"."cleanups" is 'One row per round of housekeeping.';

comment on table "queues"."comment_settings" is 'How comments are moderated. One row; a change takes effect with the next batch.';

comment on table "queues"."comment_simhashes" is 'The simhashes of comments that were judged of late, of which a claim reads the newest 2,000.';

comment on table "queues"."configuration_problems" is 'What the last run found wrong with the environment of the workers, such as a secret that is missing.';

comment on table "queues"."console" is 'The pages and actions of the console. Only the owner adds rows.';

comment on table "queues"."deferred_likes" is 'Likes that were over their limit, and what became of them. Open until they have an outcome; housekeeping removes them after a week.';

comment on table "queues"."dispatches" is 'One row per call of a worker. A call is a hint: if it is lost, the next tick makes another.';

comment on table "queues"."due" is 'When the dispatcher looks at each queue next. It locks the row, so that two dispatchers do not call for the same queue.';

comment on table "queues"."effects" is 'The effects that a settlement may name. Only the owner adds rows.';

comment on table "queues"."failures" is 'One row per message that was retried, deferred or released and is still in its queue.';

comment on table "queues"."gauges" is 'Gauges that features add to the metrics. Only the owner adds rows.';

comment on table "queues"."hidden_people" is 'Whom people have blocked or muted. block_person and mute_person write it.';

comment on table "queues"."housekeeping" is 'What the daily job does. A feature adds rows for its tables and reports. Only the owner adds rows.';

comment on table "queues"."image_removals" is 'Objects to remove from Storage. Each has a message in the queue image_processing.';

comment on table "queues"."image_settings" is 'How uploads are processed. One row; a change takes effect with the next picture.';

comment on table "queues"."jobs" is 'The jobs that pg_cron must run. queues.schedule_jobs schedules them.';

comment on table "queues"."marks" is 'The marks of each queue; the newest counts. One that was made before the server started, before the trigger was changed, or after the present (the clock was put back) counts no more: the queue is read from its beginning once.';

comment on table "queues"."message_keys" is 'The last message that was sent with a key. Rows of messages that left their queue are removed by housekeeping.';

comment on table "queues"."moderation_log" is 'Every decision about comments and people. Rows are only added, and removed after queues.comment_settings.log_days.';

comment on table "queues"."moderation_settings" is 'From which score on a comment is flagged for a moderator, and from which it is rejected. One row for English (en), one for Spanish (es), one for all other languages (other).';

comment on table "queues"."moderators" is 'The moderators. Only the owner adds and removes rows.';

comment on table "queues"."notification_actors" is 'The latest event of each actor in each group, in whatever order events are handled.';

comment on table "queues"."notification_deliveries" is 'Pushes and emails. pending, then sending from a claim until its settlement, then sent, skipped or failed. Its id is the idempotency key of every try.';

comment on table "queues"."notification_settings" is 'How people are notified. One row; a change takes effect with the next batch.';

comment on table "queues"."operator_log" is 'One row per action of an operator, written in the transaction of the action.';

comment on table "queues"."operators" is 'The operators. Only the owner adds and removes rows.';

comment on table "queues"."rate_limit_calls" is 'Calls of the last hour by their answer, and the key that made them wait.';

comment on table "queues"."rate_limit_hours" is 'Calls that are more than an hour old, by hour; those of more than 30 days ago at -infinity.';

comment on table "queues"."rate_limit_keys" is 'Who has acted of late. A row without effect (free_at is past) is removed by housekeeping.';

comment on table "queues"."rate_limit_settings" is 'Whose address is limited. One row; a change takes effect at once.';

comment on table "queues"."rate_limits" is 'How often each action is allowed. A change takes effect at once.';

comment on table "queues"."redrives" is 'Until when the redrives of a queue at a rate last. The next one at the same rate starts then, so that repeated calls keep to the rate; one at another rate starts at once, so that a slow redrive does not put it off.';

comment on table "queues"."reports" is 'What people have reported. A report is closed by the next decision of a moderator.';

comment on table "queues"."restrictions" is 'Who may not comment for a while. A row whose times are past has no effect.';

comment on table "queues"."reviews" is 'Comments, posts and pictures that wait for a moderator, each once.';

comment on table "queues"."runs" is 'What each run did. A run without an end was killed.';

comment on table "queues"."samples" is 'One row per queue and minute, for a little more than a day.';

comment on table "queues"."settings" is 'One row per queue. A queue without a row cannot be claimed from.';

comment on table "queues"."settlements" is 'How leases ended: a row per settlement for some hours, then one per hour for 30 days, then one for all earlier time. The sum over all rows of a queue never falls.';

comment on table "queues"."totals" is 'The number of rows that housekeeping has removed, which keeps counters from falling.';

comment on table "queues"."tracked_events" is 'The events that clients may send. Anyone may send one of these as often as the limit of `event` allows: do not trust their numbers as those of likes, and remember that `comment` and `share` add to the score of a trending post.';

comment on table "queues"."trending_hours" is 'The weights of the events of each post in each hour of the last 30 days.';

comment on table "queues"."trending_ranks" is 'The order in which to look for trending posts.';

comment on table "queues"."trending_settings" is 'How trending posts are ranked. One row.';

comment on table "queues"."upload_problems" is 'Uploads without a picture, and why. Removed once they have one. A mistake of the uploader (PTnnn) is tried again once a day, all else by the ticks of the dispatcher.';

comment on type "queues"."claimed_delivery" is 'A delivery as its claim found it. is_open: it was claimed, because it was not final.';

comment on type "queues"."notification_event" is 'An event that somebody is notified of, or that was taken back, with its notification, which may be new.';

comment on type "queues"."queue_health" is 'The health of a queue. verdict: ok, late (messages wait too long) or failing. is_estimate: a count above 10000 is estimated. processed_, failed_: tries with that outcome within the last minutes. failure_rate_: the share of failed tries.';

comment on type "queues"."rate_limit_key" is 'A key, for how long a call uses it up, and how much it holds: its burst, as the time that it takes to be free again. action and kind say what it limits.';

grant execute on function "public"."appeal_comment"(uuid, text) to "authenticated";

grant execute on function "public"."approve_comment"(uuid, text) to "authenticated";

grant execute on function "public"."approve_image"(uuid, text) to "authenticated";

grant execute on function "public"."ban_person"(uuid, integer, text) to "authenticated";

grant execute on function "public"."block_person"(uuid) to "authenticated";

grant execute on function "public"."claim_messages"(text, integer, uuid, boolean, boolean) to "service_role";

grant execute on function "public"."close_post_review"(uuid, text) to "authenticated";

grant execute on function "public"."delete_comment"(uuid) to "authenticated";

grant execute on function "public"."edit_comment"(uuid, text) to "authenticated";

grant execute on function "public"."enqueue_image"(text, text, bigint) to "authenticated", "service_role";

grant execute on function "public"."heartbeat_run"(text, uuid) to "service_role";

grant execute on function "public"."list_comments"(uuid, uuid, integer, text) to "anon", "authenticated";

grant execute on function "public"."list_hidden_people"(text, integer, text) to "authenticated";

grant execute on function "public"."list_notifications"(integer, text, boolean) to "authenticated";

grant execute on function "public"."list_reviews"(integer, text) to "authenticated";

grant execute on function "public"."mark_all_notifications_read"(timestamp with time zone) to "authenticated";

grant execute on function "public"."mark_notifications_read"(uuid[]) to "authenticated";

grant execute on function "public"."mute_person"(uuid) to "authenticated";

grant execute on function "public"."notification_preferences"() to "authenticated";

grant execute on function "public"."operate"(text, jsonb, boolean) to "authenticated";

grant execute on function "public"."operator_page"(text, jsonb) to "authenticated";

grant execute on function "public"."post_comment"(uuid, text, uuid) to "authenticated";

grant execute on function "public"."queue_metrics"() to "service_role";

grant execute on function "public"."register_device"(text, text, text, text, text) to "authenticated";

grant execute on function "public"."reject_comment"(uuid, text) to "authenticated";

grant execute on function "public"."reject_image"(uuid, text) to "authenticated";

grant execute on function "public"."report_comment"(uuid, text, text) to "authenticated";

grant execute on function "public"."report_post"(uuid, text, text) to "authenticated";

grant execute on function "public"."set_notification_preferences"(jsonb) to "authenticated";

grant execute on function "public"."settle_messages"(text, jsonb) to "service_role";

grant execute on function "public"."toggle_post_like"(uuid, text, boolean) to "anon", "authenticated";

grant execute on function "public"."track_event"(text, uuid, text, jsonb) to "anon", "authenticated";

grant execute on function "public"."track_events"(jsonb, text) to "anon", "authenticated";

revoke all on function "public"."trending_posts"(interval, integer) from public;

grant execute on function "public"."trending_posts"(interval, integer) to "anon", "authenticated", "service_role";

grant execute on function "public"."unblock_person"(uuid) to "authenticated";

grant execute on function "public"."unmute_person"(uuid) to "authenticated";

grant execute on function "public"."unread_notifications"() to "authenticated";

grant execute on function "public"."unregister_device"(text, text) to "authenticated";

revoke all on function "public"."unsubscribe"(text) from public;

grant execute on function "public"."unsubscribe"(text) to "anon", "authenticated", "service_role";

revoke all on function "queues"."abandon_upload"(text, text) from public;

revoke all on function "queues"."account_ages"(uuid[]) from public;

revoke all on function "queues"."acknowledge"(queues.settings, bigint[]) from public;

revoke all on function "queues"."acknowledged_by"(text, timestamp with time zone) from public;

revoke all on function "queues"."act_on_letters"(text, jsonb) from public;

revoke all on function "queues"."active_workers"(text) from public;

revoke all on function "queues"."add_deliveries"(queues.notification_event[]) from public;

revoke all on function "queues"."add_due"() from public;

revoke all on function "queues"."add_upload"(text, text, bigint) from public;

revoke all on function "queues"."advance_mark"(text, interval) from public;

revoke all on function "queues"."alert_access"() from public;

revoke all on function "queues"."alerts_page"(jsonb) from public;

revoke all on function "queues"."analytics_page"(jsonb) from public;

revoke all on function "queues"."app_search_path"() from public;

revoke all on function "queues"."appeal_comment"(uuid, text) from public;

grant execute on function "queues"."appeal_comment"(uuid, text) to "authenticated";

revoke all on function "queues"."append_failure"(jsonb, jsonb) from public;

revoke all on function "queues"."apply_comment_opinions"(jsonb) from public;

revoke all on function "queues"."apply_comment_verdicts"(jsonb) from public;

revoke all on function "queues"."apply_deferred_like"(queues.deferred_likes) from public;

revoke all on function "queues"."apply_effects"(jsonb) from public;

revoke all on function "queues"."apply_post_images"(jsonb) from public;

revoke all on function "queues"."apply_unanswered_opinions"(jsonb) from public;

revoke all on function "queues"."approve_comment"(uuid, text) from public;

grant execute on function "queues"."approve_comment"(uuid, text) to "authenticated";

revoke all on function "queues"."approve_image"(uuid, text) from public;

grant execute on function "queues"."approve_image"(uuid, text) to "authenticated";

revoke all on function "queues"."archive"(text, bigint[]) from public;

revoke all on function "queues"."are_apart"(uuid, uuid) from public;

revoke all on function "queues"."are_posts_public"() from public;

revoke all on function "queues"."ask_for_opinions"(public.comments[]) from public;

revoke all on function "queues"."audience_of"(public.comments) from public;

revoke all on function "queues"."audit_page"(jsonb) from public;

revoke all on function "queues"."backlog"(text, timestamp with time zone) from public;

revoke all on function "queues"."ban_person"(uuid, integer, text) from public;

grant execute on function "queues"."ban_person"(uuid, integer, text) to "authenticated";

revoke all on function "queues"."base64url_bytes"(text) from public;

revoke all on function "queues"."block_person"(uuid) from public;

grant execute on function "queues"."block_person"(uuid) to "authenticated";

revoke all on function "queues"."body_problem"(text) from public;

revoke all on function "queues"."box_of"(text, text) from public;

revoke all on function "queues"."breakers_for"(text[], text[]) from public;

revoke all on function "queues"."broadcast_images"(uuid[]) from public;

revoke all on function "queues"."broadcast_notifications"(uuid[]) from public;

revoke all on function "queues"."call_remedy"(queues.settings, text) from public;

revoke all on function "queues"."call_worker"(text, text) from public;

revoke all on function "queues"."calls_on_their_way"(text) from public;

revoke all on function "queues"."cancel"(text, text) from public;

grant execute on function "queues"."cancel"(text, text) to "service_role";

revoke all on function "queues"."cancel_redrive"(text, jsonb, integer) from public;

grant execute on function "queues"."cancel_redrive"(text, jsonb, integer) to "service_role";

revoke all on function "queues"."cancel_redriven"(jsonb) from public;

revoke all on function "queues"."change_like"(uuid, text, uuid, boolean) from public;

revoke all on function "queues"."change_settings"(jsonb) from public;

revoke all on function "queues"."charge"(queues.rate_limit_key[]) from public;

revoke all on function "queues"."charge_person"(text, uuid) from public;

revoke all on function "queues"."check_array"(text, jsonb) from public;

revoke all on function "queues"."check_console"() from public;

revoke all on function "queues"."check_device"(text, text, text, text, text) from public;

revoke all on function "queues"."check_effect"() from public;

revoke all on function "queues"."check_gauge"() from public;

revoke all on function "queues"."check_hooks"() from public;

revoke all on function "queues"."check_housekeeping"() from public;

revoke all on function "queues"."check_image_settings"() from public;

revoke all on function "queues"."check_items"(text, jsonb, jsonb) from public;

revoke all on function "queues"."check_keys"(text, jsonb, text[]) from public;

revoke all on function "queues"."check_leases"(text, jsonb) from public;

revoke all on function "queues"."check_message"(text, text, jsonb) from public;

revoke all on function "queues"."check_notifications"(jsonb) from public;

revoke all on function "queues"."check_page"(integer) from public;

grant execute on function "queues"."check_page"(integer) to "anon", "authenticated";

revoke all on function "queues"."check_preferences"(jsonb) from public;

revoke all on function "queues"."check_range"(text, numeric, numeric, numeric) from public;

revoke all on function "queues"."check_rows"(text, jsonb, text[]) from public;

revoke all on function "queues"."check_setting"(text, jsonb, jsonb) from public;

revoke all on function "queues"."check_settlement"(jsonb) from public;

revoke all on function "queues"."check_tracked_events"(jsonb) from public;

revoke all on function "queues"."claim_context"(queues.settings, text) from public;

revoke all on function "queues"."claim_context_alone"(queues.settings, text) from public;

revoke all on function "queues"."claim_deliveries"(uuid[]) from public;

revoke all on function "queues"."claim_messages"(text, integer, uuid, boolean, boolean) from public;

grant execute on function "queues"."claim_messages"(text, integer, uuid, boolean, boolean) to "service_role";

revoke all on function "queues"."claim_named_deliveries"(jsonb) from public;

revoke all on function "queues"."claim_policy"(queues.settings) from public;

revoke all on function "queues"."cleanup_step"() from public;

revoke all on function "queues"."client_network"() from public;

revoke all on function "queues"."clock_problem"(text) from public;

revoke all on function "queues"."close_breaker"(text, text) from public;

grant execute on function "queues"."close_breaker"(text, text) to "service_role";

revoke all on function "queues"."close_post_review"(uuid, text) from public;

grant execute on function "queues"."close_post_review"(uuid, text) to "authenticated";

revoke all on function "queues"."close_provider_breaker"(jsonb) from public;

revoke all on function "queues"."close_review"(uuid, uuid) from public;

revoke all on function "queues"."close_unneeded_reviews"(uuid[]) from public;

revoke all on function "queues"."comment_answer"(public.comments) from public;

revoke all on function "queues"."comment_backlog"() from public;

revoke all on function "queues"."comment_context"(jsonb) from public;

revoke all on function "queues"."comment_health"() from public;

grant execute on function "queues"."comment_health"() to "service_role";

revoke all on function "queues"."comment_notifications"(public.comments, jsonb, boolean) from public;

revoke all on function "queues"."console_function"(text, text) from public;

revoke all on function "queues"."correlation_id"() from public;

revoke all on function "queues"."correlation_id_of"(jsonb) from public;

revoke all on function "queues"."count_analytics_daily"(jsonb) from public;

revoke all on function "queues"."count_call"(text, text, queues.rate_limit_key[]) from public;

revoke all on function "queues"."count_letters"(text, text) from public;

revoke all on function "queues"."count_messages"(queues.settings) from public;

revoke all on function "queues"."count_rows"(text, text) from public;

revoke all on function "queues"."count_trending"(jsonb) from public;

revoke all on function "queues"."counted"(text) from public;

revoke all on function "queues"."counters"(text) from public;

revoke all on function "queues"."create_queue"(text) from public;

revoke all on function "queues"."cursor_of"(timestamp with time zone, uuid) from public;

grant execute on function "queues"."cursor_of"(timestamp with time zone, uuid) to "anon", "authenticated";

revoke all on function "queues"."daily"() from public;

revoke all on function "queues"."dead_letter"(queues.settings, jsonb, boolean, uuid) from public;

revoke all on function "queues"."dead_letters"(text, jsonb, integer) from public;

grant execute on function "queues"."dead_letters"(text, jsonb, integer) to "service_role";

revoke all on function "queues"."dead_letters_page"(jsonb) from public;

revoke all on function "queues"."decide_comment"(uuid, text, text) from public;

revoke all on function "queues"."decide_image"(uuid, text, uuid, text) from public;

revoke all on function "queues"."defer"(text, jsonb) from public;

revoke all on function "queues"."defer_like"(uuid, text, uuid, interval) from public;

revoke all on function "queues"."deferred_action_context"(jsonb) from public;

revoke all on function "queues"."delete_comment"(uuid) from public;

grant execute on function "queues"."delete_comment"(uuid) to "authenticated";

revoke all on function "queues"."deliveries_page"(jsonb) from public;

revoke all on function "queues"."delivery_health"() from public;

grant execute on function "queues"."delivery_health"() to "service_role";

revoke all on function "queues"."delivery_ids"(jsonb) from public;

revoke all on function "queues"."device_token"(text, text) from public;

revoke all on function "queues"."devices_of"(uuid, text) from public;

revoke all on function "queues"."diagnose"(queues.settings, queues.queue_health) from public;

revoke all on function "queues"."discard"(text, jsonb, integer) from public;

grant execute on function "queues"."discard"(text, jsonb, integer) to "service_role";

revoke all on function "queues"."discard_letters"(jsonb) from public;

revoke all on function "queues"."dispatch"() from public;

revoke all on function "queues"."dispatch_queue"(text) from public;

revoke all on function "queues"."dispatches_page"(jsonb) from public;

revoke all on function "queues"."drop_likes_of_dead_letters"(jsonb) from public;

revoke all on function "queues"."dying_runs"(queues.settings) from public;

revoke all on function "queues"."edit_comment"(uuid, text) from public;

grant execute on function "queues"."edit_comment"(uuid, text) to "authenticated";

revoke all on function "queues"."email_addresses"(uuid[]) from public;

revoke all on function "queues"."email_details"(jsonb, uuid) from public;

revoke all on function "queues"."enqueue"(jsonb) from public;

revoke all on function "queues"."enqueue_image"(text, text, bigint) from public;

grant execute on function "queues"."enqueue_image"(text, text, bigint) to "authenticated", "service_role";

revoke all on function "queues"."evidence"(uuid, uuid) from public;

revoke all on function "queues"."existing_queue"(text) from public;

revoke all on function "queues"."fail_deliveries"(jsonb) from public;

revoke all on function "queues"."fail_images"(jsonb) from public;

revoke all on function "queues"."failed_messages"(text, jsonb) from public;

revoke all on function "queues"."failing_runs"(queues.settings) from public;

revoke all on function "queues"."failure"(text, text, uuid) from public;

revoke all on function "queues"."find_missed_uploads"(integer) from public;

revoke all on function "queues"."fold_hours"(text, integer) from public;

revoke all
  on function "queues"."fold_settlements"(text, timestamp with time zone, timestamp with time zone, integer)
  from public;

revoke all on function "queues"."forget_posts"() from public;

revoke all on function "queues"."forget_upload"(text, text) from public;

revoke all on function "queues"."free_at"(timestamp with time zone, interval, timestamp with time zone) from public;

revoke all on function "queues"."gauge_oldest_comments"() from public;

revoke all on function "queues"."gauge_waiting_comments"() from public;

revoke all on function "queues"."growth_percent"(bigint, bigint) from public;

revoke all on function "queues"."has_muted"(uuid) from public;

grant execute on function "queues"."has_muted"(uuid) to "anon", "authenticated";

revoke all on function "queues"."health"() from public;

grant execute on function "queues"."health"() to "service_role";

revoke all on function "queues"."health_of"(queues.settings) from public;

revoke all on function "queues"."heartbeat_run"(text, uuid) from public;

grant execute on function "queues"."heartbeat_run"(text, uuid) to "service_role";

revoke all on function "queues"."held_up_calls"(text) from public;

revoke all on function "queues"."hide_person"(uuid, text) from public;

revoke all on function "queues"."hmac_sha256"(text, bytea) from public;

revoke all on function "queues"."hold_for_moderator"(jsonb) from public;

revoke all on function "queues"."hold_mark"(text) from public;

revoke all on function "queues"."id_argument"(jsonb, text) from public;

revoke all on function "queues"."ids_problem"(text) from public;

revoke all on function "queues"."image_context"(jsonb) from public;

revoke all on function "queues"."image_evidence"(uuid) from public;

revoke all on function "queues"."image_health"() from public;

grant execute on function "queues"."image_health"() to "service_role";

revoke all on function "queues"."images_page"(jsonb) from public;

revoke all on function "queues"."insert_analytics_events"(jsonb) from public;

revoke all on function "queues"."is_apart_from"(uuid) from public;

grant execute on function "queues"."is_apart_from"(uuid) to "anon", "authenticated";

revoke all on function "queues"."is_failed_upload"(text, text) from public;

grant execute on function "queues"."is_failed_upload"(text, text) to "authenticated";

revoke all on function "queues"."is_held"(public.post_images) from public;

revoke all on function "queues"."is_held_by_another"(uuid, text) from public;

revoke all on function "queues"."is_moderator"() from public;

grant execute on function "queues"."is_moderator"() to "anon", "authenticated";

revoke all on function "queues"."is_own_post"(uuid, uuid) from public;

grant execute on function "queues"."is_own_post"(uuid, uuid) to "anon", "authenticated";

revoke all on function "queues"."is_stored"(text, text) from public;

revoke all on function "queues"."is_unsubscribe_token"(text) from public;

revoke all on function "queues"."job_problem"(text) from public;

revoke all on function "queues"."joins_since"(timestamp with time zone, timestamp with time zone) from public;

revoke all on function "queues"."keep_ids_fresh"() from public;

revoke all on function "queues"."last_tick"() from public;

revoke all on function "queues"."latency"(text, timestamp with time zone) from public;

revoke all on function "queues"."lease"(queues.settings, integer, timestamp with time zone) from public;

revoke all on function "queues"."letter_condition"(jsonb) from public;

revoke all on function "queues"."letter_field"(jsonb) from public;

revoke all on function "queues"."letter_groups_page"(jsonb) from public;

revoke all on function "queues"."letters_gone"(text, jsonb) from public;

revoke all on function "queues"."letters_taken_id"(text) from public;

revoke all on function "queues"."like_count"(numeric) from public;

revoke all
  on function "queues"."like_over_limit"(uuid, text, uuid, queues.rate_limit_key[], interval, boolean)
  from public;

revoke all on function "queues"."like_owners"(text, uuid) from public;

revoke all on function "queues"."likes_post"(uuid, text, uuid) from public;

revoke all on function "queues"."limit_health"() from public;

grant execute on function "queues"."limit_health"() to "service_role";

revoke all on function "queues"."limited_calls"(timestamp with time zone, timestamp with time zone) from public;

revoke all on function "queues"."limited_network"(text, inet[]) from public;

revoke all on function "queues"."limits_page"(jsonb) from public;

revoke all on function "queues"."list_hidden_people"(text, integer, text) from public;

grant execute on function "queues"."list_hidden_people"(text, integer, text) to "authenticated";

revoke all on function "queues"."list_reviews"(integer, text) from public;

grant execute on function "queues"."list_reviews"(integer, text) to "authenticated";

revoke all on function "queues"."local_time"(text) from public;

revoke all on function "queues"."lock_groups"(jsonb) from public;

revoke all on function "queues"."lock_keyed"(queues.message_keys) from public;

revoke all on function "queues"."lock_like_owners"(text[], bigint[]) from public;

revoke all on function "queues"."lock_notifications"(jsonb) from public;

revoke all on function "queues"."lock_rate_limit_keys"(queues.rate_limit_key[]) from public;

revoke all on function "queues"."lock_recipients"(jsonb) from public;

revoke all on function "queues"."log_moderation"(text, public.comments, uuid, text) from public;

revoke all on function "queues"."lost_leases"(text, jsonb) from public;

revoke all on function "queues"."main_address"(text) from public;

revoke all on function "queues"."mark_all_notifications_read"(timestamp with time zone) from public;

grant execute on function "queues"."mark_all_notifications_read"(timestamp with time zone) to "authenticated";

revoke all on function "queues"."mark_notifications_read"(uuid[]) from public;

grant execute on function "queues"."mark_notifications_read"(uuid[]) to "authenticated";

revoke all on function "queues"."measure"(queues.settings) from public;

revoke all on function "queues"."mentioned_people"(text) from public;

revoke all on function "queues"."message_page"(jsonb) from public;

revoke all on function "queues"."messages_page"(jsonb) from public;

revoke all on function "queues"."metrics"() from public;

grant execute on function "queues"."metrics"() to "service_role";

revoke all on function "queues"."missing_tables"(text) from public;

revoke all on function "queues"."moderate_image"(uuid, text, text) from public;

revoke all on function "queues"."moderator"() from public;

revoke all on function "queues"."most_limited"(integer) from public;

grant execute on function "queues"."most_limited"(integer) to "service_role";

revoke all on function "queues"."move_ids"(text) from public;

revoke all on function "queues"."move_rate_limit_calls"(integer) from public;

revoke all on function "queues"."move_upload"(text, text, text, text, bigint) from public;

revoke all on function "queues"."mute_person"(uuid) from public;

grant execute on function "queues"."mute_person"(uuid) to "authenticated";

revoke all on function "queues"."name_drops"(text, jsonb) from public;

revoke all on function "queues"."named_profiles"(jsonb, text) from public;

revoke all on function "queues"."newest_mark"(text) from public;

revoke all on function "queues"."next_id"(text) from public;

revoke all on function "queues"."note_failed_tick"(text, text) from public;

revoke all on function "queues"."note_storage_change"() from public;

revoke all on function "queues"."notes"(text, bigint) from public;

revoke all on function "queues"."notification_context"(jsonb) from public;

revoke all on function "queues"."notification_events"(jsonb) from public;

revoke all on function "queues"."notification_preferences"() from public;

grant execute on function "queues"."notification_preferences"() to "authenticated";

revoke all on function "queues"."notifications_since"() from public;

revoke all on function "queues"."notify"(jsonb) from public;

revoke all on function "queues"."number_argument"(jsonb, text, numeric, numeric, numeric) from public;

revoke all on function "queues"."numbers_since"() from public;

revoke all on function "queues"."offences_of"(uuid, uuid) from public;

revoke all on function "queues"."one_or_many"(bigint, text, text, text[]) from public;

revoke all on function "queues"."open_calls"(text) from public;

revoke all on function "queues"."open_notifications"(queues.notification_event[]) from public;

revoke all on function "queues"."open_review"(uuid, uuid) from public;

revoke all on function "queues"."open_writers"(text) from public;

revoke all on function "queues"."operate"(text, jsonb, boolean) from public;

grant execute on function "queues"."operate"(text, jsonb, boolean) to "authenticated";

revoke all on function "queues"."operator"() from public;

revoke all on function "queues"."operator_page"(text, jsonb) from public;

grant execute on function "queues"."operator_page"(text, jsonb) to "authenticated";

revoke all on function "queues"."opinion_context"(jsonb) from public;

revoke all on function "queues"."opinion_dead_letters"(jsonb) from public;

revoke all on function "queues"."opinions_of_last_hour"() from public;

revoke all on function "queues"."orphaned_leases"(queues.settings) from public;

revoke all on function "queues"."overview_page"(jsonb) from public;

revoke all on function "queues"."own_details"(uuid) from public;

grant execute on function "queues"."own_details"(uuid) to "anon", "authenticated";

revoke all on function "queues"."pause"(text) from public;

grant execute on function "queues"."pause"(text) to "service_role";

revoke all on function "queues"."pause_queue"(jsonb) from public;

revoke all on function "queues"."peek"(text, integer) from public;

grant execute on function "queues"."peek"(text, integer) to "service_role";

revoke all on function "queues"."person"() from public;

revoke all on function "queues"."person_evidence"(uuid) from public;

revoke all on function "queues"."pg_net_problem"() from public;

revoke all on function "queues"."phrase"(text[], integer, text) from public;

revoke all on function "queues"."place_argument"(jsonb, text, text) from public;

revoke all on function "queues"."place_of"(timestamp with time zone, text) from public;

revoke all on function "queues"."post_alert"(jsonb) from public;

revoke all on function "queues"."post_comment"(uuid, text, uuid) from public;

grant execute on function "queues"."post_comment"(uuid, text, uuid) to "authenticated";

revoke all on function "queues"."post_details"(uuid) from public;

revoke all on function "queues"."post_not_found"() from public;

revoke all on function "queues"."project_access"() from public;

revoke all on function "queues"."provider_remedy"(text, text) from public;

revoke all on function "queues"."prune"(queues.housekeeping, text, integer) from public;

revoke all on function "queues"."prune_alerts"(integer) from public;

revoke all on function "queues"."prune_archive"(text, integer) from public;

revoke all on function "queues"."prune_archived"(text, text, integer) from public;

revoke all on function "queues"."prune_breakers"(integer) from public;

revoke all on function "queues"."prune_cleanups"(integer) from public;

revoke all on function "queues"."prune_dead_letter_archive"(text, integer) from public;

revoke all on function "queues"."prune_deferred_likes"(integer) from public;

revoke all on function "queues"."prune_dispatches"(text, integer) from public;

revoke all on function "queues"."prune_failures"(text, integer) from public;

revoke all on function "queues"."prune_images"(integer) from public;

revoke all on function "queues"."prune_job_runs"(integer) from public;

revoke all on function "queues"."prune_marks"(integer) from public;

revoke all on function "queues"."prune_message_keys"(text, integer) from public;

revoke all on function "queues"."prune_moderation_log"(integer) from public;

revoke all on function "queues"."prune_notification_actors"(integer) from public;

revoke all on function "queues"."prune_notification_deliveries"(integer) from public;

revoke all on function "queues"."prune_notifications"(integer) from public;

revoke all on function "queues"."prune_operator_log"(integer) from public;

revoke all on function "queues"."prune_rate_limit_hours"(integer) from public;

revoke all on function "queues"."prune_rate_limit_keys"(integer) from public;

revoke all on function "queues"."prune_restrictions"(integer) from public;

revoke all on function "queues"."prune_runs"(text, integer) from public;

revoke all on function "queues"."prune_settlements"(text, integer) from public;

revoke all on function "queues"."prune_simhashes"(integer) from public;

revoke all on function "queues"."prune_trending"(integer) from public;

revoke all on function "queues"."prune_upload_problems"(integer) from public;

revoke all on function "queues"."published_objects"(uuid, uuid, uuid) from public;

revoke all on function "queues"."push_service"(text, text) from public;

revoke all on function "queues"."queue_argument"(jsonb) from public;

revoke all on function "queues"."queue_page"(jsonb) from public;

revoke all on function "queues"."raise_alerts"(integer) from public;

revoke all on function "queues"."raise_conflict"(text, text) from public;

revoke all on function "queues"."raise_gone"(uuid[]) from public;

revoke all on function "queues"."rate_limit_address_key"(text) from public;

revoke all on function "queues"."rate_limit_hash"(text, text, text) from public;

revoke all on function "queues"."rate_limit_keys"(text, text, uuid, bigint, integer) from public;

revoke all on function "queues"."rate_limit_keys_of"(text, text, uuid, integer) from public;

revoke all on function "queues"."rate_limit_wait"(queues.rate_limit_key[]) from public;

revoke all on function "queues"."read_correlation_id"(text) from public;

revoke all on function "queues"."read_cursor"(text, text) from public;

grant execute on function "queues"."read_cursor"(text, text) to "anon", "authenticated";

revoke all on function "queues"."read_gauges"() from public;

revoke all on function "queues"."read_only_problem"() from public;

revoke all on function "queues"."read_secret"(text) from public;

revoke all on function "queues"."read_time"(text) from public;

revoke all on function "queues"."read_upload_path"(text) from public;

revoke all on function "queues"."recent_simhashes"() from public;

revoke all on function "queues"."recipients"(uuid[]) from public;

revoke all on function "queues"."reconcile_calls"(text) from public;

revoke all on function "queues"."record_actors"(queues.notification_event[]) from public;

revoke all on function "queues"."record_deliveries"(jsonb) from public;

revoke all on function "queues"."record_failure"(public.post_images, text, text) from public;

revoke all on function "queues"."record_picture"(public.post_images, jsonb) from public;

revoke all on function "queues"."record_upload_problem"(text, text, text, text) from public;

revoke all on function "queues"."records_since"() from public;

revoke all on function "queues"."redrive"(text, jsonb, integer, numeric) from public;

grant execute on function "queues"."redrive"(text, jsonb, integer, numeric) to "service_role";

revoke all on function "queues"."redrive_edited"(jsonb) from public;

revoke all on function "queues"."redrive_letters"(jsonb) from public;

revoke all on function "queues"."refresh_notifications"(queues.notification_event[]) from public;

revoke all on function "queues"."refuse_comment"(text, text) from public;

revoke all on function "queues"."refuse_session_id"(text) from public;

revoke all on function "queues"."refuse_too_many"(interval, text, text) from public;

revoke all on function "queues"."register_device"(text, text, text, text, text) from public;

grant execute on function "queues"."register_device"(text, text, text, text, text) to "authenticated";

revoke all on function "queues"."registered_function"(text, text, text) from public;

revoke all on function "queues"."reject"(text, text, text) from public;

revoke all on function "queues"."reject_comment"(uuid, text) from public;

grant execute on function "queues"."reject_comment"(uuid, text) to "authenticated";

revoke all on function "queues"."reject_image"(uuid, text) from public;

grant execute on function "queues"."reject_image"(uuid, text) to "authenticated";

revoke all on function "queues"."rejected_letters"(queues.settings) from public;

revoke all on function "queues"."release"(text, jsonb) from public;

revoke all on function "queues"."release_push_token"(uuid, text) from public;

revoke all on function "queues"."remove_gone_devices"(jsonb) from public;

revoke all on function "queues"."remove_images"() from public;

revoke all on function "queues"."remove_objects"(queues.image_removals, integer) from public;

revoke all on function "queues"."report"(uuid, uuid, text, text) from public;

revoke all on function "queues"."report_comment"(uuid, text, text) from public;

grant execute on function "queues"."report_comment"(uuid, text, text) to "authenticated";

revoke all on function "queues"."report_comments_of"(date) from public;

revoke all on function "queues"."report_configuration"(jsonb) from public;

revoke all on function "queues"."report_day"(date) from public;

grant execute on function "queues"."report_day"(date) to "service_role";

revoke all on function "queues"."report_images_of"(date) from public;

revoke all on function "queues"."report_post"(uuid, text, text) from public;

grant execute on function "queues"."report_post"(uuid, text, text) to "authenticated";

revoke all on function "queues"."rerank_trending"() from public;

revoke all on function "queues"."restriction_of"(uuid) from public;

revoke all on function "queues"."resume"(text) from public;

grant execute on function "queues"."resume"(text) to "service_role";

revoke all on function "queues"."resume_queue"(jsonb) from public;

revoke all on function "queues"."retry"(text, jsonb, uuid) from public;

revoke all on function "queues"."retry_uploads"(integer) from public;

revoke all on function "queues"."review_dead_letters"(jsonb) from public;

revoke all on function "queues"."runs_page"(jsonb) from public;

revoke all on function "queues"."sample"(queues.queue_health, timestamp with time zone) from public;

revoke all on function "queues"."schedule_jobs"() from public;

revoke all on function "queues"."search_box"(text, text, bigint, text, integer, timestamp with time zone) from public;

revoke all on function "queues"."search_page"(jsonb) from public;

revoke all on function "queues"."secret"(text) from public;

revoke all on function "queues"."send"(text, jsonb, integer, text) from public;

grant execute on function "queues"."send"(text, jsonb, integer, text) to "service_role";

revoke all on function "queues"."send_alert"(queues.alerts) from public;

revoke all on function "queues"."send_alerts"(integer) from public;

revoke all on function "queues"."send_image"(public.post_images) from public;

revoke all on function "queues"."send_message"(jsonb) from public;

revoke all on function "queues"."send_notifications"(jsonb[]) from public;

revoke all on function "queues"."send_to_moderation"(uuid) from public;

revoke all on function "queues"."sequence_of"(text) from public;

revoke all on function "queues"."series"(text, timestamp with time zone, integer) from public;

revoke all on function "queues"."set_correlation_id"(text) from public;

revoke all on function "queues"."set_notification_preferences"(jsonb) from public;

grant execute on function "queues"."set_notification_preferences"(jsonb) to "authenticated";

revoke all on function "queues"."setting_bounds"() from public;

revoke all on function "queues"."settings_of"(text) from public;

revoke all on function "queues"."settle_alert"(bigint, integer, integer, text, text) from public;

revoke all on function "queues"."settle_alerts"() from public;

revoke all on function "queues"."settle_deferred_likes"(jsonb) from public;

revoke all on function "queues"."settle_image_removals"(jsonb) from public;

revoke all on function "queues"."settle_messages"(text, jsonb) from public;

grant execute on function "queues"."settle_messages"(text, jsonb) to "service_role";

revoke all on function "queues"."show_failed_uploads"() from public;

revoke all on function "queues"."show_hidden"(text) from public;

revoke all on function "queues"."show_person"(uuid, text) from public;

revoke all on function "queues"."signed_in"() from public;

grant execute on function "queues"."signed_in"() to "authenticated";

revoke all on function "queues"."silenced"(uuid[], uuid[]) from public;

revoke all on function "queues"."silent_since"() from public;

revoke all on function "queues"."spread"(bigint) from public;

revoke all on function "queues"."started_at"() from public;

revoke all on function "queues"."stay_above_mark"() from public;

revoke all on function "queues"."storage_problem"() from public;

revoke all on function "queues"."stored_bytes"(text, text) from public;

revoke all on function "queues"."supersede_likes"(uuid, text[]) from public;

revoke all on function "queues"."take_place"(uuid, text, integer) from public;

revoke all on function "queues"."take_push_token"() from public;

revoke all on function "queues"."take_samples"(integer) from public;

revoke all on function "queues"."taken_id"(text, bigint) from public;

revoke all on function "queues"."tell_of"(public.comments[], boolean) from public;

revoke all on function "queues"."tell_without_opinion"(uuid[], text[]) from public;

revoke all on function "queues"."test_alert"(jsonb) from public;

revoke all on function "queues"."text_argument"(jsonb, text, text) from public;

revoke all on function "queues"."tick_secs"() from public;

revoke all on function "queues"."time_literal"(timestamp with time zone) from public;

revoke all on function "queues"."toggle_post_like"(uuid, text, boolean) from public;

grant execute on function "queues"."toggle_post_like"(uuid, text, boolean) to "anon", "authenticated";

revoke all on function "queues"."too_many_requests"(interval) from public;

revoke all on function "queues"."touch_run"(uuid, text) from public;

revoke all on function "queues"."track_events"(jsonb, text) from public;

grant execute on function "queues"."track_events"(jsonb, text) to "anon", "authenticated";

revoke all on function "queues"."trending_decay"() from public;

grant execute on function "queues"."trending_decay"() to "anon", "authenticated", "service_role";

revoke all on function "queues"."trial_claim"(queues.settings, jsonb) from public;

revoke all on function "queues"."trial_claim_page"(jsonb) from public;

revoke all on function "queues"."trouble"() from public;

revoke all on function "queues"."try_upload"(text, text) from public;

revoke all on function "queues"."unblock_person"(uuid) from public;

grant execute on function "queues"."unblock_person"(uuid) to "authenticated";

revoke all on function "queues"."unheard_calls"(queues.settings, numeric) from public;

revoke all on function "queues"."unmute_person"(uuid) from public;

grant execute on function "queues"."unmute_person"(uuid) to "authenticated";

revoke all on function "queues"."unregister_device"(text, text) from public;

grant execute on function "queues"."unregister_device"(text, text) to "authenticated";

revoke all on function "queues"."unsubscribe"(text) from public;

grant execute on function "queues"."unsubscribe"(text) to "anon", "authenticated", "service_role";

revoke all on function "queues"."unsubscribe_token"(uuid) from public;

revoke all on function "queues"."update_breakers"(jsonb) from public;

revoke all on function "queues"."uploads_bucket"() from public;

grant execute on function "queues"."uploads_bucket"() to "authenticated";

revoke all on function "queues"."user_id"() from public;

grant execute on function "queues"."user_id"() to "anon", "authenticated";

revoke all on function "queues"."usernames"(uuid[]) from public;

revoke all on function "queues"."variant_objects"(jsonb) from public;

revoke all on function "queues"."wake"(text) from public;

revoke all on function "queues"."wake_deferred_likes"(text[]) from public;

revoke all on function "queues"."wanted_workers"(text, integer, integer) from public;

revoke all on function "queues"."watch_storage"() from public;

revoke all on function "queues"."watch_uploads"() from public;

revoke all on function "queues"."withdraw"(text, jsonb, integer) from public;

grant execute on function "queues"."withdraw"(text, jsonb, integer) to "service_role";

revoke all on function "queues"."withdraw_comment"(public.comments) from public;

revoke all on function "queues"."withdraw_messages"(jsonb) from public;

grant usage on schema "queues" to "anon", "authenticated", "service_role";

revoke all on table "public"."analytics_daily" from "service_role";

grant select on table "public"."analytics_daily" to "service_role";

revoke all on table "public"."analytics_events" from "service_role";

grant select on table "public"."analytics_events" to "service_role";

revoke all on table "public"."analytics_reports" from "service_role";

grant select on table "public"."analytics_reports" to "service_role";

revoke all on table "public"."comment_reports" from "service_role";

grant select on table "public"."comment_reports" to "service_role";

revoke all on table "public"."comments" from "anon";

revoke all ("author_id") on table "public"."comments" from "anon";

grant select ("author_id") on table "public"."comments" to "anon";

revoke all ("body") on table "public"."comments" from "anon";

grant select ("body") on table "public"."comments" to "anon";

revoke all ("created_at") on table "public"."comments" from "anon";

grant select ("created_at") on table "public"."comments" to "anon";

revoke all ("edited_at") on table "public"."comments" from "anon";

grant select ("edited_at") on table "public"."comments" to "anon";

revoke all ("id") on table "public"."comments" from "anon";

grant select ("id") on table "public"."comments" to "anon";

revoke all ("parent_id") on table "public"."comments" from "anon";

grant select ("parent_id") on table "public"."comments" to "anon";

revoke all ("post_id") on table "public"."comments" from "anon";

grant select ("post_id") on table "public"."comments" to "anon";

revoke all ("reply_to") on table "public"."comments" from "anon";

grant select ("reply_to") on table "public"."comments" to "anon";

revoke all ("revision") on table "public"."comments" from "anon";

grant select ("revision") on table "public"."comments" to "anon";

revoke all ("status") on table "public"."comments" from "anon";

grant select ("status") on table "public"."comments" to "anon";

revoke all on table "public"."comments" from "authenticated";

revoke all ("author_id") on table "public"."comments" from "authenticated";

grant select ("author_id") on table "public"."comments" to "authenticated";

revoke all ("body") on table "public"."comments" from "authenticated";

grant select ("body") on table "public"."comments" to "authenticated";

revoke all ("created_at") on table "public"."comments" from "authenticated";

grant select ("created_at") on table "public"."comments" to "authenticated";

revoke all ("decided_at") on table "public"."comments" from "authenticated";

grant select ("decided_at") on table "public"."comments" to "authenticated";

revoke all ("edited_at") on table "public"."comments" from "authenticated";

grant select ("edited_at") on table "public"."comments" to "authenticated";

revoke all ("id") on table "public"."comments" from "authenticated";

grant select ("id") on table "public"."comments" to "authenticated";

revoke all ("note") on table "public"."comments" from "authenticated";

grant select ("note") on table "public"."comments" to "authenticated";

revoke all ("parent_id") on table "public"."comments" from "authenticated";

grant select ("parent_id") on table "public"."comments" to "authenticated";

revoke all ("post_id") on table "public"."comments" from "authenticated";

grant select ("post_id") on table "public"."comments" to "authenticated";

revoke all ("reason_codes") on table "public"."comments" from "authenticated";

grant select ("reason_codes") on table "public"."comments" to "authenticated";

revoke all ("reply_to") on table "public"."comments" from "authenticated";

grant select ("reply_to") on table "public"."comments" to "authenticated";

revoke all ("revision") on table "public"."comments" from "authenticated";

grant select ("revision") on table "public"."comments" to "authenticated";

revoke all ("status") on table "public"."comments" from "authenticated";

grant select ("status") on table "public"."comments" to "authenticated";

revoke all on table "public"."comments" from "service_role";

grant select on table "public"."comments" to "service_role";

revoke all on table "public"."devices" from "authenticated";

revoke all ("created_at") on table "public"."devices" from "authenticated";

grant select ("created_at") on table "public"."devices" to "authenticated";

revoke all ("id") on table "public"."devices" from "authenticated";

grant select ("id") on table "public"."devices" to "authenticated";

revoke all ("last_seen_at") on table "public"."devices" from "authenticated";

grant select ("last_seen_at") on table "public"."devices" to "authenticated";

revoke all ("name") on table "public"."devices" from "authenticated";

grant select ("name") on table "public"."devices" to "authenticated";

revoke all ("provider") on table "public"."devices" from "authenticated";

grant select ("provider") on table "public"."devices" to "authenticated";

revoke all on table "public"."devices" from "service_role";

grant select on table "public"."devices" to "service_role";

revoke all on table "public"."image_reports" from "service_role";

grant select on table "public"."image_reports" to "service_role";

revoke all on table "public"."notifications" from "authenticated";

grant select on table "public"."notifications" to "authenticated";

revoke all on table "public"."notifications" from "service_role";

grant select on table "public"."notifications" to "service_role";

revoke all on table "public"."post_image_secrets" from "authenticated";

grant select on table "public"."post_image_secrets" to "authenticated";

revoke all on table "public"."post_images" from "anon";

revoke all ("color") on table "public"."post_images" from "anon";

grant select ("color") on table "public"."post_images" to "anon";

revoke all ("created_at") on table "public"."post_images" from "anon";

grant select ("created_at") on table "public"."post_images" to "anon";

revoke all ("error") on table "public"."post_images" from "anon";

grant select ("error") on table "public"."post_images" to "anon";

revoke all ("exif") on table "public"."post_images" from "anon";

grant select ("exif") on table "public"."post_images" to "anon";

revoke all ("height") on table "public"."post_images" from "anon";

grant select ("height") on table "public"."post_images" to "anon";

revoke all ("id") on table "public"."post_images" from "anon";

grant select ("id") on table "public"."post_images" to "anon";

revoke all ("owner_id") on table "public"."post_images" from "anon";

grant select ("owner_id") on table "public"."post_images" to "anon";

revoke all ("post_id") on table "public"."post_images" from "anon";

grant select ("post_id") on table "public"."post_images" to "anon";

revoke all ("processed_at") on table "public"."post_images" from "anon";

grant select ("processed_at") on table "public"."post_images" to "anon";

revoke all ("reason") on table "public"."post_images" from "anon";

grant select ("reason") on table "public"."post_images" to "anon";

revoke all ("status") on table "public"."post_images" from "anon";

grant select ("status") on table "public"."post_images" to "anon";

revoke all ("thumbhash") on table "public"."post_images" from "anon";

grant select ("thumbhash") on table "public"."post_images" to "anon";

revoke all ("variants") on table "public"."post_images" from "anon";

grant select ("variants") on table "public"."post_images" to "anon";

revoke all ("width") on table "public"."post_images" from "anon";

grant select ("width") on table "public"."post_images" to "anon";

revoke all on table "public"."post_images" from "authenticated";

revoke all ("color") on table "public"."post_images" from "authenticated";

grant select ("color") on table "public"."post_images" to "authenticated";

revoke all ("created_at") on table "public"."post_images" from "authenticated";

grant select ("created_at") on table "public"."post_images" to "authenticated";

revoke all ("error") on table "public"."post_images" from "authenticated";

grant select ("error") on table "public"."post_images" to "authenticated";

revoke all ("exif") on table "public"."post_images" from "authenticated";

grant select ("exif") on table "public"."post_images" to "authenticated";

revoke all ("height") on table "public"."post_images" from "authenticated";

grant select ("height") on table "public"."post_images" to "authenticated";

revoke all ("id") on table "public"."post_images" from "authenticated";

grant select ("id") on table "public"."post_images" to "authenticated";

revoke all ("owner_id") on table "public"."post_images" from "authenticated";

grant select ("owner_id") on table "public"."post_images" to "authenticated";

revoke all ("post_id") on table "public"."post_images" from "authenticated";

grant select ("post_id") on table "public"."post_images" to "authenticated";

revoke all ("processed_at") on table "public"."post_images" from "authenticated";

grant select ("processed_at") on table "public"."post_images" to "authenticated";

revoke all ("reason") on table "public"."post_images" from "authenticated";

grant select ("reason") on table "public"."post_images" to "authenticated";

revoke all ("status") on table "public"."post_images" from "authenticated";

grant select ("status") on table "public"."post_images" to "authenticated";

revoke all ("thumbhash") on table "public"."post_images" from "authenticated";

grant select ("thumbhash") on table "public"."post_images" to "authenticated";

revoke all ("variants") on table "public"."post_images" from "authenticated";

grant select ("variants") on table "public"."post_images" to "authenticated";

revoke all ("width") on table "public"."post_images" from "authenticated";

grant select ("width") on table "public"."post_images" to "authenticated";

revoke all on table "public"."post_images" from "service_role";

grant select on table "public"."post_images" to "service_role";

grant select on table "queues"."trending_hours" to "anon", "authenticated", "service_role";

grant select on table "queues"."trending_ranks" to "anon", "authenticated", "service_role";

grant select on table "queues"."trending_settings" to "anon", "authenticated", "service_role";
