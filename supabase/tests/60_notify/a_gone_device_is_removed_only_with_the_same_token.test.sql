begin;
select plan(4);

insert into profiles (id, push_token) values
  ('00000000-0000-4000-8000-0000000000a1', 'dead'), ('00000000-0000-4000-8000-0000000000a2', 'new'), ('00000000-0000-4000-8000-0000000000a3', 'dead 3');
insert into devices (id, profile_id, provider, token)
select ('00000000-0000-4000-8000-0000000000d' || n)::uuid, '00000000-0000-4000-8000-0000000000a3', 'fcm', 'dead ' || n from generate_series(1, 4) n;
update devices set token = 'registered anew' where token = 'dead 2';

select is(settle_messages('deliveries', '{"effects": {"gone_devices": [
  {"recipient_id": "00000000-0000-4000-8000-0000000000a1", "device_id": null, "token": "dead"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000a2", "device_id": null, "token": "dead"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000ff", "device_id": null, "token": "dead"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000a3", "device_id": "00000000-0000-4000-8000-0000000000d1", "token": "dead 1"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000a3", "device_id": "00000000-0000-4000-8000-0000000000d2", "token": "dead 2"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000a3", "device_id": "00000000-0000-4000-8000-0000000000d3", "token": "dead 3"},
  {"recipient_id": "00000000-0000-4000-8000-0000000000a3", "device_id": "00000000-0000-4000-8000-0000000000ff", "token": "dead 4"}]}}')
  -> 'applied', 'true', 'the effect is applied');
select results_eq('select token from devices order by token', $$values ('dead 4'), ('registered anew')$$,
  'a device is removed if it still has the token');
select is((select push_token from profiles where id::text like '%1'), null, 'so is the token of a profile');
select is(
  array(select coalesce(push_token, 'none') from profiles order by id), '{none,new,none}',
  'a replaced token stays; a token that a device had is removed with the device');

select * from finish();
rollback;
