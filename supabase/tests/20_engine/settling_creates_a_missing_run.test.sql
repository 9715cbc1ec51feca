begin;
select plan(2);

select is(
  settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 1, "stopped_because": "empty"}'),
  '{"applied": true, "lost": [], "backlog": 0}', 'an empty settlement is applied');
select results_eq(
  'select queue, settled_seq, stopped_because from queues.runs', $$values ('analytics', 1::bigint, 'empty')$$, 'its run is recorded');

select * from finish();
rollback;
