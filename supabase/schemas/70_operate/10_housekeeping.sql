-- Housekeeping: what is old is removed a little at a time. A round is started once a day; every tick of the dispatcher
-- does one short step of it, in a transaction of its own, until nothing is left to remove.

create table queues.cleanups (
  id bigint generated always as identity primary key,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  removed jsonb not null default '{}',
  errors jsonb not null default '{}',

  constraint removed_is_an_object check (jsonb_typeof(removed) = 'object'),
  constraint errors_is_an_object check (jsonb_typeof(errors) = 'object')
);
create unique index cleanups_one_at_a_time_idx on queues.cleanups ((finished_at is null)) where finished_at is null;
comment on table queues.cleanups is 'One row per round of housekeeping.';
comment on column queues.cleanups.removed is 'How many rows of which table are gone.';
comment on column queues.cleanups.errors is 'What could not be done, by table or function: its last error.';
revoke all on table queues.cleanups from public, anon, authenticated, service_role;

create table queues.totals (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  counted text not null,
  label text not null,
  rows bigint not null,
  primary key (queue, counted, label),

  constraint counted_is_known check (counted in ('dispatches', 'runs')),
  constraint rows_is_not_negative check (rows >= 0)
);
comment on table queues.totals is
  'Rows that housekeeping has removed, so that counters which start with them never fall.';
comment on column queues.totals.label is
  'The outcome of the calls, or why the runs stopped; `killed` for runs that never said.';
revoke all on table queues.totals from public, anon, authenticated, service_role;

-- Removing what is old, one table at a time: never more than p_limit rows, never waiting for a row that is in use.

