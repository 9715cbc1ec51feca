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
  'the dead letter lists the deliveries of the last try and of earlier ones');
select queues.redrive('analytics');
select is(
  claim_messages('analytics')::jsonb #> '{messages,0,delivered}', '["email", "push:a", "push:b"]',
  'the redriven message has the same list');

select pgmq.send('analytics', '2');
select claim_messages('analytics');
select settle_messages('analytics', format('{"dead_letters": [{"msg_id": %s, "read_ct": 1, "code": "c", "error": "e", "delivered": ["email"]}]}',
  (select max(msg_id) from pgmq.q_analytics))::jsonb);
select is((select details -> 'delivered' from queues.dead_letters('analytics')), '["email"]', 'deliveries of a first try are listed');

select pgmq.send('analytics', '3');
select claim_messages('analytics');
select settle_messages('analytics', format('{"dead_letters": [{"msg_id": %s, "read_ct": 1, "code": "c", "error": "e"}]}',
  (select max(msg_id) from pgmq.q_analytics))::jsonb);
select is(
  (select details ? 'delivered' from queues.dead_letters('analytics') where message = '3'), false, 'without deliveries there is no list');

select * from finish();
rollback;
