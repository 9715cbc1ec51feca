begin;
select plan(17);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

create temp table registered (id uuid);
insert into registered select register_device('fcm', 'token', p_name => ' phone ');
select is((select register_device('fcm', 'token')), (select id from registered), 'a device that registers again is the same');
select results_eq('select provider, name from devices', $$values ('fcm', 'phone')$$, 'it keeps its name');
select throws_ok('select token from devices', '42501', null, 'clients cannot read tokens');
select throws_ok('select profile_id from devices', '42501');
select throws_ok('select * from devices', '42501');
select throws_ok($$insert into devices (profile_id, provider, token) values (auth.uid(), 'fcm', 'x')$$, '42501', null, 'clients cannot write the table');
select throws_ok('update devices set name = name', '42501');
select throws_ok('delete from devices', '42501');

set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is_empty('select id from devices', 'others do not see the device');
select is(unregister_device('fcm', 'token'), false, 'others cannot remove it');
select is(register_device('fcm', 'token'), (select id from registered), 'whoever registers the same token gets the device');
select results_eq('select name from devices', 'values (null::text)', 'without the name given by its last owner');
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is_empty('select id from devices', 'the last owner no longer has it');

select register_device('apns', lpad(n::text, 4, '0')) from generate_series(1, 22) n;
reset role;
select set_eq(
  $$select token::integer from devices where profile_id = '00000000-0000-4000-8000-00000000000a'$$, 'select generate_series(3, 22)',
  'the 20 latest devices of a person are kept');
update profiles set push_token = 'mine' where username = 'ann';
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select ok(unregister_device('apns', '0022') and unregister_device('fcm', 'mine'), 'a device can be unregistered, and so can the token of a profile');
select is(unregister_device('apns', '0022'), false, 'once');
set local role anon;
select throws_ok($$select register_device('fcm', 'token')$$, '42501', null, 'without signing in there are no devices');

select * from finish();
rollback;
