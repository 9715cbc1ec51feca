begin;
select plan(7);

select pgmq.send('analytics', '{"n": 1}');
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "http_503", "error": "unavailable"}]}');
create temp table failed as select first_failed_at from queues.failures;
-- An expired lease counts as a crash; the suspect gets another chance.
select claim_messages('analytics');
update pgmq.q_analytics set vt = clock_timestamp();
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 1, "read_ct": 3, "code": "http_400", "error": "no such thing"}]}');

create temp table letter as select message from pgmq.q_analytics_dlq;
select is(
  (select message - '{enqueued_at,first_failed_at,last_failed_at,history}'::text[] from letter),
  '{"queue": "analytics", "msg_id": 1, "message": {"n": 1}, "reason": "http_400", "error": "no such thing",
    "attempts": 2, "crashes": 1}',
  'it has the message, the reason, and the numbers of attempts and crashes');
select is(
  (select jsonb_path_query_array(message, '$.history[*].code') from letter), '["http_503", "http_400"]', 'it has the history');
select is(
  (select (message ->> 'first_failed_at')::timestamptz from letter), (select first_failed_at from failed), 'it has the time of the first failure');
select is(
  (select message ->> 'last_failed_at' from letter), (select message #>> '{history,1,at}' from letter), 'it has the time of the last failure');
select is((select (message ->> 'enqueued_at')::timestamptz from letter), now(), 'it has the time it was enqueued');
select is((select count(*) from pgmq.q_analytics), 0::bigint, 'the message has left its queue');
select is((select count(*) from queues.failures) + (select count(*) from pgmq.a_analytics), 0::bigint, 'its row in failures is deleted');

select * from finish();
rollback;
