begin;
select plan(6);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');

select pgmq.send('queue_name', jsonb_build_object('post_id', gen_random_uuid(), 'timestamp', now()));
select is(queues.dispatch(), 1, 'a message causes a call');
select results_eq(
  'select url from net.http_request_queue',
  $$values ('https://project.example/functions/v1/process-queue-name'::text)$$,
  'of the worker of its queue');

select is(
  jsonb_path_query_array(claim_messages('queue_name')::jsonb, '$.messages[*].msg_id'), '[1]', 'which claims the message');
select is(
  settle_messages('queue_name', '{"acks": [[1, 1]], "effects": {"enqueue": {"analytics": [{"event": "queue_name"}]}}}') -> 'applied',
  'true', 'and settles it');
select is((select count(*) from pgmq.a_queue_name), 1::bigint, 'an acknowledged message is archived');
select is((select message from pgmq.q_analytics), '{"event": "queue_name"}', 'and its effects are applied');

select * from finish();
rollback;
