begin;
select plan(8);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

insert into notifications (id, recipient_id, type, data)
select format('00000000-0000-4000-8000-0000000000e%s', n)::uuid, format('00000000-0000-4000-8000-0000000000a%s', 3 + n % 2)::uuid, 'new_like', '{}' from generate_series(1, 4) n;
insert into queues.notification_deliveries (notification_id, recipient_id, channel, status, reason, provider, created_at)
select id, recipient_id, 'email', case when right(id::text, 1) in ('1', '2') then 'skipped' else 'sent' end,
  case right(id::text, 1) when '1' then 'quiet_hours' when '2' then 'hourly_cap' end, 'resend', now() - make_interval(mins => right(id::text, 1)::int)
from notifications;
create function pg_temp.ledger(p_arguments jsonb) returns text[] language sql as $$
  select array_agg(concat_ws(' ', right(i ->> 'notification_id', 1), i ->> 'username', i ->> 'reason') order by n)
  from jsonb_array_elements(operator_page('deliveries', p_arguments) -> 'items') with ordinality e (i, n)
$$;
select is(pg_temp.ledger('{}'), '{"1 otto quiet_hours","2 olga hourly_cap","3 otto","4 olga"}', 'latest first, with the reason');
select is(pg_temp.ledger('{"person_id": "00000000-0000-4000-8000-0000000000a3"}'), '{"2 olga hourly_cap","4 olga"}', 'by person');
select is(pg_temp.ledger('{"status": "skipped", "reason": "quiet"}'), '{"1 otto quiet_hours"}', 'by state and why');
select is(pg_temp.ledger('{"provider": "fcm"}'), null, 'by provider');
select is(pg_temp.ledger(jsonb_build_object('before', operator_page('deliveries', '{"limit": 3}') ->> 'next')), '{"4 olga"}', 'by pages');
select is(operator_page('deliveries') -> 'next', 'null', 'until the end');
select throws_ok($$select operator_page('deliveries', '{"status": "lost"}')$$, 'PT422', null, 'an unknown state');
select throws_ok($$select operator_page('deliveries', '{"before": "1.x"}')$$, 'PT422', '`before` is not a place in this list', 'no place');

select * from finish();
rollback;
