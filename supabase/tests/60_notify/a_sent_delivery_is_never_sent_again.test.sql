begin;
select plan(8);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (id, recipient_id, type, data) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}');
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel, device_id)
select id::uuid, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'push', id::uuid
from unnest(array['00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000e3']) id;
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from queues.notification_deliveries order by id;

create function pg_temp.claim() returns setof text language plpgsql as $$
begin
  update pgmq.q_deliveries set vt = clock_timestamp();
  return query select d ->> 'status'
    from jsonb_each(public.claim_messages('deliveries')::jsonb #> '{context,deliveries}') d (id, d) order by id;
end $$;
create view pg_temp.ledger as
select status, reason, provider, provider_message_id, tries, settled_at is not null as is_settled
from queues.notification_deliveries order by id;

select results_eq('select pg_temp.claim()', $$values ('pending'), ('pending'), ('pending')$$, 'three are claimed');
select settle_messages('deliveries', '{
  "acks": [[1, 1], [2, 1]],
  "dead_letters": [{"msg_id": 3, "read_ct": 1, "code": "invalid_token", "error": "no such thing"}],
  "effects": {"deliveries": [
    {"id": "00000000-0000-4000-8000-0000000000e3", "status": "failed", "reason": "invalid_token", "provider": "fcm", "provider_message_id": null,
      "is_uncertain": false},
    {"id": "00000000-0000-4000-8000-0000000000e1", "status": "sent", "reason": null, "provider": "fcm", "provider_message_id": "m1"},
    {"id": "00000000-0000-4000-8000-0000000000e2", "status": "skipped", "reason": "hourly_cap", "provider": null, "provider_message_id": null},
    {"id": "00000000-0000-4000-8000-0000000000ff", "status": "sent", "reason": null, "provider": null, "provider_message_id": null}]}}');
create temp table expected as
select * from (values
  ('sent', null, 'fcm', 'm1', 1, true), ('skipped', 'hourly_cap', null, null, 1, true),
  ('failed', 'invalid_token', 'fcm', null, 1, true)) e;
select results_eq('table pg_temp.ledger', 'table expected', 'their outcomes are recorded');

-- A second message may come from elsewhere, or from a redrive after a restored backup.
select pgmq.send('deliveries', jsonb_build_object('delivery_id', id)) from queues.notification_deliveries
where status <> 'failed' order by id;
select results_eq('select pg_temp.claim()', $$values ('sent'), ('skipped')$$, 'a second message gets the status');
select results_eq('table pg_temp.ledger', 'table expected', 'nothing is claimed');
select settle_messages('deliveries', '{"effects": {"deliveries": [
  {"id": "00000000-0000-4000-8000-0000000000e1", "status": "pending"}, {"id": "00000000-0000-4000-8000-0000000000e2", "status": "sending"}]}}');
select results_eq('table pg_temp.ledger', 'table expected', 'a settlement cannot undo it');

select pgmq.purge_queue('deliveries');
select queues.redrive('deliveries');
select results_eq('select pg_temp.claim()', $$values ('pending')$$, 'a failed delivery is pending after a redrive');
select is(
  (select status || ' ' || tries || coalesce(reason, '') from queues.notification_deliveries where device_id::text like '%e3'),
  'sending 2', 'it is claimed');
select is((select uncertain_tries from queues.notification_deliveries where device_id::text like '%e3'), 0, 'without an uncertain try');

select * from finish();
rollback;
