begin;
select plan(12);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into notifications (recipient_id, type, data) select '00000000-0000-4000-8000-0000000000a1', 'new_like', '{}' from generate_series(1, 50);
insert into queues.notification_deliveries (
  notification_id, recipient_id, channel, status, reason, provider, tries, uncertain_tries, claimed_at, settled_at)
select n.id, n.recipient_id, 'push', s.status, 'r', s.provider, 3, s.uncertain, now() - s.age, now() - s.age
from (select id, recipient_id, row_number() over () as place from notifications) n
join (values
  (1, 'sent', 'fcm', 0, interval '1 minute'), (2, 'sent', 'fcm', 1, '1 minute'), (3, 'failed', 'fcm', 2, '59 minutes'),
  (4, 'skipped', 'fcm', 0, '1 minute'), (5, 'sent', 'fcm', 1, '61 minutes'), (6, 'sent', 'fcm', 1, '25 hours'),
  (7, 'sent', 'apns', 0, '1 minute'), (8, 'skipped', null, 0, '1 minute')) s (place, status, provider, uncertain, age) using (place);

create function pg_temp.verdict() returns text language sql as
$$select concat_ws(': ', state, reason, '-> ' || remedy) from queues.delivery_health() where provider = 'fcm'$$;

select results_eq(
  'select provider, state, sent_60_min, failed_60_min, skipped_60_min, uncertain_24_h from queues.delivery_health()',
  $$values ('apns', 'closed', 1::bigint, 0::bigint, 0::bigint, 0::bigint), ('fcm', 'closed', 2, 1, 1, 4),
    ('http', 'closed', 0, 0, 0, 0), ('openai', 'closed', 0, 0, 0, 0), ('resend', 'closed', 0, 0, 0, 0), ('sendgrid', 'closed', 0, 0, 0, 0), ('web_push', 'closed', 0, 0, 0, 0)$$,
  'each provider with its numbers');
select is(pg_temp.verdict(), 'closed', 'a closed breaker needs no action');

with device as (
  insert into devices (profile_id, provider, token) values ('00000000-0000-4000-8000-0000000000a1', 'apns', 'd0') returning id
)
update queues.notification_deliveries set device_id = (select id from device) where provider is null;
select is(
  (select skipped_60_min from queues.delivery_health() where provider = 'apns'), 1::bigint,
  'a skipped push counts for the provider of its device');

update queues.circuit_breakers set open_until = clock_timestamp() + interval '1 minute', reason = 'http_503: unavailable', failures = 5
where provider = 'fcm';
select matches(pg_temp.verdict(), '^open: http_503: unavailable: -> no action is needed');
update queues.circuit_breakers set open_until = clock_timestamp() where provider = 'fcm';
select matches(pg_temp.verdict(), '^half_open: ');
update queues.circuit_breakers set reason = 'provider_misconfigured: SENDER_ID_MISMATCH' where provider = 'fcm';
select matches(pg_temp.verdict(), '-> correct the secret FCM_SERVICE_ACCOUNT .*then `select queues.close_breaker\(''fcm''\)`');

set local role service_role;
select queues.close_breaker('fcm');
select is(pg_temp.verdict(), 'closed', 'the service may close a breaker');
reset role;
select results_eq(
  $$select version, failures, trips, probe_until from queues.circuit_breakers where provider = 'fcm'$$,
  $$values (1::bigint, 0, 0, null::timestamptz)$$, 'workers cannot update it with an older version');
select throws_ok($$select queues.close_breaker('fax')$$, 'PT404', 'there is no provider `fax`');
select is(
  (select failed_60_min from queues.health() where queue = 'deliveries'), 0::bigint, 'the health of the queue is ok');

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body, status, decided_at, opinion)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'comment',
  'flagged', now(), case when n < 3 then '{"provider": "openai"}'::jsonb end
from generate_series(1, 4) n;
insert into pgmq.a_comment_opinions (msg_id, read_ct, enqueued_at, archived_at, vt, message)
select n, 1, now(), now() - m.age, now(), m.message from (values
  (1, interval '1 minute', '{"comment_id": "00000000-0000-4000-8000-0000000000c1", "revision": 1}'::jsonb),
  (2, '61 minutes', '{"comment_id": "00000000-0000-4000-8000-0000000000c2", "revision": 1}'),
  (3, '1 minute', '{"comment_id": "00000000-0000-4000-8000-0000000000c3", "revision": 1}'),
  (4, '1 minute', '{"comment_id": "00000000-0000-4000-8000-0000000000c1", "revision": 7}'), (5, '1 minute', '[]')) m (n, age, message);
select pgmq.send('comment_opinions_dlq', '{}');
select results_eq($$select sent_60_min, failed_60_min, skipped_60_min from queues.delivery_health() where provider in ('openai', 'http') order by provider$$,
  $$values (0::bigint, 0::bigint, 0::bigint), (1, 0, 0)$$, 'opinions count for the service that gave them');
update queues.comment_settings set opinion_provider = 'http';
select results_eq($$select sent_60_min, failed_60_min, skipped_60_min from queues.delivery_health() where provider in ('openai', 'http') order by provider$$,
  $$values (0::bigint, 1::bigint, 3::bigint), (1, 0, 0)$$, 'and those that are missing for the one that is asked now');

select * from finish();
rollback;
