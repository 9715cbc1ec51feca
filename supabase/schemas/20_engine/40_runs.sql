-- One row per run of a worker: written by its claims and settlements, in their transactions.

create table queues.runs (
  id uuid primary key,
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  started_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  claimed bigint not null default 0,
  processed bigint not null default 0,
  retried bigint not null default 0,
  dead_lettered bigint not null default 0,
  released bigint not null default 0,
  lost bigint not null default 0,
  batches bigint not null default 0,
  settled_seq bigint not null default 0,
  stopped_because text,
  deferred bigint not null default 0,

  constraint finished_runs_say_why check ((finished_at is null) = (stopped_because is null))
);
-- With why they stopped, for the counters that monitoring asks for time and again.
create index runs_queue_last_seen_at_idx on queues.runs (queue, last_seen_at) include (finished_at, stopped_because);
comment on table queues.runs is 'What each run did. A run that never finished was killed.';
comment on column queues.runs.batches is 'Claims that returned messages.';
comment on column queues.runs.lost is 'Leases that a settlement named and no longer held.';
comment on column queues.runs.settled_seq is
  'The last settlement applied: a worker that missed the reply settles again under the same number, to no effect.';
comment on column queues.runs.deferred is 'Messages put off: neither failures nor crashes.';
revoke all on table queues.runs from public, anon, authenticated, service_role;

create function queues.touch_run(p_run uuid, p_queue text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_queue text;
  v_settled_seq bigint;
begin
  insert into queues.runs as r (id, queue) values (p_run, p_queue)
  on conflict (id) do update set last_seen_at = clock_timestamp()
  returning r.queue, r.settled_seq into v_queue, v_settled_seq;

  if v_queue <> p_queue then
    perform queues.reject('run_id', format('names a run of queue `%s`', v_queue), 'use one run for one queue');
  end if;
  return v_settled_seq;
end $$;
comment on function queues.touch_run(uuid, text) is
  'Notes that a run is alive, locks its row, and returns the number of its last applied settlement.';
revoke all on function queues.touch_run(uuid, text) from public;
