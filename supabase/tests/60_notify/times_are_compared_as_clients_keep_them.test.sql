begin;
select plan(7);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');
insert into notifications (recipient_id, type, data, updated_at)
select '00000000-0000-4000-8000-00000000000a', 'new_like', '{}', timestamptz '2026-11-23 12:00:00Z' + us * interval '1 microsecond'
from unnest(array[123000, 123456, 123999, 124000, 999999]) us;

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is(mark_all_notifications_read('2026-11-23T11:59:59.999Z'), 0, 'later ones stay unread');
select is(mark_all_notifications_read('2026-11-23T12:00:00.123Z'), 3, 'those of the same millisecond are marked');
select is(mark_all_notifications_read('2026-11-23T12:00:00.999Z'), 2, 'with the time of the newest, cut to milliseconds, none stays unread');
select is(unread_notifications(), 0);
reset role;

create function pg_temp.event(p_at interval) returns jsonb language sql as
$$select jsonb_build_array(jsonb_build_object(
    'recipient_id', '00000000-0000-4000-8000-00000000000a', 'type', 'new_like', 'group', 'g',
    'since', now() - interval '1 hour', 'actor', 'session:' || p_at, 'actor_name', null, 'at', now() - p_at, 'withdrawn', false,
    'title', 'New like', 'bodies', '["{name} liked it"]'::jsonb, 'someone', 'Someone', 'url', format('/at/-%s', extract(epoch from p_at)::int), 'data', '{}'::jsonb))$$;
select queues.notify(pg_temp.event('10 minutes'));
select is((select updated_at >= created_at from notifications where group_key = 'g'), true, 'updated_at is never before created_at');
select queues.notify(pg_temp.event('5 minutes'));
select queues.notify(pg_temp.event('7 minutes'));
select is((select url from notifications where group_key = 'g'), '/at/-300', 'the latest event decides where it leads, in any order');
select is((select updated_at >= created_at from notifications where group_key = 'g'), true, 'also after later events');

select * from finish();
rollback;
