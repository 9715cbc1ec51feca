begin;
select plan(6);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (id, recipient_id, type, data)
select format('00000000-0000-4000-8000-0000000000b%s', n)::uuid, '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}'
from generate_series(1, 3) n;
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel)
select replace(id::text, '00b', '00e')::uuid, id, recipient_id, 'push' from notifications;
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from queues.notification_deliveries order by id;
create view pg_temp.ledger as
select right(id::text, 2) as id, status, reason, uncertain_tries, settled_at is not null as is_settled
from queues.notification_deliveries order by id;

select claim_messages('deliveries');
select settle_messages('deliveries', '{
  "acks": [[2, 1]],
  "dead_letters": [{"msg_id": 3, "read_ct": 1, "code": "unknown_version", "error": "e"}],
  "effects": {"deliveries": [{"id": "00000000-0000-4000-8000-0000000000e2", "status": "sent", "provider": "fcm"}]}}');
select results_eq('table pg_temp.ledger',
  $$values ('e1', 'sending', null, 0, false), ('e2', 'sent', null, 0, true), ('e3', 'failed', 'unknown_version', 0, true)$$,
  'a dead letter without a ledger effect fails its delivery');

-- Workers kept crashing while they held the first message.
update pgmq.q_deliveries set read_ct = 3, vt = clock_timestamp();
select claim_messages('deliveries');
select is((select message ->> 'reason' from pgmq.q_deliveries_dlq order by msg_id desc limit 1), 'worker_crashed', 'a message that kills its workers is dead-lettered');
select results_eq('table pg_temp.ledger',
  $$values ('e1', 'failed', 'worker_crashed', 0, true), ('e2', 'sent', null, 0, true), ('e3', 'failed', 'unknown_version', 0, true)$$,
  'its delivery failed, with that reason');

select queues.redrive('deliveries', '{"reason": "worker_crashed"}');
select is(
  jsonb_path_query_array(claim_messages('deliveries')::jsonb, '$.context.deliveries.*.status'), '["pending"]', 'a redriven message is claimed again');
select results_eq('select status, reason, uncertain_tries, is_settled from pg_temp.ledger where id = $$e1$$',
  $$values ('sending', null, 1, false)$$, 'with an uncertain try');
select settle_messages('deliveries', '{
  "acks": [[4, 2]], "effects": {"deliveries": [{"id": "00000000-0000-4000-8000-0000000000e1", "status": "sent", "provider": "fcm"}]}}');
select is((select status from pg_temp.ledger where id = 'e1'), 'sent', 'and can be sent');

select * from finish();
rollback;
