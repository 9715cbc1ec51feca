-- Calls of workers: when the next is due, and the outcome of each.

-- A table of its own: a tick must not lock the row of settings that claims read and operators edit.
create table queues.due (
  queue text primary key references queues.settings (queue) on update cascade on delete cascade,
  at timestamptz not null default clock_timestamp(),
  failed_calls integer not null default 0,
  last_error text
);
comment on table queues.due is
  'When the dispatcher looks at each queue next. It locks the row, so that two dispatchers do not call for the same '
  'queue.';
comment on column queues.due.failed_calls is 'Failed calls in a row. Each doubles the wait for the next call.';
comment on column queues.due.last_error is 'Why the last tick could not look at the queue; null if it could.';
revoke all on table queues.due from public, anon, authenticated, service_role;

create function queues.add_due() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.due (queue) values (new.queue) on conflict do nothing;
  return null;
end $$;
comment on function queues.add_due() is 'A new queue is due at once, so that it is known since when a tick is missing.';
revoke all on function queues.add_due() from public;

create trigger add_due after insert on queues.settings for each row execute function queues.add_due();

create table queues.dispatches (
  id bigint generated always as identity primary key,
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  cause text not null,
  requested_at timestamptz not null default clock_timestamp(),
  request_id bigint,
  outcome text,
  answered_at timestamptz,
  status_code integer,
  error text,
  run_id uuid,

  constraint cause_is_known check (cause in ('schedule', 'wake')),
  constraint outcome_is_known check (outcome in ('accepted', 'refused', 'timed_out', 'failed', 'missing', 'not_sent')),
  constraint outcome_has_a_time check ((outcome is null) = (answered_at is null)),
  constraint failure_has_an_error check (outcome is null or outcome = 'accepted' or error is not null)
);
-- The included column serves queues.counted, which monitoring calls often.
create index dispatches_queue_requested_at_idx on queues.dispatches (queue, requested_at) include (outcome);
create index dispatches_pending_idx on queues.dispatches (requested_at) where outcome is null;
comment on table queues.dispatches is
  'One row per call of a worker. A call is a hint: if it is lost, the next tick makes another.';
comment on column queues.dispatches.request_id is
  'The id in pg_net, which counts from 1 again after a crash of the database.';
comment on column queues.dispatches.outcome is
  'Null while unknown, then accepted (2xx), refused (another status), timed_out, failed (no connection), missing (lost '
  'by pg_net) or not_sent (pg_net, or the URL or key of the project, is missing or invalid).';
comment on column queues.dispatches.answered_at is
  'When a tick found the outcome. pg_net only records when it began to send the batch.';
comment on column queues.dispatches.run_id is 'The run that the worker named in its answer.';
revoke all on table queues.dispatches from public, anon, authenticated, service_role;
