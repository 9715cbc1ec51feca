begin;
select plan(11);

insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000b');
insert into notifications (recipient_id, type, data)
select id, 'new_like', '{}' from profiles, generate_series(1, 2);

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is((select array_agg(distinct right(recipient_id::text, 1)) from notifications), '{a}', 'people see their own notifications');
select throws_ok($$update notifications set read_at = 'infinity'$$, '42501', null, 'people cannot choose when they read them');
select is(mark_all_notifications_read(), 2, 'people mark them as read');
select throws_ok('update notifications set type = type', '42501', null, 'other columns cannot be changed');
select throws_ok('delete from notifications', '42501', null, 'people cannot delete notifications');
select throws_ok(
  $$insert into notifications (recipient_id, type, data) values ('00000000-0000-4000-8000-00000000000a', 'new_like', '{}')$$,
  '42501', null, 'people cannot insert notifications');

set local request.jwt.claims = '{}';
select is((select count(*) from notifications), 0::bigint, 'a token without a user sees none');
set local role anon;
select throws_ok('select * from notifications', '42501', null, 'without signing in none are visible');
set local role service_role;
select is((select count(*) from notifications), 4::bigint, 'the service reads all');
select throws_ok('update notifications set read_at = now()', '42501', null, 'the service cannot change them');
reset role;
select is((select count(*) from notifications where read_at is null), 2::bigint, 'notifications of others are unchanged');

select * from finish();
rollback;
