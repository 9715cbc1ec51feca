-- As before, and notifications too.

create or replace function queues.prune(p_table text, p_queue text, p_limit integer) returns integer
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

create or replace function queues.cleanup_step() returns integer
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
