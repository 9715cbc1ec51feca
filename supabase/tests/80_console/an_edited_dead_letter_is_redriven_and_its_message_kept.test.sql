begin;
select plan(12);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select pgmq.send('analytics_dlq', '{"queue": "analytics", "msg_id": 7, "message": {"event": 5}, "reason": "invalid_field", "error": "`event` is not a string", "history": [], "attempts": 1}'),
  pgmq.send('analytics_dlq', '{"somebody": "else"}');
select is(operate('redrive_edited', '{"queue": "analytics", "msg_id": 1, "message": {"event": "like"}}') - 'visible_until',
  '{"action": "redrive_edited", "dry_run": true, "affected": 1, "before": {"event": 5}}', 'what it would change');
select is((select message -> 'message' from pgmq.q_analytics_dlq where msg_id = 1), '{"event": 5}', 'it has not');
select is(operate('redrive_edited', '{"queue": "analytics", "msg_id": 1, "message": {"event": "like"}}', false) ->> 'affected', '1', 'then it is redriven');
select is((select array_agg(message) from pgmq.q_analytics), array['{"event": "like"}'::jsonb], 'with the other message');
select is((select array_agg(h ->> 'code' order by n) from queues.failures, jsonb_array_elements(history) with ordinality e (h, n)), '{edited,redriven}', 'its history says so');
select is((select result -> 'before' from queues.operator_log), '{"event": 5}', 'the log has the message that it had');
select is((select settings.max_message_bytes from queues.settings where queue = 'analytics'), 262144, 'a bound');
select throws_ok($$select operate('redrive_edited', jsonb_build_object('queue', 'analytics', 'msg_id', 2, 'message', repeat('x', 262143)))$$, 'PT422', '`message` has more than 262144 bytes', 'that the message must keep to');
select throws_ok($$select operate('redrive_edited', '{"queue": "analytics", "msg_id": 2, "message": 1}')$$, 'PT409', null, 'what is no dead letter is not redriven');
select throws_ok($$select operate('redrive_edited', '{"queue": "analytics", "message": 1}')$$, 'PT422', '`msg_id` is missing', 'which one');
select throws_ok($$select operate('redrive_edited', '{"queue": "analytics", "msg_id": 2}')$$, 'PT422', '`message` is missing', 'and with what');
select lives_ok($$select operate('cancel_redrive', '{"queue": "analytics", "filter": {"msg_ids": [1]}}', false)$$, 'it can be taken back');

select * from finish();
rollback;
