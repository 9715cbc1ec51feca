-- The measurements of a queue, in one row.

create type queues.queue_health as (
  queue text,
  verdict text,
  reason text,
  remedy text,
  paused boolean,
  visible bigint,
  in_flight bigint,
  delayed bigint,
  dead_letters bigint,
  is_estimate boolean,
  oldest_age_secs numeric,
  workers_active integer,
  processed_1_min bigint,
  processed_5_min bigint,
  processed_60_min bigint,
  failed_1_min bigint,
  failed_5_min bigint,
  failed_60_min bigint,
  failure_rate_1_min numeric,
  failure_rate_5_min numeric,
  failure_rate_60_min numeric,
  run_p50_secs numeric,
  run_p95_secs numeric,
  last_error_code text,
  last_error text,
  last_error_at timestamptz,
  failed_calls integer,
  last_call_outcome text,
  last_call_error text,
  last_call_at timestamptz
);
comment on type queues.queue_health is
  'The health of a queue. verdict: ok, late (messages wait too long) or failing. is_estimate: a count above 10000 is '
  'estimated. processed_, failed_: tries with that outcome within the last minutes. failure_rate_: the share of failed '
  'tries.';

create function queues.measure(p_settings queues.settings) returns queues.queue_health
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  m queues.queue_health;
begin
  m.queue := p_settings.queue;
  m.paused := p_settings.paused;
  m.workers_active := queues.active_workers(p_settings.queue);

  if queues.missing_tables(p_settings.queue) is null then
    select c.visible, c.in_flight, c.delayed, c.dead_letters, c.is_estimate, round(c.oldest_age_secs, 1)
    into m.visible, m.in_flight, m.delayed, m.dead_letters, m.is_estimate, m.oldest_age_secs
    from queues.count_messages(p_settings) c;
  end if;

  select
    coalesce(sum(processed) filter (where at > v_now - interval '1 minute'), 0)::bigint,
    coalesce(sum(processed) filter (where at > v_now - interval '5 minutes'), 0)::bigint,
    coalesce(sum(processed), 0)::bigint,
    coalesce(sum(failed) filter (where at > v_now - interval '1 minute'), 0)::bigint,
    coalesce(sum(failed) filter (where at > v_now - interval '5 minutes'), 0)::bigint,
    coalesce(sum(failed), 0)::bigint
  into m.processed_1_min, m.processed_5_min, m.processed_60_min, m.failed_1_min, m.failed_5_min, m.failed_60_min
  from (
    -- A message that a claim dead-letters also counts as an expired lease.
    select at, processed, retried + greatest(dead_lettered, expired) as failed
    from queues.settlements
    where queue = p_settings.queue and at > v_now - interval '1 hour' and at <= v_now
  ) s;
  m.failure_rate_1_min := round(m.failed_1_min::numeric / nullif(m.processed_1_min + m.failed_1_min, 0), 4);
  m.failure_rate_5_min := round(m.failed_5_min::numeric / nullif(m.processed_5_min + m.failed_5_min, 0), 4);
  m.failure_rate_60_min := round(m.failed_60_min::numeric / nullif(m.processed_60_min + m.failed_60_min, 0), 4);

  select round(p[1]::numeric, 3), round(p[2]::numeric, 3) into m.run_p50_secs, m.run_p95_secs
  from (
    select percentile_cont('{0.5,0.95}'::float8[]) within group (order by extract(epoch from finished_at - started_at)) as p
    from queues.runs
    where queue = p_settings.queue and last_seen_at > v_now - interval '1 hour' and finished_at is not null
  ) r;

  select last_failure ->> 'code', last_failure ->> 'error', (last_failure ->> 'at')::timestamptz
  into m.last_error_code, m.last_error, m.last_error_at
  from queues.settlements
  where queue = p_settings.queue and last_failure is not null
  order by at desc, id desc limit 1;

  m.failed_calls := coalesce((select failed_calls from queues.due where queue = p_settings.queue), 0);
  select outcome, error, requested_at into m.last_call_outcome, m.last_call_error, m.last_call_at
  from queues.dispatches
  where queue = p_settings.queue and outcome is not null and requested_at <= v_now
  order by requested_at desc, id desc limit 1;
  return m;
end $$;
comment on function queues.measure(queues.settings) is
  'The health of a queue without the verdict. A queue that was dropped has no counts.';
revoke all on function queues.measure(queues.settings) from public;
