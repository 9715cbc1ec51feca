begin;
select plan(14);

-- However long ago this database was made.
update queues.due set at = clock_timestamp();

select is(queues.take_samples(100), 0, 'a tick takes samples');
select set_eq('select queue from queues.samples', 'select queue from queues.settings', 'one of each queue');
select queues.take_samples(100);
select is((select max(n)::int from (select count(*) as n from queues.samples group by queue) s), 1, 'the next tick takes none');

-- As it may have been in the minutes before.
delete from queues.samples;
select pgmq.send('analytics', '{}') from generate_series(1, 4);
insert into queues.samples (queue, at, verdict, visible, counters, latency_p95_secs)
select 'analytics', date_trunc('hour', clock_timestamp()) - make_interval(mins => 61 - n), case n when 3 then 'late' else 'ok' end, n,
  jsonb_build_object('processed', 10 * n, 'retried', n, 'dead_lettered', 0, 'expired', 0), n
from generate_series(1, 5) n;
create temp table hour as select queues.series('analytics', date_trunc('hour', clock_timestamp()) - interval '59 minutes 30 seconds', 60) as s;
select is((select jsonb_array_length(s -> 'at') from hour), 4, 'a series begins at its time');
select is((select s -> 'processed' from hour), '[10, 10, 10, 10]', 'it has what happened within each step');
select is((select s -> 'verdict' from hour), '["ok", "late", "ok", "ok"]', 'and the verdict');
create temp table quarter as select queues.series('analytics', date_trunc('hour', clock_timestamp()) - interval '2 hours', 900) as s;
select is((select (s - '{at,step_secs,in_flight,delayed,dead_letters,oldest_age_secs,workers_active,latency_p50_secs,dead_lettered,expired}'::text[]) from quarter),
  '{"verdict": ["late"], "visible": [5], "processed": [40], "retried": [4], "latency_p95_secs": [5]}', 'longer steps have the highest and the sums');
update queues.samples set counters = counters || '{"processed": 0}' where visible = 5;
select is((select queues.series('analytics', date_trunc('hour', clock_timestamp()) - interval '2 hours', 900) -> 'processed'), '[30]', 'a queue that was made anew begins at 0');

select pgmq.archive('analytics', 1::bigint);
update pgmq.a_analytics set enqueued_at = archived_at - interval '3 seconds';
select queues.take_samples(100);
select results_eq($$select visible, latency_p50_secs from queues.samples where queue = 'analytics' order by at desc limit 1$$, 'values (3::bigint, 3.000)', 'a sample has the depth and the latency');
select is((select latency_p50_secs from queues.samples where queue = 'deliveries' order by at desc limit 1), null, 'null where nothing was acknowledged');
update queues.samples set at = at - interval '26 hours' where queue = 'analytics';
update queues.samples set at = at - interval '2 minutes' where queue <> 'analytics';
select is(queues.take_samples(100), 6, 'after a day they are removed');
update queues.samples set at = at + interval '2 hours';
select queues.take_samples(100);
select is((select max(at) < clock_timestamp() + interval '1 minute' from queues.samples), true, 'those ahead of a clock that was set back are removed, too');

select pgmq.drop_queue('analytics');
delete from queues.samples;
select lives_ok('select queues.take_samples(100)', 'a queue that vanished does not stop the others');
select is((select count(*)::int from queues.samples where verdict <> 'failing'), (select count(*)::int - 1 from queues.settings), 'they have their samples');

select * from finish();
rollback;
