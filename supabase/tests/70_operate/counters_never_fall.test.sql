begin;
select plan(4);

create function pg_temp.numbers(p_key text) returns jsonb language sql as
$$select q -> p_key from jsonb_array_elements(public.queue_metrics() -> 'queues') q where q ->> 'queue' = 'analytics'$$;

insert into queues.settlements (queue, at, processed, retried, dead_lettered, released, lost, expired, deferred)
select 'analytics', clock_timestamp() - n * interval '3 hours', 1, 2, 3, 4, 5, 6, 7 from generate_series(0, 999) n;
insert into queues.runs (id, queue, last_seen_at, finished_at, stopped_because)
select gen_random_uuid(), 'analytics', now() - age, case when why is not null then now() end, why
from unnest(array['empty', 'budget', null]) why, unnest(array[interval '1 hour', '8 days']) age;
insert into queues.dispatches (queue, cause, requested_at, outcome, answered_at, error)
select 'analytics', 'schedule', now() - age, outcome, case when outcome is not null then now() end, 'e'
from unnest(array['accepted', 'refused', null]) outcome, unnest(array[interval '10 minutes', '8 days']) age;

create temp table expected as select
  '{"processed": 1000, "retried": 2000, "dead_lettered": 3000, "released": 4000, "lost": 5000, "expired": 6000, "deferred": 7000}'::jsonb as counters,
  '{"empty": 2, "budget": 2, "killed": 2}'::jsonb as runs, '{"accepted": 2, "refused": 2}'::jsonb as dispatches;
create temp view numbers as
select pg_temp.numbers('counters') as counters, pg_temp.numbers('runs') as runs, pg_temp.numbers('dispatches') as dispatches;
select results_eq('select * from numbers', 'select * from expected', 'the counters include everything');
select queues.daily();
select queues.cleanup_step() from generate_series(1, 2);
select results_eq('select * from numbers', 'select * from expected', 'also after housekeeping');

select pgmq.send('analytics', '1');
update queues.settings set paused = true where queue = 'analytics';
update pgmq.q_analytics set vt = now();
select is(pg_temp.numbers('gauges') - 'oldest_age_secs',
  '{"visible": 1, "in_flight": 0, "delayed": 0, "dead_letters": 0, "workers_active": 0, "failed_calls": 0, "paused": 1,
    "late": 0, "failing": 0}', 'the gauges');
select pgmq.drop_queue('analytics');
select is(pg_temp.numbers('gauges') @> '{"visible": null, "failing": 1}', true, 'a queue that was dropped is failing');

select * from finish();
rollback;