create function queues.prune_archive(p_archive text, p_retention_days integer, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer := 0;
begin
  if p_retention_days is not null and to_regclass('pgmq.' || p_archive) is not null then
    execute format($sql$
      delete from pgmq.%1$I where msg_id = any(array(
        select msg_id from pgmq.%1$I where archived_at < $1 order by archived_at limit $2 for update skip locked))
      $sql$, p_archive)
    using clock_timestamp() - make_interval(days => p_retention_days), p_limit;
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $$;
comment on function queues.prune_archive(text, integer, integer) is
  'Removes messages from an archive once their retention is over. Without a retention, or an archive, there are none.';
revoke all on function queues.prune_archive(text, integer, integer) from public;

create function queues.prune_runs(p_queue text, p_before timestamptz, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer;
begin
  with removed as (
    delete from queues.runs
    where id = any(array(
      select id from queues.runs
      where queue = p_queue and last_seen_at < p_before order by last_seen_at limit p_limit for update skip locked))
    returning coalesce(stopped_because, 'killed') as label
  ), kept as (
    insert into queues.totals as t (queue, counted, label, rows)
    select p_queue, 'runs', label, count(*) from removed group by label
    on conflict (queue, counted, label) do update set rows = t.rows + excluded.rows
  )
  select count(*)::integer into v_removed from removed;
  return v_removed;
end $$;
comment on function queues.prune_runs(text, timestamptz, integer) is
  'Removes the records of old runs, and keeps their number.';
revoke all on function queues.prune_runs(text, timestamptz, integer) from public;

create function queues.prune_dispatches(p_queue text, p_before timestamptz, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer;
begin
  with removed as (
    delete from queues.dispatches
    where id = any(array(
      select id from queues.dispatches
      where queue = p_queue and requested_at < p_before and outcome is not null
      order by requested_at limit p_limit for update skip locked))
    returning outcome as label
  ), kept as (
    insert into queues.totals as t (queue, counted, label, rows)
    select p_queue, 'dispatches', label, count(*) from removed group by label
    on conflict (queue, counted, label) do update set rows = t.rows + excluded.rows
  )
  select count(*)::integer into v_removed from removed;
  return v_removed;
end $$;
comment on function queues.prune_dispatches(text, timestamptz, integer) is
  'Removes the records of old calls, and keeps their number.';
revoke all on function queues.prune_dispatches(text, timestamptz, integer) from public;

create function queues.prune_job_runs(p_before timestamptz, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer := 0;
begin
  if to_regclass('cron.job_run_details') is not null then
    -- There is an index on the id alone, so the first ones are looked at, up to the last old one among them: a job
    -- that could not be started has no time of its own.
    delete from cron.job_run_details
    where runid <= (
      select max(runid)
      from (select runid, start_time from cron.job_run_details order by runid limit p_limit) first
      where start_time < p_before);
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $$;
comment on function queues.prune_job_runs(timestamptz, integer) is
  'Removes pg_cron''s records of old runs of jobs, which it keeps for ever.';
revoke all on function queues.prune_job_runs(timestamptz, integer) from public;

create function queues.prune(p_table text, p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- What ran, was called and was ticked is looked at within days; numbers over time are worth keeping for longer.
  c_records constant interval := interval '7 days';
  c_numbers constant interval := interval '30 days';
  v_now timestamptz := clock_timestamp();
  v_removed integer;
begin
  case p_table
    when 'queues.runs' then
      return queues.prune_runs(p_queue, v_now - c_records, p_limit);
    when 'queues.dispatches' then
      return queues.prune_dispatches(p_queue, v_now - c_records, p_limit);
    when 'queues.settlements' then
      -- Not while there is nothing but what was folded before.
      if exists (
        select from queues.settlements where queue = p_queue and at > '-infinity' and at < v_now - c_numbers) then
        return queues.fold_settlements(p_queue, '-infinity', v_now - c_numbers, p_limit);
      end if;
      return 0;
    when 'cron.job_run_details' then
      return queues.prune_job_runs(v_now - c_records, p_limit);
    when 'queues.trending_hours' then
      return queues.prune_trending(p_limit);
    when 'queues.notification_actors', 'queues.notification_deliveries', 'public.notifications' then
      return queues.prune_notifications(p_table, p_limit);
    when 'queues.cleanups' then
      delete from queues.cleanups where finished_at < v_now - c_numbers;
      get diagnostics v_removed = row_count;
      return v_removed;
    else
      return queues.prune_archive(
        substr(p_table, 6), (select retention_days from queues.settings where queue = p_queue), p_limit);
  end case;
end $$;
comment on function queues.prune(text, text, integer) is 'Removes rows of a table that are older than they are kept.';
revoke all on function queues.prune(text, text, integer) from public;

create function queues.cleanup_step() returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_rows constant integer := 5000;
  v_cleanup queues.cleanups;
  v_target record;
  v_removed integer;
  v_left integer := c_rows;
begin
  -- Two dispatchers at once: one of them does the step.
  select * into v_cleanup from queues.cleanups where finished_at is null for update skip locked;

  for v_target in
    select 'queues.settlements' as name, queue, true as is_hourly from queues.settings
    union all
    select name, queue, false
    from queues.settings s, unnest(array[
      'pgmq.a_' || s.queue, 'pgmq.a_' || s.queue || '_dlq', 'queues.runs', 'queues.dispatches', 'queues.settlements']) name
    where v_cleanup.id is not null
    union all
    select name, null, false from unnest(array[
      'cron.job_run_details', 'queues.trending_hours', 'queues.notification_actors', 'queues.notification_deliveries',
      'public.notifications', 'queues.cleanups']) name
    where v_cleanup.id is not null
  loop
    begin
      if v_target.is_hourly then
        perform queues.fold_settlements(v_target.queue, clock_timestamp() - interval '30 days',
          date_trunc('hour', clock_timestamp() - interval '1 hour', 'UTC'), c_rows);
        continue;
      end if;
      v_removed := queues.prune(v_target.name, v_target.queue, v_left);
      v_left := v_left - v_removed;
      if v_removed > 0 then
        v_cleanup.removed := v_cleanup.removed || jsonb_build_object(
          v_target.name, coalesce((v_cleanup.removed -> v_target.name)::bigint, 0) + v_removed);
      end if;
    exception
      when others then
        -- Neither the calls of this tick nor the other tables may suffer from it.
        raise warning 'housekeeping of % failed: %', v_target.name, sqlerrm;
        v_cleanup.errors := v_cleanup.errors || jsonb_build_object(v_target.name, sqlerrm);
    end;
    exit when v_left <= 0;
  end loop;

  update queues.cleanups
  set removed = v_cleanup.removed, errors = v_cleanup.errors,
    finished_at = case when v_left = c_rows then clock_timestamp() end
  where id = v_cleanup.id;
  return c_rows - v_left;
end $$;
comment on function queues.cleanup_step() is
  'One step of housekeeping: folds settlements of past hours and, while a round is under way, removes up to 5000 old '
  'rows. Answers how many. The round ends with the step that finds none.';
revoke all on function queues.cleanup_step() from public;
