begin;
select plan(4);

select pgmq.send('analytics', '1');
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e",
  "delivered": ["push:b", "push:a"]}]}');
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 1, "read_ct": 2, "code": "c", "error": "e",
  "delivered": ["email", "push:b"]}]}');

select is(
  (select details -> 'delivered' from queues.dead_letters('analytics')), '["email", "push:a", "push:b"]',
  'the letter tells what was delivered on the last try and before');
select queues.redrive('analytics');
select is(
  claim_messages('analytics')::jsonb #> '{messages,0,delivered}', '["email", "push:a", "push:b"]',
  'and so does the message in its second life');

select pgmq.send('analytics', '2');
select claim_messages('analytics');
select settle_messages('analytics', format('{"dead_letters": [{"msg_id": %s, "read_ct": 1, "code": "c", "error": "e", "delivered": ["email"]}]}',
  (select max(msg_id) from pgmq.q_analytics))::jsonb);
select is((select details -> 'delivered' from queues.dead_letters('analytics')), '["email"]', 'also of a first try');

select pgmq.send('analytics', '3');
select claim_messages('analytics');
select settle_messages('analytics', format('{"dead_letters": [{"msg_id": %s, "read_ct": 1, "code": "c", "error": "e"}]}',
  (select max(msg_id) from pgmq.q_analytics))::jsonb);
select is(
  (select details ? 'delivered' from queues.dead_letters('analytics') where message = '3'), false, 'nothing is nothing');

select * from finish();
rollback;
