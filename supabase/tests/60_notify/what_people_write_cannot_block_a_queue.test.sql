begin;
select plan(12);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');
select throws_ok(format('update profiles set %I = repeat(''x'', %s)', name, bytes + 1), '23514', null, name || ' has a bound')
from (values ('push_token', 4096), ('username', 1000), ('language', 100), ('time_zone', 100)) c (name, bytes);
select lives_ok(format('update profiles set %I = repeat(''x'', %s)', name, bytes), name || ' may be as long as that')
from (values ('push_token', 4096), ('username', 1000), ('language', 100), ('time_zone', 100)) c (name, bytes);

-- A table of the app may have longer values.
alter table profiles drop constraint push_token_is_bounded, drop constraint username_is_bounded,
  drop constraint language_is_bounded, drop constraint time_zone_is_bounded;
update profiles set push_token = repeat('x', 4000000), username = repeat('x', 4000000), language = repeat('x', 4000000),
  time_zone = repeat('x', 4000000);
select pgmq.send('notifications', '{"recipient_id": "00000000-0000-4000-8000-00000000000a"}') from generate_series(1, 100);
select cmp_ok(octet_length(claim_messages('notifications') ->> 'context'), '<', 1000, 'a claim reads a bounded part of them');

insert into notifications (id, recipient_id, type, data) values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-00000000000a', 'new_like', '{}');
insert into queues.notification_deliveries (id, notification_id, recipient_id, channel)
values ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-00000000000a', 'push');
select pgmq.send('deliveries', '{"v": 1, "delivery_id": "00000000-0000-4000-8000-0000000000d1"}');
create temp table claimed on commit drop as select claim_messages('deliveries')::jsonb as claim;
select cmp_ok((select octet_length(claim::text) from claimed), '<', 4000, 'also a claim of deliveries');
select is((select claim #> '{context,deliveries,00000000-0000-4000-8000-0000000000d1,device}' from claimed), 'null', 'a token that is too long is none');

select cmp_ok(
  octet_length(queues.usernames(array['00000000-0000-4000-8000-00000000000a']::uuid[])::text), '<', 1100, 'a long name is cut');

select * from finish();
rollback;
