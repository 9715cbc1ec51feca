begin;
select plan(13);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into devices (profile_id, provider, token, p256dh, auth)
select '00000000-0000-4000-8000-0000000000a1', 'web_push', token, 'key', 'secret'
from unnest(array['https://web.push.apple.com/a', 'https://web.push.apple.com:443/b', 'https://fcm.googleapis.com/c', 'junk']) token;
insert into notifications (id, recipient_id, type, data)
select gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}' from generate_series(1, 9);
insert into queues.notification_deliveries (notification_id, recipient_id, channel, device_id)
select n.id, n.recipient_id, 'push', d.id from notifications n cross join devices d;
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', l.id))
from queues.notification_deliveries l join devices d on d.id = l.device_id order by l.notification_id, d.token desc;

create function pg_temp.breakers() returns jsonb language sql as
$$select claim_messages('deliveries', 4)::jsonb #> '{context,breakers}'$$;
create function pg_temp.set(p_service text, p_version bigint, p_failures integer, p_open_secs integer) returns void language sql as
$$select settle_messages('deliveries', jsonb_build_object('effects', jsonb_build_object('breakers', jsonb_build_array(
    jsonb_build_object('provider', 'web_push', 'service', p_service, 'version', p_version, 'failures', p_failures, 'trips', 1,
      'open_secs', p_open_secs, 'reason', 'provider_misconfigured: BadJwtToken')))))$$;
create function pg_temp.services(p_breakers jsonb, p_filter text) returns text[] language sql as
$$select array_agg(coalesce(b ->> 'service', b ->> 'provider') order by b ->> 'service' nulls first)
  from jsonb_array_elements(p_breakers) b where b @> p_filter::jsonb$$;

select is(
  pg_temp.services(pg_temp.breakers(), '{"version": 0, "failures": 0, "open_secs": null, "may_probe": false}'),
  '{web_push,fcm.googleapis.com,web.push.apple.com}', 'a claim includes the breakers of the push services that it needs');
select is((select count(*) from queues.circuit_breakers where service <> ''), 0::bigint, 'reading them makes no rows');

select pg_temp.set('web.push.apple.com', 0, 5, 30);
select is(pg_temp.services(pg_temp.breakers(), '{"open_secs": null}'), '{web_push,fcm.googleapis.com}', 'one opens alone');
select pg_temp.set('web.push.apple.com', 0, 0, null);
select is(
  (select failures from queues.circuit_breakers where service = 'web.push.apple.com'), 5,
  'an update with an older version changes nothing');

update queues.circuit_breakers set open_until = clock_timestamp() where service = 'web.push.apple.com';
select is(pg_temp.services(pg_temp.breakers(), '{"may_probe": true}'), '{web.push.apple.com}', 'one claim may probe it');
select is(pg_temp.services(pg_temp.breakers(), '{"may_probe": true}'), null, 'no other claim may');

select matches(
  (select concat_ws(' ', provider, state, service, remedy) from queues.delivery_health() where service is not null),
  '^web_push half_open web.push.apple.com .*VAPID_SUBJECT.*queues.close_breaker\(''web_push'', ''web.push.apple.com''\)');
select is((select state from queues.delivery_health() where provider = 'web_push' and service is null), 'closed', 'the provider works');

select lives_ok($$select queues.close_breaker('web_push', 'web.push.apple.com')$$, 'the remedy works as printed');
select is_empty('select from queues.delivery_health() where service is not null', 'a closed one is not listed');
select throws_ok(
  $$select queues.close_breaker('web_push', 'fax')$$, 'PT404', 'there is no provider `web_push` with the push service `fax`');

update queues.circuit_breakers set updated_at = now() - interval '25 hours';
select pg_temp.set('fcm.googleapis.com', 0, 1, null);
select is(queues.prune_breakers(100), 1, 'housekeeping removes those that are no longer needed');
select is((select array_agg(provider order by provider) from queues.circuit_breakers where service = '' and provider in ('fcm', 'apns', 'web_push', 'resend', 'sendgrid')),
  '{apns,fcm,resend,sendgrid,web_push}', 'and never those of the providers');

select * from finish();
rollback;
