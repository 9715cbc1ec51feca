-- The engine's own housekeeping: archives, and the records of runs, calls, settlements and jobs.

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
  'The number of rows that housekeeping has removed, which keeps counters from falling.';
comment on column queues.totals.label is
  'The outcome of the calls, or why the runs stopped; `killed` for runs without an end.';
revoke all on table queues.totals from public, anon, authenticated, service_role;

create function queues.records_since() returns timestamptz
language plpgsql
set search_path = ''
as $$
begin
  return clock_timestamp() - interval '7 days';
end $$;
comment on function queues.records_since() is 'The time since when single runs, calls and ticks are kept.';
revoke all on function queues.records_since() from public;

create function queues.numbers_since() returns timestamptz
language plpgsql
set search_path = ''
as $$
begin
  return clock_timestamp() - interval '30 days';
end $$;
comment on function queues.numbers_since() is 'The time since when hourly numbers and rounds of housekeeping are kept.';
revoke all on function queues.numbers_since() from public;

create function queues.prune_archived(p_queue text, p_suffix text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_archive text := concat('a_', p_queue, p_suffix);
  v_retention_days integer := (select retention_days from queues.settings where queue = p_queue);
  v_removed integer := 0;
begin
  if v_retention_days is not null and to_regclass('pgmq.' || v_archive) is not null then
    execute format($sql$
      delete from pgmq.%1$I where msg_id = any(array(
        select msg_id from pgmq.%1$I where archived_at < $1 order by archived_at limit $2 for update skip locked))
      $sql$, v_archive)
    using clock_timestamp() - make_interval(days => v_retention_days), p_limit;
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $$;
comment on function queues.prune_archived(text, text, integer) is
  'Removes messages from an archive after their retention, if there is an archive and a retention.';
revoke all on function queues.prune_archived(text, text, integer) from public;

create function queues.prune_archive(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
begin
  return queues.prune_archived(p_queue, '', p_limit);
end $$;
comment on function queues.prune_archive(text, integer) is 'Removes acknowledged messages after their retention.';
revoke all on function queues.prune_archive(text, integer) from public;

create function queues.prune_dead_letter_archive(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
begin
  return queues.prune_archived(p_queue, '_dlq', p_limit);
end $$;
comment on function queues.prune_dead_letter_archive(text, integer) is
  'Removes discarded dead letters after their retention.';
revoke all on function queues.prune_dead_letter_archive(text, integer) from public;

create function queues.prune_failures(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_table text := 'q_' || p_queue;
  v_removed integer;
begin
  execute format($sql$
    delete from queues.failures
    where queue = $1 and msg_id = any(array(
      select msg_id from queues.failures f where queue = $1 %s limit $2 for update skip locked))
    $sql$, case when to_regclass(format('pgmq.%I', v_table)) is not null then
      format('and not exists (select from pgmq.%I q where q.msg_id = f.msg_id)', v_table) end)
  using p_queue, p_limit;
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_failures(text, integer) is
  'Removes the failures of messages that left their queue without a settlement: deleted, purged, or dropped with it.';
revoke all on function queues.prune_failures(text, integer) from public;

create function queues.prune_message_keys(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_table text := 'q_' || p_queue;
  v_removed integer;
begin
  execute format($sql$
    delete from queues.message_keys
    where queue = $1 and key = any(array(
      select key from queues.message_keys k where queue = $1 %s limit $2 for update skip locked))
    $sql$, case when to_regclass(format('pgmq.%I', v_table)) is not null then format(
      'and not exists (select from pgmq.%I q where q.msg_id = k.msg_id and q.enqueued_at = k.enqueued_at)', v_table) end)
  using p_queue, p_limit;
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_message_keys(text, integer) is 'Removes the keys of messages that left their queue.';
revoke all on function queues.prune_message_keys(text, integer) from public;

create function queues.prune_runs(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer;
begin
  with removed as (
    delete from queues.runs
    where id = any(array(
      select id from queues.runs
      where queue = p_queue and last_seen_at < v_before order by last_seen_at limit p_limit for update skip locked))
    returning coalesce(stopped_because, 'killed') as label
  ), kept as (
    insert into queues.totals as t (queue, counted, label, rows)
    select p_queue, 'runs', label, count(*) from removed group by label
    on conflict (queue, counted, label) do update set rows = t.rows + excluded.rows
  )
  select count(*)::integer into v_removed from removed;
  return v_removed;
end $$;
comment on function queues.prune_runs(text, integer) is 'Removes old runs and keeps their number.';
revoke all on function queues.prune_runs(text, integer) from public;

create function queues.prune_dispatches(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer;
begin
  with removed as (
    delete from queues.dispatches
    where id = any(array(
      select id from queues.dispatches
      where queue = p_queue and requested_at < v_before and outcome is not null
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
comment on function queues.prune_dispatches(text, integer) is 'Removes old calls and keeps their number.';
revoke all on function queues.prune_dispatches(text, integer) from public;

create function queues.fold_hours(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
begin
  return queues.fold_settlements(
    p_queue, queues.numbers_since(), date_trunc('hour', clock_timestamp() - interval '1 hour', 'UTC'), p_limit);
end $$;
comment on function queues.fold_hours(text, integer) is 'Folds the settlements of past hours into one row per hour.';
revoke all on function queues.fold_hours(text, integer) from public;

create function queues.prune_settlements(p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.numbers_since();
begin
  -- Only if there is something left to fold.
  if exists (select from queues.settlements where queue = p_queue and at > '-infinity' and at < v_before) then
    return queues.fold_settlements(p_queue, '-infinity', v_before, p_limit);
  end if;
  return 0;
end $$;
comment on function queues.prune_settlements(text, integer) is 'Folds old settlements into a single row.';
revoke all on function queues.prune_settlements(text, integer) from public;

create function queues.prune_job_runs(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.records_since();
  v_removed integer := 0;
begin
  if to_regclass('cron.job_run_details') is not null then
    -- Only the id has an index, so this reads the first rows, up to the last old one. A job that could not be started has
    -- no time.
    delete from cron.job_run_details
    where runid <= (
      select max(runid)
      from (select runid, start_time from cron.job_run_details order by runid limit p_limit) first
      where start_time < v_before);
    get diagnostics v_removed = row_count;
  end if;
  return v_removed;
end $$;
comment on function queues.prune_job_runs(integer) is 'Removes old runs of jobs, which pg_cron itself keeps for ever.';
revoke all on function queues.prune_job_runs(integer) from public;

create function queues.prune_cleanups(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  delete from queues.cleanups
  where id = any(array(
    select id from queues.cleanups where finished_at < v_before order by id limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_cleanups(integer) is 'Removes old rounds of housekeeping.';
revoke all on function queues.prune_cleanups(integer) from public;
