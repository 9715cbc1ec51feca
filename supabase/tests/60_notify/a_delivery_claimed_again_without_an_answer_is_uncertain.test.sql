begin;
select plan(5);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (id, recipient_id, type, data) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}');
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel) values
  ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'email');
select pgmq.send('deliveries', '{"v": 1, "delivery_id": "00000000-0000-4000-8000-0000000000e1"}');

create function pg_temp.claim() returns text language plpgsql as $$
begin
  update pgmq.q_deliveries set vt = clock_timestamp();
  return (
    select format('was %s after %s tries', d ->> 'status', d ->> 'tries')
    from jsonb_path_query(public.claim_messages('deliveries')::jsonb, '$.context.deliveries.*') d);
end $$;
create function pg_temp.settle(p_read_ct integer, p_status text) returns jsonb language sql as
$$select public.settle_messages('deliveries', jsonb_build_object(
    'retries', jsonb_build_array(jsonb_build_object('msg_id', 1, 'read_ct', p_read_ct, 'delay_secs', 0, 'code', 'c', 'error', 'e')),
    'effects', jsonb_build_object('deliveries', jsonb_build_array(jsonb_build_object(
      'id', '00000000-0000-4000-8000-0000000000e1', 'status', p_status, 'reason', 'http_503', 'provider', 'sendgrid',
      'provider_message_id', null)))))$$;
create view pg_temp.ledger as select status, tries, uncertain_tries from queues.notification_deliveries;

select is(pg_temp.claim(), 'was pending after 0 tries', 'a first claim is certain');
select is(pg_temp.claim(), 'was sending after 1 tries', 'a claim after a worker that ended without an answer');
select results_eq('select * from pg_temp.ledger', $$values ('sending', 2, 1)$$, 'counts an uncertain try');

select pg_temp.settle(2, 'pending');
select pg_temp.claim();
select results_eq('select * from pg_temp.ledger', $$values ('sending', 3, 1)$$, 'a claim after a refusal does not');
select pg_temp.settle(3, 'sending');
select pg_temp.claim();
select results_eq('select * from pg_temp.ledger', $$values ('sending', 4, 2)$$, 'a claim after a try without an answer does');

select * from finish();
rollback;
