begin;
select plan(5);

select pgmq.send('analytics', '{"n": 1}');
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 300, "code": "http_503",
  "error": "unavailable", "delivered": ["b", "a"]}]}');

select ok(
  (select vt between clock_timestamp() + interval '290 secs' and clock_timestamp() + interval '300 secs' from pgmq.q_analytics),
  'it becomes visible after the delay');
select results_eq(
  $$select queue, msg_id, failures, settlements, settled_read_ct, last_code, last_error, delivered from queues.failures$$,
  $$values ('analytics', 1::bigint, 1, 1, 1, 'http_503', 'unavailable', '{b,a}'::text[])$$,
  'its failure is recorded');

update pgmq.q_analytics set vt = clock_timestamp();
create temp table second as select claim_messages('analytics')::jsonb #> '{messages,0}' as message;
select is(
  (select message - '{enqueued_at,vt,size_bytes}'::text[] from second),
  '{"msg_id": 1, "read_ct": 2, "failures": 1, "delivered": ["b", "a"], "message": {"n": 1}}',
  'the next claim returns the failures and deliveries');

select settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 2, "delay_secs": 0, "code": "http_429",
  "error": "slow down", "delivered": ["c", "b", "\"q\\"]}]}');
select is(
  (select jsonb_path_query_array(history, '$[*].code') from queues.failures), '["http_503", "http_429"]',
  'the history grows, oldest first');
select results_eq(
  'select failures, last_code, delivered, last_failed_at >= first_failed_at from queues.failures',
  $$values (2, 'http_429', array['"q\', 'a', 'b', 'c'], true)$$, 'deliveries are merged');

select * from finish();
rollback;
