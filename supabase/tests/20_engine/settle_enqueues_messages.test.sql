begin;
select plan(3);

select settle_messages('like_events', '{"effects": {"enqueue": {
  "notifications": [{"n": 1}, null], "analytics": [{"n": 2}, {"n": 3}]}}}');

select results_eq(
  'select message from pgmq.q_notifications order by msg_id', $$values ('{"n": 1}'::jsonb), ('null')$$, 'messages keep their order');
select results_eq(
  'select message from pgmq.q_analytics order by msg_id', $$values ('{"n": 2}'::jsonb), ('{"n": 3}')$$, 'each queue gets its messages');
select is(
  jsonb_path_query_array(claim_messages('analytics')::jsonb, '$.messages[*].message.n'), '[2, 3]', 'they are visible at once');

select * from finish();
rollback;
