-- Calls of workers: who is called, when next, and what became of each call.

-- Apart from the settings, so that a tick locks no row that a claim reads or a person edits.
create table queues.due (
  queue text primary key references queues.settings (queue) on update cascade on delete cascade,
  at timestamptz not null default clock_timestamp(),
  failed_calls integer not null default 0
);
comment on table queues.due is 'When the dispatcher looks at each queue next. Its row is the lock that keeps two dispatchers apart.';
comment on column queues.due.failed_calls is 'Calls in a row that no worker accepted; each doubles the wait for the next.';
revoke all on table queues.due from public, anon, authenticated, service_role;

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
-- With the outcome, for the counters that monitoring asks for time and again.
create index dispatches_queue_requested_at_idx on queues.dispatches (queue, requested_at) include (outcome);
create index dispatches_pending_idx on queues.dispatches (requested_at) where outcome is null;
comment on table queues.dispatches is
  'One row per call of a worker. A call is a hint, never the record: what it should have done, the next tick does.';
comment on column queues.dispatches.request_id is 'The id of pg_net, which starts anew after a crash of the database.';
comment on column queues.dispatches.outcome is
  'Null until it is known: accepted (2xx), refused (another status), timed_out, failed (not reached), missing (pg_net lost '
  'it), not_sent (the project''s URL or key is not in Vault).';
comment on column queues.dispatches.run_id is 'The run that the worker answered with.';
revoke all on table queues.dispatches from public, anon, authenticated, service_role;
