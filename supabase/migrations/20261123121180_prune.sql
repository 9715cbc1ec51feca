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
