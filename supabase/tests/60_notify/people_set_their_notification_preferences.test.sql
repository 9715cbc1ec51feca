begin;
select plan(18);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

select is(notification_preferences()::jsonb, '{"language": "en", "time_zone": null, "quiet_from": null, "quiet_until": null,
  "push_notifications": true, "email_notifications": true}', 'the defaults');
select is(set_notification_preferences('{"language": "es-AR", "time_zone": "America/Argentina/Buenos_Aires", "quiet_from": "22:30",
  "quiet_until": "07:00", "email_notifications": false}')::jsonb,
  '{"language": "es-AR", "time_zone": "America/Argentina/Buenos_Aires", "quiet_from": "22:30:00", "quiet_until": "07:00:00",
  "push_notifications": true, "email_notifications": false}', 'the given preferences are set');
select is(set_notification_preferences('{"quiet_from": null, "quiet_until": null}')::jsonb,
  '{"language": "es-AR", "time_zone": "America/Argentina/Buenos_Aires", "quiet_from": null, "quiet_until": null,
  "push_notifications": true, "email_notifications": false}', 'the others stay');
select throws_ok(format('select set_notification_preferences(%L)', p), 'PT422', says)
from (values
  ('{"color": "red"}', '`p_preferences.color` is not known'),
  ('[]', '`p_preferences` is not an object'),
  ('{"language": "a sentence"}', '`p_preferences.language` is not a language'),
  ('{"language": null}', '`p_preferences.language` is not a language'),
  ('{"time_zone": "Nowhere"}', '`p_preferences.time_zone` is not a time zone'),
  ('{"quiet_from": "25:00", "quiet_until": "07:00"}', '`p_preferences.quiet_from` is not a time of day'),
  ('{"quiet_from": "22:00"}', '`p_preferences.quiet_until` is missing'),
  ('{"push_notifications": "yes"}', '`p_preferences.push_notifications` is neither true nor false'),
  ('{"email_notifications": null}', '`p_preferences.email_notifications` is neither true nor false')
) p (p, says);
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is(notification_preferences() ->> 'language', 'en', 'other people have their own');
select throws_ok('select language from profiles', '42501', null, 'nobody else can read them');
set local role anon;
select throws_ok('select notification_preferences()', '42501', null, 'without signing in there are none');

reset role;
set local role authenticated;
select is(set_notification_preferences(jsonb_build_object('language', locale)) ->> 'language', locale, 'a locale may be spelled ' || locale)
from unnest(array['es_MX.UTF-8', 'zh_Hant_TW', 'es-MX-u-nu-latn']) locale;

select * from finish();
rollback;
