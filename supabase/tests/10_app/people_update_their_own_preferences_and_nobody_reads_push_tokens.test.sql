begin;
select plan(13);

insert into profiles (id, username) values
  ('00000000-0000-4000-8000-00000000000a', 'ann'), ('00000000-0000-4000-8000-00000000000b', 'bob');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is((select array_agg(username order by username) from profiles), '{ann,bob}', 'names can be read');
select throws_ok('select push_token from profiles', '42501', null, 'tokens cannot be read');
select throws_ok('select * from profiles', '42501', null, 'nor with select *');
select throws_ok('select email_notifications from profiles', '42501', null, 'nor can preferences');
update profiles set push_token = 't', email_notifications = false, push_notifications = false;
select throws_ok($$update profiles set username = 'x'$$, '42501', null, 'people cannot change their name through the API');
select throws_ok('delete from profiles', '42501');
select throws_ok($$insert into profiles (username) values ('x')$$, '42501');

set local role anon;
select is((select count(username) from profiles), 2::bigint, 'names can be read without signing in');
select throws_ok('select push_token from profiles', '42501');
select throws_ok('update profiles set email_notifications = false', '42501');

set local role service_role;
select is(
  (select array_agg(concat_ws(',', username, push_token, email_notifications, push_notifications) order by username) from profiles),
  '{"ann,t,f,f","bob,t,t"}', 'only their own row was changed');
select lives_ok($$insert into profiles (username) values ('eve')$$, 'the service writes profiles');
select is(
  (select concat_ws(',', email_notifications, push_notifications) from profiles where username = 'eve'), 't,t',
  'notifications are on by default');

select * from finish();
rollback;
