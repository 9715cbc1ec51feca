begin;
select plan(5);

select pgmq.send('analytics', '1') from generate_series(1, 5);
select claim_messages('analytics', 2, '00000000-0000-4000-8000-000000000001');
select claim_messages('analytics', 2, '00000000-0000-4000-8000-000000000001');
select claim_messages('like_events', 2, '00000000-0000-4000-8000-000000000002');
select claim_messages('analytics', 1, null);

select results_eq(
  'select queue, claimed, batches, settled_seq from queues.runs order by id',
  $$values ('analytics', 4::bigint, 2::bigint, 0::bigint), ('like_events', 0, 0, 0)$$,
  'messages and batches are counted per run; an empty claim is no batch');
select ok(
  (select bool_and(last_seen_at >= started_at and started_at >= now()) from queues.runs), 'a claim updates last_seen_at');
select is((select count(*) from queues.runs where finished_at is not null), 0::bigint, 'no run has finished');
select throws_ok(
  $$select claim_messages('like_events', 1, '00000000-0000-4000-8000-000000000001')$$,
  'PT422', '`run_id` belongs to a run of queue `analytics`', 'a run belongs to one queue');
select throws_ok(
  $$select settle_messages('like_events', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 1}')$$,
  'PT422', '`run_id` belongs to a run of queue `analytics`', 'settlements check that too');

select * from finish();
rollback;
