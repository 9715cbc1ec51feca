-- Why the dispatcher does not run.

create function queues.read_only_problem(out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function queues.read_only_problem() is
  'Whether new sessions cannot write, as on a replica or after Supabase found the disk full, and what to do about it.';
revoke all on function queues.read_only_problem() from public;

create function queues.last_tick(out status text, out message text, out started_at timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
  select r.status, left(r.return_message, 500), coalesce(r.start_time, r.end_time) into status, message, started_at
  from cron.job_run_details r join cron.job j using (jobid)
  where j.jobname = 'dispatch-queues'
  order by r.runid desc limit 1;
exception
  when undefined_table or invalid_schema_name or insufficient_privilege then
    -- pg_cron may be told to keep no records.
    return;
end $$;
comment on function queues.last_tick() is 'The last recorded run of the dispatcher''s job; null without a record.';
revoke all on function queues.last_tick() from public;

create function queues.started_at() returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  return pg_postmaster_start_time();
end $$;
comment on function queues.started_at() is 'When the server started. What is older says nothing about it: nothing could run before.';
revoke all on function queues.started_at() from public;

create function queues.tick_secs() returns integer
language plpgsql
stable
set search_path = ''
as $$
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
end $$;
comment on function queues.tick_secs() is
  'The time between two ticks, by the schedule of the dispatcher''s job. Before version 1.5, pg_cron has none below a minute.';
revoke all on function queues.tick_secs() from public;

create function queues.clock_problem(p_queue text, out reason text, out remedy text)
language plpgsql
set search_path = ''
as $$
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
end $$;
comment on function queues.clock_problem(text) is 'Why a queue has not been dispatched for a while; null if it has.';
revoke all on function queues.clock_problem(text) from public;
