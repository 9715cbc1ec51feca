begin;
select plan(6);

select pgmq.send('analytics', '{"n": 1}');
select pgmq.send('analytics', '{"n": 2}');
update pgmq.q_analytics set read_ct = 3 where msg_id = 1;
create temp table claim as
select claim_messages('analytics', 1, '00000000-0000-4000-8000-000000000001')::jsonb as reply;

select is(
  (select jsonb_path_query_array(reply, '$.messages[*].msg_id') from claim), '[2]',
  'it is not claimed again, and the messages behind it are');
select is((select count(*) from pgmq.q_analytics where msg_id = 1), 0::bigint, 'it left the queue');
select is(
  (select message - '{enqueued_at,first_failed_at,last_failed_at,history}'::text[] from pgmq.q_analytics_dlq),
  '{"queue": "analytics", "msg_id": 1, "message": {"n": 1}, "reason": "worker_crashed",
    "error": "3 workers ended while they held this message", "attempts": 0, "crashes": 3}',
  'it is a dead letter with its reason');
select is(
  (select message #> '{history,0,code}' from pgmq.q_analytics_dlq), '"worker_crashed"', 'the dead letter has the history');
select is((select count(*) from pgmq.a_analytics), 0::bigint, 'it is not archived as a success');
select is((select dead_lettered from queues.runs), 1::bigint, 'the run counts it');

select * from finish();
rollback;
