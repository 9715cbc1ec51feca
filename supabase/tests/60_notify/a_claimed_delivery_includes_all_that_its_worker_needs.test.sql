begin;
select plan(11);

insert into profiles (id, username, language, push_token, email_notifications, quiet_from, quiet_until) values
  ('00000000-0000-4000-8000-0000000000a1', 'ana', 'es', 'old phone', null, '22:00', '07:30'),
  ('00000000-0000-4000-8000-0000000000a2', 'bob', null, 'lent phone', false, null, null);
insert into devices (id, profile_id, provider, token, p256dh, auth) values
  ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000a1', 'web_push', 'https://push.example:443/s', 'key', 'secret'),
  ('00000000-0000-4000-8000-0000000000d2', '00000000-0000-4000-8000-0000000000a1', 'fcm', 'lent phone', null, null);
insert into notifications (id, recipient_id, type, data, title, body, url, actor_count, read_at, withdrawn_at) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'new_like', '{"n": 1}', 'T', 'B', '/p', 2, null, null),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2', 'new_like', '{}', 'T', 'B', null, 1, now(), now());
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel, device_id, created_at) values
  ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'push', '00000000-0000-4000-8000-0000000000d1', now() - interval '1 hour'),
  ('00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'push', null, now()),
  ('00000000-0000-4000-8000-0000000000e3', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'email', null, now()),
  ('00000000-0000-4000-8000-0000000000e4', '00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2', 'push', null, now()),
  ('00000000-0000-4000-8000-0000000000e5', '00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2', 'push', '00000000-0000-4000-8000-0000000000d2', now());
select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from queues.notification_deliveries order by id;
create temp table context as select claim_messages('deliveries')::jsonb -> 'context' as context;

create function pg_temp.delivery(p_id text, p_path text default '') returns jsonb language sql as
$$select context -> 'deliveries' -> ('00000000-0000-4000-8000-0000000000' || p_id) #> string_to_array(nullif(p_path, ''), '.') from context$$;

select is(
  (select context -> 'deliveries' -> '00000000-0000-4000-8000-0000000000e1' #- '{age_secs}' #- '{recipient,local_time}' from context),
  '{"status": "pending", "channel": "push", "tries": 0,
    "notification": {"id": "00000000-0000-4000-8000-0000000000b1", "type": "new_like", "title": "T", "body": "B", "url": "/p",
      "data": {"n": 1}, "actor_count": 2, "is_read": false, "is_withdrawn": false},
    "recipient": {"id": "00000000-0000-4000-8000-0000000000a1", "language": "es", "push_notifications": true,
      "email_notifications": true, "email": null, "unsubscribe_token": null,
      "quiet": {"from": "22:00:00", "until": "07:30:00"}, "sent_last_hour": 0},
    "about": null, "service": "push.example",
    "device": {"id": "00000000-0000-4000-8000-0000000000d1", "provider": "web_push", "token": "https://push.example:443/s",
      "p256dh": "key", "auth": "secret"}}', 'a push to a device');
select ok((pg_temp.delivery('e1', 'age_secs'))::integer between 3600 and 3660, 'its age');
select is(
  pg_temp.delivery('e2', 'device'), '{"id": null, "provider": "fcm", "token": "old phone", "p256dh": null, "auth": null}',
  'a push to the token of the profile');
select is(pg_temp.delivery('e3', 'device'), 'null', 'an email has no device');
select is(
  pg_temp.delivery('e3', 'about'), '{"post_id": null, "caption": null, "photo": null, "may_appeal": false}',
  'but what it shows of a post and a comment');
select is(pg_temp.delivery('e4', 'device'), 'null', 'a token that somebody else has registered since is left out');
select is(pg_temp.delivery('e5', 'device'), 'null', 'so is a device that somebody else has registered since');
select results_eq(
  $$select pg_temp.delivery('e4', 'notification.is_read'), pg_temp.delivery('e4', 'notification.is_withdrawn'),
    pg_temp.delivery('e4', 'recipient.email_notifications'), pg_temp.delivery('e4', 'recipient.quiet')$$,
  $$values ('true'::jsonb, 'true'::jsonb, 'false'::jsonb, 'null'::jsonb)$$, 'a notification that was read or withdrawn since says so');
select is(
  (select context -> 'settings' from context),
  '{"hourly_caps": {"push": 20, "email": 6}, "max_age_secs": 86400, "breaker_failures": 5, "breaker_base_secs": 30,
    "breaker_cap_secs": 900}', 'the settings are included');
select is(
  (select jsonb_path_query_array(context, '$.breakers[*].provider') from context), '["fcm", "resend", "sendgrid", "web_push", "web_push"]',
  'the breakers that it may need are included');
select is(
  (select jsonb_path_query_array(context, '$.breakers[*].service') from context), '["push.example"]',
  'and that of the push service');

select * from finish();
rollback;
