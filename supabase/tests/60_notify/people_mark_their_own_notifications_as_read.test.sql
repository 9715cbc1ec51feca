begin;
select plan(11);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

insert into notifications (id, recipient_id, type, data, updated_at)
select md5(p.username || n)::uuid, p.id, 'new_like', '{}', now() - make_interval(mins => n) from profiles p, generate_series(1, 5) n;
update notifications set withdrawn_at = now() where id = md5('ann5')::uuid;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is(unread_notifications(), 4, 'withdrawn notifications are not counted as unread');
select is(mark_notifications_read(array[md5('ann1'), md5('ann5'), md5('bob1')]::uuid[]), 1, 'people mark their own notifications');
select is(mark_notifications_read(array[md5('ann1'), md5('bob1')]::uuid[]), 0, 'once');
select is(unread_notifications(), 3, 'which are then read');
select is(mark_all_notifications_read(now() - interval '3 minutes'), 2, 'all up to a time');
select is(mark_all_notifications_read(), 1, 'all');
select is(unread_notifications(), 0);
select throws_ok('select mark_notifications_read(null)', 'PT422', '`p_ids` is not an array of at most 1000 ids');
select throws_ok($$select mark_notifications_read(array_fill(auth.uid(), array[1001]))$$, 'PT422', '`p_ids` is not an array of at most 1000 ids');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is(unread_notifications(), 5, 'notifications of others are unchanged');
set local role anon;
select throws_ok(format('select %s', call), '42501', null, 'without signing in there are none')
from (values ('list_notifications()')) c (call);

select * from finish();
rollback;
