begin;
select plan(10);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into notifications (recipient_id, type, data)
select id, 'new_follower', '{}' from profiles;

set local role authenticated;
set local request.jwt.claims = '{"sub": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "role": "authenticated"}';

select is(toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1') ->> 'success', 'true', 'they like posts');
select is((select count(*)::int from notifications), 0, 'they read no rows of others');
select is((select count(*)::int from devices), 0, 'nor devices');
select lives_ok($$update profiles set push_notifications = false$$, 'an update of profiles finds no row');
select throws_ok(call, 'PT403', null, call || ' answers 403')
from unnest(array['select list_notifications()', 'select unread_notifications()',
  'select mark_notifications_read(array[]::uuid[])', 'select mark_all_notifications_read()',
  'select notification_preferences()', $$select register_device('fcm', 'token')$$]) call;

reset role;
select * from finish();
rollback;
