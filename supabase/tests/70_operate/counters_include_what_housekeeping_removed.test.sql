begin;
select plan(2);

insert into queues.runs (id, queue, last_seen_at, finished_at, stopped_because)
select gen_random_uuid(), 'analytics', now() - interval '8 days', case when why is not null then now() end, why
from unnest(array['empty', 'empty', 'budget', null]) why, generate_series(1, 2);
insert into queues.dispatches (queue, cause, requested_at, outcome, answered_at, error)
select 'analytics', 'schedule', now() - interval '8 days', outcome, now(), 'e'
from unnest(array['accepted', 'accepted', 'refused']) outcome;
select queues.daily();
select queues.cleanup_step();
insert into queues.runs (id, queue, last_seen_at) values (gen_random_uuid(), 'analytics', now() - interval '8 days');
select queues.cleanup_step();

select results_eq(
  $$select label, rows from queues.totals where counted = 'runs' order by label$$,
  $$values ('budget', 2::bigint), ('empty', 4), ('killed', 3)$$, 'runs by why they stopped');
select results_eq(
  $$select label, rows from queues.totals where counted = 'dispatches' order by label$$,
  $$values ('accepted', 2::bigint), ('refused', 1)$$, 'calls by their outcome');

select * from finish();
rollback;
