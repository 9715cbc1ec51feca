begin;
select plan(7);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (id, recipient_id, type, data) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}');
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel) values
  ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'push');
select pgmq.send('deliveries', '{"v": 1, "delivery_id": "00000000-0000-4000-8000-0000000000e1"}');

-- Dead-letters the message with this effect, redrives it and claims it.
create function pg_temp.redriven(p_told jsonb) returns text language plpgsql as $$
declare
  v_before integer := (select uncertain_tries from queues.notification_deliveries);
  v_msg_id bigint;
begin
  update pgmq.q_deliveries set vt = clock_timestamp();
  select coalesce(max(msg_id), 0) into v_msg_id from pgmq.q_deliveries;
  perform public.settle_messages('deliveries', jsonb_build_object(
    'dead_letters', (
      select jsonb_agg(jsonb_build_object('msg_id', msg_id, 'read_ct', read_ct, 'code', p_told ->> 'reason', 'error', 'e'))
      from pgmq.q_deliveries),
    'effects', jsonb_build_object('deliveries', jsonb_build_array(
      '{"id": "00000000-0000-4000-8000-0000000000e1", "status": "failed", "provider": "fcm"}' || p_told))));
  perform queues.redrive('deliveries');
  update pgmq.q_deliveries set vt = clock_timestamp();
  perform public.claim_messages('deliveries');
  return (select format('%s, %s more', status, uncertain_tries - v_before) from queues.notification_deliveries);
end $$;

select claim_messages('deliveries');
select is((select uncertain_tries from queues.notification_deliveries), 0, 'the first try is certain');
select is(pg_temp.redriven('{"reason": "retries_exhausted", "is_uncertain": true}'), 'sending, 1 more',
  'a try after one that may have been accepted is uncertain');
select is(pg_temp.redriven('{"reason": "retries_exhausted", "is_uncertain": false}'), 'sending, 0 more', 'a try after a definite answer is not');
select is(pg_temp.redriven('{"reason": "retries_exhausted"}'), 'sending, 1 more', 'without is_uncertain, it is uncertain');
select is((select tries from queues.notification_deliveries), 4, 'every claim counts a try');

select settle_messages('deliveries', '{"effects": {"deliveries": [
  {"id": "00000000-0000-4000-8000-0000000000e1", "status": "sent", "provider": "fcm", "is_uncertain": true}]}}');
select is((select is_uncertain from queues.notification_deliveries), false, 'a sent delivery is not uncertain');
select throws_ok(
  $$select settle_messages('deliveries', '{"effects": {"deliveries": [
    {"id": "00000000-0000-4000-8000-0000000000e1", "status": "failed", "is_uncertain": "yes"}]}}')$$,
  'PT422', '`effects.deliveries[0].is_uncertain` is missing or has a wrong type', 'is_uncertain must be a boolean');

select * from finish();
rollback;
