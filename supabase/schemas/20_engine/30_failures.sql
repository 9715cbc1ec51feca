-- The history of a message. It is kept beside the queue because pgmq's tables have no column for it.

create table queues.failures (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  msg_id bigint not null,
  failures integer not null default 0,
  settlements integer not null default 0,
  settled_read_ct integer not null,
  first_failed_at timestamptz,
  last_failed_at timestamptz,
  last_code text,
  last_error text,
  history jsonb not null default '[]',
  delivered text[] not null default '{}',
  redriven_from jsonb,
  waiting_since timestamptz,
  primary key (queue, msg_id),

  constraint failures_are_settled check (failures between 0 and settlements),
  constraint failed_messages_say_when_and_why check (
    (failures > 0) = (first_failed_at is not null)
    and (failures > 0) = (last_failed_at is not null)
    and (failures > 0) = (last_code is not null)
  ),
  constraint history_is_bounded check (jsonb_typeof(history) = 'array' and jsonb_array_length(history) <= 20)
);
create index failures_redriven_idx on queues.failures (queue, msg_id) where redriven_from is not null;
comment on table queues.failures is
  'One row per message that was retried, deferred or released and is still in its queue.';
comment on column queues.failures.failures is 'Tries that were settled as a retry.';
comment on column queues.failures.settlements is
  'Claims that were settled as a retry, deferral or release. The read count of the message minus this number is its '
  'number of crashes.';
comment on column queues.failures.settled_read_ct is
  'The read count of the last settled lease. That lease has ended, although the message still has its read count.';
comment on column queues.failures.history is 'The last 20 failures, oldest first: {at, code, error, run_id}.';
comment on column queues.failures.delivered is 'Keys of the deliveries that succeeded. A retry makes only the others.';
comment on column queues.failures.redriven_from is
  'The dead letter that a redriven message was, which queues.cancel_redrive makes it again: {msg_id, enqueued_at, '
  'rate_per_sec, letter}, the letter without its message. Null for other messages.';

comment on column queues.failures.waiting_since is
  'Since when the message waits to be processed: the end of the delay of its last retry or deferral. Null if it was only '
  'released: since it was sent.';
revoke all on table queues.failures from public, anon, authenticated, service_role;

create function queues.failure(p_code text, p_error text, p_run uuid default null) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return jsonb_build_object('at', clock_timestamp(), 'code', p_code, 'error', left(p_error, 2000))
    || case when p_run is not null then jsonb_build_object('run_id', p_run) else '{}' end;
end $$;
comment on function queues.failure(text, text, uuid) is
  'An entry of a history: {at, code, error, run_id}, the last if a run had the message.';
revoke all on function queues.failure(text, text, uuid) from public;

create function queues.append_failure(p_history jsonb, p_failure jsonb) returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when jsonb_array_length(p_history) < 20 then p_history else p_history - 0 end || p_failure;
end $$;
comment on function queues.append_failure(jsonb, jsonb) is 'Appends a failure to a history, which keeps the last 20.';
revoke all on function queues.append_failure(jsonb, jsonb) from public;
