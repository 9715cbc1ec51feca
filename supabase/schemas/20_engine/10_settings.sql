-- The settings of each queue.

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
  function_name text,
  wakes boolean not null default false,
  claim_hook text,
  dead_letter_hook text,
  delivery_concurrency integer not null default 16,

  -- pgmq allows 47 characters, and the name of the dead-letter queue has four more. pgmq folds names to lower case.
  constraint queue_is_a_name check (queue ~ '^[a-z][a-z0-9_]{0,42}$' and queue not like '%\_dlq'),
  constraint visibility_timeout_is_positive check (visibility_timeout_secs > 0),
  constraint batch_size_is_within_a_claim check (batch_size between 1 and 1000),
  constraint max_retries_is_not_negative check (max_retries >= 0),
  constraint max_retries_is_at_most_100 check (max_retries <= 100),
  -- With a limit of one crash, a message that kills its worker would take the rest of its batch along.
  constraint max_crashes_leaves_a_chance check (max_crashes >= 2),
  constraint backoff_grows check (backoff_base_secs > 0 and backoff_cap_secs >= backoff_base_secs),
  constraint backoff_is_at_most_a_week check (backoff_cap_secs <= 604800),
  constraint max_message_bytes_is_positive check (max_message_bytes > 0),
  constraint retention_is_positive check (retention_days > 0),
  constraint schedule_is_positive check (schedule_secs > 0),
  constraint max_workers_is_positive check (max_workers > 0),
  constraint function_name_is_a_slug check (function_name ~ '^[A-Za-z][A-Za-z0-9_-]*$'),
  constraint hooks_are_names check (
    claim_hook ~ '^[a-z][a-z0-9_]{0,62}$' and dead_letter_hook ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint delivery_concurrency_is_bounded check (delivery_concurrency between 1 and 100),
  -- Times are added to now, and numbers are multiplied: without bounds one row could break the ticks of all queues.
  constraint visibility_timeout_is_at_most_12_hours check (visibility_timeout_secs <= 43200),
  constraint max_crashes_is_at_most_100 check (max_crashes <= 100),
  constraint max_message_bytes_is_at_most_16_mib check (max_message_bytes <= 16777216),
  constraint retention_is_at_most_ten_years check (retention_days <= 3650),
  constraint schedule_is_at_most_a_day check (schedule_secs <= 86400),
  constraint max_workers_is_at_most_100 check (max_workers <= 100),
  constraint function_name_is_short check (length(function_name) <= 100)
);
comment on table queues.settings is 'One row per queue. A queue without a row cannot be claimed from.';
comment on column queues.settings.max_retries is 'Retries before a failing message is dead-lettered.';
comment on column queues.settings.max_crashes is 'Leases that expire unsettled before a message is dead-lettered.';
comment on column queues.settings.max_message_bytes is 'Larger bodies are withheld from a claim.';
comment on column queues.settings.retention_days is
  'How long acknowledged messages stay in the archive. If null, they are deleted instead.';
comment on column queues.settings.schedule_secs is 'How often the dispatcher looks at the backlog.';
comment on column queues.settings.max_workers is 'The most concurrent runs.';
comment on column queues.settings.paused is 'Nothing is claimed from a paused queue. Messages are still accepted.';
comment on column queues.settings.function_name is 'The Edge Function that drains the queue; null for none.';
comment on column queues.settings.wakes is
  'Whether queues.wake calls the worker when a producer commits, at most once a second, instead of at the next tick.';
comment on column queues.settings.claim_hook is
  'A function (jsonb) returns jsonb of schema queues. It is given the messages of each claim and returns the claim''s '
  'context: what a worker must know besides them. Null for none.';
comment on column queues.settings.dead_letter_hook is
  'A function (jsonb) returns void of schema queues. It is given the messages that become dead letters, as [{msg_id, '
  'message, code}], in the same transaction. Null for none.';
comment on column queues.settings.delivery_concurrency is 'The most concurrent requests to providers of one run.';
revoke all on table queues.settings from public, anon, authenticated, service_role;

create function queues.check_hooks() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function('claim_hook', new.queue, new.claim_hook) where new.claim_hook is not null;
  perform queues.registered_function('dead_letter_hook', new.queue, new.dead_letter_hook)
    where new.dead_letter_hook is not null;
  return new;
end $$;
comment on function queues.check_hooks() is 'Rejects a queue with a hook that does not exist.';
revoke all on function queues.check_hooks() from public;

create trigger check_hooks before insert or update of queue, claim_hook, dead_letter_hook on queues.settings
  for each row execute function queues.check_hooks();

create function queues.settings_of(p_queue text) returns queues.settings
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function queues.settings_of(text) is 'The settings of a queue. Raises PT404 if the queue is unknown.';
revoke all on function queues.settings_of(text) from public;
