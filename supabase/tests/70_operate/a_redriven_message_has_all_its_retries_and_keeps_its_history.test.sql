begin;
select plan(7);

select pgmq.send('analytics', '{"n": 1}');
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "http_503",
  "error": "unavailable", "delivered": ["email"]}]}');
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 1, "read_ct": 2, "code": "http_400", "error": "no"}]}');

select is(queues.redrive('analytics') - 'visible_until', '{"redriven": 1, "left": 0}', 'the numbers of redriven and remaining dead letters');
select is((select count(*) from pgmq.q_analytics_dlq), 0::bigint, 'it is no longer a dead letter');
select is(
  (claim_messages('analytics') #> '{messages,0}')::jsonb - '{enqueued_at,vt,size_bytes}'::text[],
  '{"msg_id": 2, "read_ct": 2, "failures": 0, "delivered": ["email"], "message": {"n": 1}}',
  'the original message without failures, with its deliveries');
select is(
  settle_messages('analytics', '{"retries": [{"msg_id": 2, "read_ct": 2, "delay_secs": 0, "code": "http_504", "error": "late"}]}'),
  '{"applied": true, "lost": [], "backlog": 1, "failed": [{"code": "http_504", "msg_id": 2, "outcome": "retried"}]}', 'it can be retried');
select is((claim_messages('analytics') #>> '{messages,0,failures}'), '1', 'its failures count from 1');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 2, "read_ct": 3, "code": "http_410", "error": "gone"}]}');
select results_eq(
  $$select message, details -> 'attempts', details -> 'crashes', details -> 'delivered' from queues.dead_letters('analytics')$$,
  $$values ('{"n": 1}'::jsonb, '2'::jsonb, '0'::jsonb, '["email"]'::jsonb)$$, 'a second dead letter has the later failures');
select is(
  (select jsonb_path_query_array(details, '$.history[*].code') from queues.dead_letters('analytics')),
  '["http_503", "http_400", "redriven", "http_504", "http_410"]', 'and the earlier ones');

select * from finish();
rollback;
