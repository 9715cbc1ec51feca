begin;
select plan(12);

update queues.rate_limits set per_minute = 1, burst = 1, address_factor = 2 where action = 'like';
update queues.rate_limit_settings set address_header = 'cf-connecting-ip';
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into posts_new (id) select format('00000000-0000-4000-8000-0000000001%s', to_char(n, 'FM00'))::uuid from generate_series(0, 60) n;
create function pg_temp.toggle(p_post int, p_session text, p_person text default null, p_address text default null) returns text
language plpgsql as $$
declare
  v_answer json;
begin
  perform set_config('request.headers', json_build_object('cf-connecting-ip', p_address)::text, true);
  perform set_config('request.jwt.claims', coalesce(json_build_object('sub', p_person)::text, ''), true);
  v_answer := public.toggle_post_like(format('00000000-0000-4000-8000-0000000001%s', to_char(p_post, 'FM00'))::uuid, p_session, true);
  return case when (v_answer ->> 'deferred')::boolean then 'deferred' else coalesce(v_answer ->> 'code', 'applied') end;
end $$;

select is(pg_temp.toggle(0, 's'), 'applied', 'the burst');
select is(count(*)::int, 20, 'twenty of a session are deferred') from generate_series(1, 20) n where pg_temp.toggle(n, 's') = 'deferred';
select is(pg_temp.toggle(21, 's'), 'rate_limited', 'then it is refused as before');
select is(current_setting('response.status'), '429', 'with 429');
select is(pg_temp.toggle(20, 's'), 'deferred', 'another wish for the same post needs no more room');
select is(pg_temp.toggle(21, 't'), 'applied', 'another session is not affected');

select is(pg_temp.toggle(0, 'own 1', '00000000-0000-4000-8000-00000000000a'), 'applied', 'a person');
select is(count(*)::int, 20, 'has twenty, whatever the session')
from generate_series(1, 25) n where pg_temp.toggle(n, 'own ' || n, '00000000-0000-4000-8000-00000000000a') = 'deferred';

-- One address with many sessions.
select is(string_agg(pg_temp.toggle(0, 'many ' || n, null, '8.8.8.8'), ' '), 'applied applied', 'an address')
from generate_series(1, 2) n;
select is(count(*)::int, 40, 'has as many times more as its limit')
from generate_series(1, 45) n where pg_temp.toggle(1, 'many ' || n, null, '8.8.8.8') = 'deferred';
select is(pg_temp.toggle(1, 'elsewhere', null, '8.8.4.4'), 'applied', 'another address is not affected');
select is((select count(*)::int from queues.deferred_likes), (select count(distinct (owner, post_id))::int from queues.deferred_likes),
  'each is kept once');

select * from finish();
rollback;
