begin;
select plan(3);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (id, recipient_id, type, data) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}');
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel)
select id, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', channel
from (values ('00000000-0000-4000-8000-0000000000e1'::uuid, 'push'), ('00000000-0000-4000-8000-0000000000e2', 'email')) d (id, channel);

update queues.settings set max_message_bytes = 200 where queue = 'deliveries';
select pgmq.send('deliveries', message) from unnest(array[
  'null', '1', '""', '[]', '{}', '[{"delivery_id": 1}]', '{"delivery_id": null}', '{"delivery_id": 7}', '{"delivery_id": {}}',
  '{"delivery_id": ["00000000-0000-4000-8000-0000000000e1"]}', '{"delivery_id": "00000000-0000-4000-8000"}',
  '{"delivery_id": "{00000000-0000-4000-8000-0000000000e1}"}', '{"v": 2, "delivery_id": "00000000-0000-4000-8000-0000000000e2"}',
  '{"v": "1", "delivery_id": "00000000-0000-4000-8000-0000000000e2"}', '{"delivery_id": "00000000-0000-4000-8000-0000000000ff"}',
  '{"delivery_id": "00000000-0000-4000-8000-0000000000E1"}', '{"v": 1, "delivery_id": "00000000-0000-4000-8000-0000000000e1"}'
]::jsonb[]) message;
select pgmq.send('deliveries', jsonb_build_object('delivery_id', '00000000-0000-4000-8000-0000000000e2', 'x', repeat('x', 200)));

create temp table claim as select claim_messages('deliveries')::jsonb as claim;
select is((select jsonb_array_length(claim -> 'messages') from claim), 18, 'all messages are claimed');
select is(
  (select array_agg(id) from claim, jsonb_object_keys(claim #> '{context,deliveries}') id),
  '{00000000-0000-4000-8000-0000000000e1}', 'a delivery that a message names has one entry');
select results_eq(
  'select status, tries from queues.notification_deliveries order by id', $$values ('sending', 1), ('pending', 0)$$,
  'it is claimed once');

select * from finish();
rollback;
