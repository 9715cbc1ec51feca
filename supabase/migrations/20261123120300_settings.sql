-- What a queue is, apart from its messages.

create schema queues;
comment on schema queues is
  'Claims, settlements and their records. Not exposed by the API: its functions are reached through wrappers in public.';

revoke all on schema queues from public;
-- A wrapper runs as its caller, so the caller must be able to see the function behind it. For anon and authenticated
-- that is toggle_post_like and the trending posts; what a role may execute is granted function by function.
grant usage on schema queues to anon, authenticated, service_role;

create table queues.settings (
  queue text primary key,
  visibility_timeout_secs integer not null default 60,
  batch_size integer not null default 100,
  max_retries integer not null default 3,
  max_crashes integer not null default 3,
  backoff_base_secs integer not null default 10,
  backoff_cap_secs integer not null default 3600,
  max_message_bytes integer not null default 262144,
  retention_days integer,
  schedule_secs integer not null default 10,
  max_workers integer not null default 2,
  paused boolean not null default false,

  -- pgmq allows 47 characters, and the dead letters' queue has four more; lower case because pgmq folds.
  constraint queue_is_a_name check (queue ~ '^[a-z][a-z0-9_]{0,42}$' and queue not like '%\_dlq'),
  constraint visibility_timeout_is_positive check (visibility_timeout_secs > 0),
  constraint batch_size_is_within_a_claim check (batch_size between 1 and 1000),
  constraint max_retries_is_not_negative check (max_retries >= 0),
  -- With one crash allowed, the neighbours of a message that kills its worker would be given up with it.
  constraint max_crashes_leaves_a_chance check (max_crashes >= 2),
  constraint backoff_grows check (backoff_base_secs > 0 and backoff_cap_secs >= backoff_base_secs),
  constraint max_message_bytes_is_positive check (max_message_bytes > 0),
  constraint retention_is_positive check (retention_days > 0),
  constraint schedule_is_positive check (schedule_secs > 0),
  constraint max_workers_is_positive check (max_workers > 0)
);
comment on table queues.settings is 'One row per queue; a queue without a row cannot be claimed from.';
comment on column queues.settings.max_retries is 'Tries after the first one, before a failing message is dead-lettered.';
comment on column queues.settings.max_crashes is 'Claims that ended without a settlement, before a message is dead-lettered.';
comment on column queues.settings.max_message_bytes is 'Larger bodies are withheld from a claim.';
comment on column queues.settings.retention_days is 'How long acknowledged messages stay in the archive; null deletes them at once.';
comment on column queues.settings.schedule_secs is 'How often the dispatcher looks at the backlog.';
comment on column queues.settings.max_workers is 'How many runs may drain the queue at a time.';
comment on column queues.settings.paused is 'Nothing is claimed from a paused queue; messages are still accepted.';

insert into queues.settings (queue, visibility_timeout_secs, batch_size, retention_days, schedule_secs, max_workers)
values
  ('like_events', 60, 200, 30, 10, 2),
  ('notifications', 60, 100, 7, 10, 2),
  ('analytics', 60, 1000, 90, 60, 4);

revoke all on table queues.settings from public, anon, authenticated, service_role;
