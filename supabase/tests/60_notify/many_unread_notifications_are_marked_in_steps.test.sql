begin;
select plan(6);

insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b');
insert into notifications (recipient_id, type, data, updated_at)
select '00000000-0000-4000-8000-00000000000a', 'new_like', '{}', now() - make_interval(secs => n) from generate_series(1, 12000) n;
insert into notifications (recipient_id, type, data, updated_at)
select '00000000-0000-4000-8000-00000000000b', 'new_like', '{}', now() - make_interval(secs => n) from generate_series(1, 100) n;
-- As autovacuum does: rows of one transaction are unknown to the planner otherwise.
analyze notifications;

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is(mark_all_notifications_read(now() - interval '1001 seconds'), 10000, '10000 are marked at once');
select results_eq(
  'select read_at is null, count(*), min(updated_at), max(updated_at) from notifications group by 1 order by 1',
  $$values (false, 10000::bigint, now() - interval '11000 seconds', now() - interval '1001 seconds'),
    (true, 2000, now() - interval '12000 seconds', now() - interval '1 second')$$,
  'the newest up to p_until');
select is(mark_all_notifications_read(), 2000, 'another call marks the rest');
select is(mark_all_notifications_read(), 0, 'then none are left');
select is(unread_notifications(), 0, 'unread');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is(mark_all_notifications_read(null), 100, 'notifications of others are unchanged');

select * from finish();
rollback;
