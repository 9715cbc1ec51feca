begin;
select plan(11);

insert into profiles (id, push_token) values ('00000000-0000-4000-8000-0000000000a1', 'token');
insert into notifications (id, recipient_id, type, data)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}' from generate_series(1, 9) n;
insert into queues.notification_deliveries (notification_id, recipient_id, channel)
select id, recipient_id, 'push' from notifications;
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from queues.notification_deliveries;

create function pg_temp.claim() returns setof jsonb language sql as
$$select jsonb_path_query(public.claim_messages('deliveries', 1)::jsonb, '$.context.breakers[*]')$$;
create function pg_temp.set(p_version bigint, p_failures integer, p_open_secs integer) returns jsonb language sql as
$$select public.settle_messages('deliveries', jsonb_build_object('effects', jsonb_build_object('breakers', jsonb_build_array(
    jsonb_build_object('provider', 'fcm', 'version', p_version, 'failures', p_failures, 'trips', 1, 'open_secs', p_open_secs,
      'reason', 'http_503')))))$$;

select is(pg_temp.claim(), '{"provider": "fcm", "version": 0, "failures": 0, "trips": 0, "open_secs": null, "may_probe": false, "reason": null}', 'a closed breaker');
select pg_temp.set(0, 5, 30);
select is(pg_temp.claim() - 'open_secs', '{"provider": "fcm", "version": 1, "failures": 5, "trips": 1, "may_probe": false, "reason": "http_503"}', 'an open breaker');
select is(
  (select open_until - updated_at from queues.circuit_breakers where provider = 'fcm'), interval '30 seconds', 'open_secs is the time left');
select pg_temp.set(0, 0, null);
select is((select version from queues.circuit_breakers where provider = 'fcm'), 1::bigint,
  'an update with an older version changes nothing');

update queues.circuit_breakers set open_until = clock_timestamp() where provider = 'fcm';
select is(pg_temp.claim(), '{"provider": "fcm", "version": 1, "failures": 5, "trips": 1, "open_secs": 0, "may_probe": true, "reason": "http_503"}', 'after open_until, one claim may probe');
select is(pg_temp.claim() -> 'may_probe', 'false', 'no other claim may');
select ok(
  (select probe_until - clock_timestamp() between interval '25 seconds' and interval '30 seconds' from queues.circuit_breakers
   where provider = 'fcm'), 'for 30 seconds');
update queues.circuit_breakers set probe_until = clock_timestamp() where provider = 'fcm';
select is(pg_temp.claim() -> 'may_probe', 'true', 'then another claim may, in case the worker has ended');
select pg_temp.set(1, 0, 0);
select is(pg_temp.claim() -> 'may_probe', 'true', 'or as soon as the worker updates the breaker');

select pgmq.purge_queue('deliveries');
update queues.circuit_breakers set probe_until = null where provider = 'fcm';
insert into queues.notification_deliveries (notification_id, recipient_id, channel, status, reason)
select id, recipient_id, 'email', 'skipped', 'preference_off' from notifications limit 1;
update notifications set withdrawn_at = now();
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from queues.notification_deliveries
where channel = 'email' or notification_id::text like '%1';
select is_empty('select pg_temp.claim() from generate_series(1, 3)', 'a delivery that needs no provider takes no permit');
select is(
  (select array_agg(provider || ' ' || version order by provider) from queues.circuit_breakers where version > 0), '{"fcm 2"}', 'each provider has its own permit');

select * from finish();
rollback;
