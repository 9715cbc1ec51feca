begin;
select plan(3);

insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
select queues.notify(jsonb_build_array(jsonb_build_object(
  'recipient_id', '00000000-0000-4000-8000-00000000000a', 'type', 'new_like', 'group', 'new_like:p', 'since', now(), 'actor', 's', 'actor_name', null,
  'at', now(), 'withdrawn', false, 'title', 't', 'bodies', '["b"]'::jsonb, 'someone', 's', 'url', '/',
  'data', '{"metadata": {"correlation_id": "0af7651916cd43dd8448eb211c80319c"}}'::jsonb,
  'deliveries', '[{"channel": "email", "device_id": null, "delay_secs": 0, "skipped": null}]'::jsonb)));
select is((select array_agg(message ->> 'correlation_id') from pgmq.q_deliveries), '{0af7651916cd43dd8448eb211c80319c}', 'the message of a delivery');
select is((queues.deliveries_page('{"correlation_id": "0af7651916cd43dd8448eb211c80319c"}') #>> '{items,0,correlation_id}'), '0af7651916cd43dd8448eb211c80319c', 'the ledger is searched by it');
select is(queues.deliveries_page('{"correlation_id": "1af7651916cd43dd8448eb211c80319c"}') -> 'items', '[]', 'and finds no other');

select * from finish();
rollback;
