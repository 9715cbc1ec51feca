begin;
select plan(4);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

insert into notifications (id, recipient_id, type, data, created_at)
select md5(days::text)::uuid, '00000000-0000-4000-8000-00000000000a', 'new_like', '{}', now() - make_interval(days => days)
from unnest(array[1, 29, 31, 100]) days;
insert into queues.notification_actors (recipient_id, group_key, actor, is_active, at, notification_id)
select recipient_id, id, 'session:1', true, created_at, id from notifications;
insert into queues.notification_actors (recipient_id, group_key, actor, is_active, at)
values ('00000000-0000-4000-8000-00000000000a', 'g', 'session:1', false, now() - interval '31 days');
insert into queues.notification_deliveries (notification_id, recipient_id, channel, created_at)
select id, recipient_id, 'email', created_at from notifications;
update queues.notification_settings set retention_days = 30;

select queues.daily();
select is(queues.cleanup_step(), 7, 'old notifications are removed');
select is((select removed from queues.cleanups),
  '{"public.notifications": 2, "queues.notification_actors": 3, "queues.notification_deliveries": 2}', 'with their actors and deliveries');
select set_eq('select id from notifications', 'select md5(days::text)::uuid from unnest(array[1, 29]) days', 'the others are kept');
select is((select count(*) from queues.notification_actors) + (select count(*) from queues.notification_deliveries), 4::bigint, 'with their actors and deliveries');

select * from finish();
rollback;
