begin;
select plan(10);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

update profiles set language = 'es', push_token = 'old', quiet_from = '22:00', quiet_until = '07:30'
where id = '00000000-0000-4000-8000-00000000000a';
update profiles set language = null, push_notifications = null, email_notifications = false
where id = '00000000-0000-4000-8000-00000000000b';
insert into auth.users (id, email, email_confirmed_at) values
  ('00000000-0000-4000-8000-00000000000a', 'ann@example.org', now()), ('00000000-0000-4000-8000-00000000000b', 'bob@example.org', null);
insert into devices (id, profile_id, provider, token, last_seen_at) values
  ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-00000000000a', 'fcm', 't1', now() - interval '2 days'),
  ('00000000-0000-4000-8000-0000000000d2', '00000000-0000-4000-8000-00000000000a', 'apns', 't2', now() - interval '1 day');

create function pg_temp.context(variadic p_recipients text[]) returns jsonb language plpgsql as $$
begin
  return queues.notification_context((
    select jsonb_agg(jsonb_build_object('msg_id', 1, 'message', jsonb_build_object('recipient_id', r))) from unnest(p_recipients) r));
end $$;

select is(pg_temp.context('00000000-0000-4000-8000-00000000000a') -> 'settings', '{"coalesce_secs": 3600, "email_delay_secs": 600}',
  'the settings are included');
select is((pg_temp.context('00000000-0000-4000-8000-00000000000a') #> '{recipients,00000000-0000-4000-8000-00000000000a}') - 'local_time',
  '{"language": "es", "push_notifications": true, "email_notifications": true, "has_email": true,
    "devices": [{"id": "00000000-0000-4000-8000-0000000000d2", "provider": "apns"},
      {"id": "00000000-0000-4000-8000-0000000000d1", "provider": "fcm"}, {"id": null, "provider": "fcm"}],
    "quiet": {"from": "22:00:00", "until": "07:30:00"}}',
  'a recipient has preferences, devices (latest first) and the token of the profile');
select is((pg_temp.context('00000000-0000-4000-8000-00000000000b') #> '{recipients,00000000-0000-4000-8000-00000000000b}') - 'local_time',
  '{"language": null, "push_notifications": true, "email_notifications": false, "has_email": false, "devices": [], "quiet": null}',
  'unset preferences have defaults; an unconfirmed address does not count');

update queues.notification_settings set quiet_from = '23:00', quiet_until = '06:00';
select is(pg_temp.context('00000000-0000-4000-8000-00000000000b') #> '{recipients,00000000-0000-4000-8000-00000000000b,quiet}',
  '{"from": "23:00:00", "until": "06:00:00"}', 'the default quiet hours apply to people without their own');
update profiles set quiet_from = '00:00', quiet_until = '00:00' where id = '00000000-0000-4000-8000-00000000000b';
select is(pg_temp.context('00000000-0000-4000-8000-00000000000b') #> '{recipients,00000000-0000-4000-8000-00000000000b,quiet}',
  'null', 'but not to those who turned them off');

insert into devices (profile_id, provider, token) values ('00000000-0000-4000-8000-00000000000b', 'fcm', 'old');
select is(
  jsonb_path_query_array(pg_temp.context('00000000-0000-4000-8000-00000000000a'), '$.recipients.*.devices[*].id'),
  '["00000000-0000-4000-8000-0000000000d2", "00000000-0000-4000-8000-0000000000d1"]',
  'a profile token that is registered by somebody else is left out');
insert into devices (profile_id, provider, token, last_seen_at)
select '00000000-0000-4000-8000-00000000000a', 'fcm', n::text, now() + make_interval(secs => n) from generate_series(1, 25) n;
select is(
  jsonb_array_length(pg_temp.context('00000000-0000-4000-8000-00000000000a')
    #> '{recipients,00000000-0000-4000-8000-00000000000a,devices}'), 20, 'the 20 latest devices are included');
select is(
  array(select jsonb_object_keys(pg_temp.context('00000000-0000-4000-8000-00000000000A', '{00000000-0000-4000-8000-00000000000b}',
    '00000000-0000-4000-8000-00000000000f') -> 'recipients') order by 1),
  '{00000000-0000-4000-8000-00000000000a,00000000-0000-4000-8000-00000000000b}',
  'a uuid may be written in any form');

select is(
  queues.notification_context('[{"message": {"actor_profile_id": "00000000-0000-4000-8000-00000000000b"}},
    {"message": {"actor_profile_id": "URN:UUID:{00000000-0000-4000-8000-00000000000A}"}},
    {"message": {"actor_profile_id": "00000000-0000-4000-8000-0000000000ff"}}, {"message": {"actor_profile_id": 7}}, {"message": 7}]')
    -> 'actors',
  '{"00000000-0000-4000-8000-00000000000a": "ann", "00000000-0000-4000-8000-00000000000b": "bob"}',
  'the names of actors are included');
alter table profiles rename username to handle;
select is(
  queues.notification_context('[{"message": {"actor_profile_id": "00000000-0000-4000-8000-00000000000b"}}]') -> 'actors', '{}',
  'an app without names goes on without them');

select * from finish();
rollback;
