-- One row per run of a worker, written by its claims and settlements in their transactions.

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
  error_code text,
  error text,

  constraint finished_runs_say_why check ((finished_at is null) = (stopped_because is null))
);
-- The included columns serve queues.counted, which monitoring calls often.
create index runs_queue_last_seen_at_idx on queues.runs (queue, last_seen_at) include (finished_at, stopped_because);
comment on table queues.runs is 'What each run did. A run without an end was killed.';
comment on column queues.runs.batches is 'Claims that returned messages.';
comment on column queues.runs.lost is 'Leases that had ended before they were settled.';
comment on column queues.runs.settled_seq is
  'The last settlement applied. A worker that missed the reply repeats the settlement under the same number, which has '
  'no further effect.';
comment on column queues.runs.deferred is 'Messages that were deferred, which is neither a failure nor a crash.';
comment on column queues.runs.error is 'The error that ended it, such as that of a claim or a settlement; null if none did.';
revoke all on table queues.runs from public, anon, authenticated, service_role;

create function queues.silent_since() returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  -- Three heartbeats of five seconds.
  c_silent constant interval := interval '15 seconds';
begin
  return clock_timestamp() - c_silent;
end $$;
comment on function queues.silent_since() is
  'The time since when a run must have been seen. Of one that was not, the worker is gone: another one may take its place.';
revoke all on function queues.silent_since() from public;

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
    perform queues.reject('run_id', format('belongs to a run of queue `%s`', v_queue), 'use a run for one queue only');
  end if;
  return v_settled_seq;
end $$;
comment on function queues.touch_run(uuid, text) is
  'Records that a run is alive, locks its row, and returns the number of its last applied settlement.';
revoke all on function queues.touch_run(uuid, text) from public;

create function queues.take_place(p_run uuid, p_queue text, p_places integer) returns boolean
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function queues.take_place(uuid, text, integer) is
  'Records that a run is alive, unless it would begin while p_places others are active: returns whether it has a place. '
  'A tick and a wake at the same time do not see each other''s calls, and may call one worker too many.';
revoke all on function queues.take_place(uuid, text, integer) from public;

create function queues.heartbeat_run(p_queue text, p_run uuid) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform queues.settings_of(p_queue);
  perform queues.touch_run(p_run, p_queue);
end $$;
comment on function queues.heartbeat_run(text, uuid) is 'See public.heartbeat_run, its only caller.';
revoke all on function queues.heartbeat_run(text, uuid) from public;
grant execute on function queues.heartbeat_run(text, uuid) to service_role;

create function public.heartbeat_run(p_queue text, p_run uuid) returns void
language plpgsql
security invoker
set search_path = ''
as $$
begin
  perform queues.heartbeat_run(p_queue, p_run);
end $$;
comment on function public.heartbeat_run(text, uuid) is
  'Records that a run is alive. A worker calls it every five seconds, whatever it waits for.';
revoke all on function public.heartbeat_run(text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.heartbeat_run(text, uuid) to service_role;
