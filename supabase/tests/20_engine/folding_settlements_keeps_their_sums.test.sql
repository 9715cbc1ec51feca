begin;
select plan(5);

insert into queues.settlements (queue, at, processed, retried, dead_lettered, released, lost, expired, deferred, last_failure)
select 'analytics', clock_timestamp() - age, n, n, n, n, n, n, n, jsonb_build_object('code', n)
from generate_series(0, 40 * 24 * 4) n, lateral (select n * interval '15 minutes' as age) a;
create temp table sums as
select sum(processed) as processed, sum(retried) as retried, sum(dead_lettered) as dead_lettered, sum(released) as released,
  sum(lost) as lost, sum(expired) as expired, sum(deferred) as deferred from queues.settlements;

select queues.daily();
select queues.dispatch() from generate_series(1, 3);
select results_eq(
  $$select sum(processed), sum(retried), sum(dead_lettered), sum(released), sum(lost), sum(expired), sum(deferred) from queues.settlements$$,
  'select * from sums', 'the sums are unchanged');
select is((select count(*) from queues.settlements where at = '-infinity'), 1::bigint, 'one row for all that is older than 30 days');
select ok((select count(*) between 717 and 719 from queues.settlements
  where at > '-infinity' and at = date_trunc('hour', at, 'UTC')), 'one row for each full hour since then');
select ok((select count(*) >= 4 from queues.settlements where at > clock_timestamp() - interval '1 hour'),
  'the last hour is unchanged');
select is(
  (select (last_failure ->> 'code')::integer from queues.settlements where at = '-infinity'),
  30 * 24 * 4, 'a folded row keeps its last failure');

select * from finish();
rollback;
