-- Metrics for a monitoring system.

create function queues.counters(p_queue text) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'processed', coalesce(sum(processed), 0),
      'retried', coalesce(sum(retried), 0),
      'deferred', coalesce(sum(deferred), 0),
      'dead_lettered', coalesce(sum(dead_lettered), 0),
      'released', coalesce(sum(released), 0),
      'lost', coalesce(sum(lost), 0),
      'expired', coalesce(sum(expired), 0))
    from queues.settlements where queue = p_queue
  );
end $$;
comment on function queues.counters(text) is
  'How the leases of a queue have ended since it was created. No number ever falls.';
revoke all on function queues.counters(text) from public;

create function queues.counted(p_queue text) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- The platform ends a run after minutes: one that is silent for longer was killed.
  c_killed_after constant interval := interval '15 minutes';
begin
  return (
    select jsonb_build_object(
      'dispatches', coalesce(jsonb_object_agg(label, rows) filter (where counted = 'dispatches'), '{}'),
      'runs', coalesce(jsonb_object_agg(label, rows) filter (where counted = 'runs'), '{}'))
    from (
      select counted, label, sum(rows) as rows
      from (
        select counted, label, rows from queues.totals where queue = p_queue
        union all
        select 'dispatches', outcome, count(*) from queues.dispatches
        where queue = p_queue and outcome is not null group by outcome
        union all
        select 'runs', coalesce(stopped_because, 'killed'), count(*) from queues.runs
        where queue = p_queue
          and (finished_at is not null or last_seen_at < clock_timestamp() - c_killed_after)
        group by stopped_because
      ) c
      group by counted, label
    ) c
  );
end $$;
comment on function queues.counted(text) is
  'Calls by outcome, and runs by the reason they stopped, since the queue was created: {dispatches: {outcome: number}, '
  'runs: {reason: number}}.';
revoke all on function queues.counted(text) from public;

create function queues.metrics() returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  return jsonb_build_object('queues', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'queue', h.queue,
      'gauges', jsonb_build_object(
        'visible', h.visible,
        'in_flight', h.in_flight,
        'delayed', h.delayed,
        'dead_letters', h.dead_letters,
        'oldest_age_secs', coalesce(h.oldest_age_secs, 0),
        'workers_active', h.workers_active,
        'failed_calls', h.failed_calls,
        'paused', h.paused::integer,
        'late', (h.verdict = 'late')::integer,
        'failing', (h.verdict = 'failing')::integer),
      'counters', queues.counters(h.queue)
    ) || queues.counted(h.queue) order by h.queue), '[]')
    from queues.health() h),
    'limits', queues.limited_calls(),
    'gauges', queues.read_gauges());
end $$;
comment on function queues.metrics() is
  '{queues: [{queue, gauges: {visible, in_flight, delayed, dead_letters, oldest_age_secs, workers_active, '
  'failed_calls, paused, late, failing}, counters: {processed, retried, deferred, dead_lettered, released, lost, '
  'expired}, dispatches: {outcome: number}, runs: {reason: number}}], limits: {action: {answer: number}}, gauges: those of '
  'queues.read_gauges}. The gauges of '
  'messages are null for a queue that was dropped; paused, late and failing are 0 or 1. Counters, dispatches, runs and '
  'limits never fall, but a crash of the database forgets the limits of the last hour; a label appears with its first '
  'occurrence.';
revoke all on function queues.metrics() from public;
grant execute on function queues.metrics() to service_role;

create function public.queue_metrics() returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.metrics();
end $$;
comment on function public.queue_metrics() is 'The metrics of every queue: see queues.metrics.';
revoke all on function public.queue_metrics() from public, anon, authenticated, service_role;
grant execute on function public.queue_metrics() to service_role;
