begin;
select plan(7);

select pgmq.send_batch('like_events', array(select to_jsonb(n) from generate_series(1, 5) n));
select claim_messages('like_events', 5, '00000000-0000-4000-8000-000000000001');
-- Another worker has claimed message 2 since, and settled message 4.
update pgmq.q_like_events set read_ct = 2 where msg_id = 2;
delete from pgmq.q_like_events where msg_id = 4;
create temp table before as select msg_id, read_ct, vt from pgmq.q_like_events;

select is(
  settle_messages('like_events', '{
    "run_id": "00000000-0000-4000-8000-000000000001", "seq": 1, "stopped_because": "empty",
    "acks": [[1, 1], [2, 1]], "releases": [[3, 1]],
    "retries": [{"msg_id": 5, "read_ct": 1, "delay_secs": 9, "code": "c", "error": "e"}],
    "dead_letters": [{"msg_id": 4, "read_ct": 1, "code": "c", "error": "e"}],
    "effects": {
      "enqueue": {"analytics": [1]},
      "analytics_events": [{"event_type": "like"}],
      "analytics_daily": [{"day": "2026-01-01", "event_type": "like", "count": 1}]}}'),
  '{"applied": false, "lost": [2, 4], "backlog": 0}', 'the lost leases are named');
select results_eq(
  'select msg_id, read_ct, vt from pgmq.q_like_events order by msg_id', 'select * from before order by msg_id',
  'no message changed');
select is((select count(*) from pgmq.a_like_events) + (select count(*) from pgmq.q_like_events_dlq), 0::bigint, 'no message moved');
select is((select count(*) from queues.failures), 0::bigint, 'no failure is recorded');
select is(
  (select count(*) from pgmq.q_analytics) + (select count(*) from analytics_events) + (select count(*) from analytics_daily),
  0::bigint, 'no effect was applied');
select results_eq(
  'select processed, retried, released, dead_lettered, lost, settled_seq, finished_at from queues.runs',
  $$values (0::bigint, 0::bigint, 0::bigint, 0::bigint, 2::bigint, 0::bigint, null::timestamptz)$$,
  'the run counts the lost leases and nothing else');
select is(
  settle_messages('like_events', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 1,
    "acks": [[1, 1], [3, 1], [5, 1]]}') -> 'applied', 'true', 'the leases it still holds can be settled');

select * from finish();
rollback;
