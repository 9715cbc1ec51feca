begin;
select plan(4);

insert into queues.settlements (queue, at, processed, retried, dead_lettered, expired, last_failure)
select 'analytics', clock_timestamp() - age, processed, retried, dead_lettered, expired, last_failure::jsonb
from (values
  (interval '10 seconds', 6, 2, 0, 0, null),
  (interval '2 minutes', 2, 0, 2, 0, '{"at": "2026-01-01T00:00:00Z", "code": "http_503", "error": "unavailable"}'),
  (interval '30 minutes', 12, 0, 1, 4, null),
  (interval '3 hours', 1000, 1000, 0, 0, null),
  -- Recorded before the clock was put back.
  (interval '-1 day', 1000, 1000, 0, 0, null)
) s (age, processed, retried, dead_lettered, expired, last_failure);
insert into queues.runs (id, queue, started_at, last_seen_at, finished_at, stopped_because)
select gen_random_uuid(), 'analytics', clock_timestamp() - make_interval(secs => n), clock_timestamp(), clock_timestamp(), 'empty'
from generate_series(1, 21) n;

select results_eq(
  $$select processed_1_min, processed_5_min, processed_60_min, failed_1_min, failed_5_min, failed_60_min
    from queues.health() where queue = 'analytics'$$,
  $$values (6::bigint, 8::bigint, 20::bigint, 2::bigint, 4::bigint, 8::bigint)$$,
  'tries of the last minute, five minutes, hour; an expired lease is a failed try');
select results_eq(
  $$select failure_rate_1_min, failure_rate_5_min, failure_rate_60_min from queues.health() where queue = 'analytics'$$,
  $$values (0.25, 0.3333, 0.2857)$$, 'the failure rates');
select results_eq(
  $$select round(run_p50_secs), round(run_p95_secs) from queues.health() where queue = 'analytics'$$,
  $$values (11::numeric, 20::numeric)$$, 'median and 95th percentile of the run times');
select results_eq(
  $$select last_error_code, last_error, last_error_at from queues.health() where queue = 'analytics'$$,
  $$values ('http_503', 'unavailable', timestamptz '2026-01-01T00:00:00Z')$$, 'the last error');

select * from finish();
rollback;
