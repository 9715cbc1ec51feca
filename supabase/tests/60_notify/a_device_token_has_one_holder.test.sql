begin;
select plan(18);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob'), ('00000000-0000-4000-8000-00000000000c', 'cat');

-- Who gets the pushes of each person: their devices, and the token of the profile.
create function pg_temp.holders(p_token text) returns text language sql as
$$select string_agg(username, ' ' order by username) from profiles p
  where exists (select from devices d where d.profile_id = p.id and d.token = p_token)
    or p.push_token = p_token and queues.devices_of(p.id, p.push_token) @> '[{"id": null}]'$$;
create function pg_temp.as(p_person text) returns void language sql as
$$select set_config('role', 'authenticated', true),
    set_config('request.jwt.claims', format('{"sub": "00000000-0000-4000-8000-00000000000%s"}', p_person), true)$$;
create function pg_temp.done() returns void language sql as $$select set_config('role', 'postgres', true)$$;

-- The token of a profile, written by its owner.
select pg_temp.as('a'); update profiles set push_token = 'T' where id = auth.uid(); select pg_temp.done();
select is(pg_temp.holders('T'), 'ann');
select pg_temp.as('b'); update profiles set push_token = 'T' where id = auth.uid(); select pg_temp.done();
select is(pg_temp.holders('T'), 'bob', 'the latest to write a token to their profile holds it');
select is((select push_token from profiles where username = 'ann'), null, 'the profile before no longer has it');

-- Registered by somebody else.
select pg_temp.as('c'); select register_device('fcm', 'T'); select pg_temp.done();
select is(pg_temp.holders('T'), 'cat', 'whoever registers a token takes it from the profiles');
select pg_temp.as('c'); select unregister_device('fcm', 'T'); select pg_temp.done();
select is(pg_temp.holders('T'), null, 'after signing out nobody gets the pushes of the phone');

-- Written to a profile after it was registered.
select pg_temp.as('c'); select register_device('fcm', 'T'); select pg_temp.done();
select pg_temp.as('a'); update profiles set push_token = 'T' where id = auth.uid(); select pg_temp.done();
select is(pg_temp.holders('T'), 'ann', 'whoever writes a token to their profile takes it from the devices of others');
select pg_temp.as('a'); select register_device('fcm', 'T'); select pg_temp.done();
select is((select push_token from profiles where username = 'ann'), 'T', 'the own profile keeps a token that is registered');
select is(queues.devices_of('00000000-0000-4000-8000-00000000000a', 'T') -> 1, null, 'and the phone is one device');
select pg_temp.as('a'); select unregister_device('fcm', 'T'); select pg_temp.done();
select is(pg_temp.holders('T'), null, 'both go when it is unregistered');

-- New people, and the service.
insert into profiles (id, username, push_token) values ('00000000-0000-4000-8000-00000000000d', 'dan', 'T');
insert into profiles (id, username, push_token) values ('00000000-0000-4000-8000-00000000000e', 'eve', 'T');
select is(pg_temp.holders('T'), 'eve', 'a new profile takes the token');
set local role service_role;
update profiles set push_token = 'T' where username = 'dan';
reset role;
select is(pg_temp.holders('T'), 'dan', 'whoever writes it for them');

-- What was stored before.
alter table profiles disable trigger take_push_token;
update profiles set push_token = 'T' where username in ('ann', 'bob', 'dan');
alter table profiles enable trigger take_push_token;
select is(pg_temp.holders('T'), null, 'a token that several profiles have from before is sent to for none of them');
update profiles set push_token = 'T' where username = 'bob';
select is(pg_temp.holders('T'), 'bob', 'until the app of one writes it again');
update profiles set username = 'ann 2', push_token = push_token where username = 'ann';
select is(pg_temp.holders('T'), 'bob', 'a profile that lost it does not get it back by another change');

-- APNs tokens.
select pg_temp.as('a'); select register_device('apns', repeat('AB', 32)); select pg_temp.done();
select pg_temp.as('b'); select register_device('apns', repeat('ab', 32)); select pg_temp.done();
select is(pg_temp.holders(repeat('ab', 32)), 'bob', 'an APNs token is the same in upper and lower case');
select is((select count(*) from devices where provider = 'apns'), 1::bigint);
select pg_temp.as('b');
select is(unregister_device('apns', repeat('aB', 32)), true, 'also when it is unregistered');
select pg_temp.done();
select throws_ok(
  $$insert into devices (profile_id, provider, token) values ('00000000-0000-4000-8000-00000000000a', 'apns', 'AB')$$,
  '23514', null, 'and it is stored in one spelling');

select * from finish();
rollback;
