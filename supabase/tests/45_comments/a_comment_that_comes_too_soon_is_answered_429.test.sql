begin;
select plan(16);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.call(p_person text, p_query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  execute format('set local role %I', case when p_person is null then 'anon' else 'authenticated' end);
  perform set_config('request.jwt.claims',
    case when p_person is not null then json_build_object('sub', pg_temp.person(p_person))::text else '' end, true);
  execute 'select to_jsonb(a) from (' || p_query || ') q (a)' into v_answer;
  reset role;
  return v_answer;
end $$;
update queues.rate_limits set per_minute = 1, burst = 2 where action = 'comment';
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob', 'held', 'thrown out']) name;
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.post(p_person text) returns jsonb language sql as $$
  select pg_temp.call(p_person, $q$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x')$q$)
$$;
select is(pg_temp.post('ann') ->> 'success', 'true', 'a comment');
select is(pg_temp.post('ann') ->> 'success', 'true', 'another');
select is(current_setting('response.status', true), null, 'an ordinary answer');
select is(pg_temp.post('ann') - 'retryAfter', '{"success": false, "error": "Too many requests", "code": "rate_limited"}', 'one too many');
select is(current_setting('response.status'), '429', 'with status 429');
select matches(current_setting('response.headers'), '^\[\{"Retry-After": "(60|59)"\}\]$', 'and when to come back');
select is((pg_temp.post('ann') ->> 'retryAfter')::int between 59 and 60, true, 'in the body too');
select is(pg_temp.call('ann', $$select edit_comment((select id from public.comments limit 1), 'y')$$) ->> 'code', 'rate_limited', 'an edit counts too');
select is(pg_temp.post('bob') ->> 'success', 'true', 'others comment as before');
select is((select count(*)::int from pgmq.q_comment_moderation), 3, 'a refused comment sends nothing');
select is((select count(*)::int from comments), 3, 'and is not stored');

insert into queues.restrictions (profile_id, limited_until) values (pg_temp.person('held'), clock_timestamp() + interval '1 hour');
insert into queues.restrictions (profile_id, banned_until, ban_note) values (pg_temp.person('thrown out'), clock_timestamp() + interval '1 hour', 'enough');
select is(pg_temp.post('held') - 'retryAfter' - 'error', '{"success": false, "code": "held_back"}', 'who is held back');
select is((pg_temp.post('held') ->> 'retryAfter')::int between 3590 and 3600, true, 'is told for how long');
select is(pg_temp.post('thrown out') - 'until' - 'error', '{"success": false, "code": "banned", "note": "enough"}', 'who is banned is told why');
select is(current_setting('response.status'), '403', 'with status 403');
update queues.restrictions set limited_until = now() - interval '1 second', banned_until = now() - interval '1 second';
select is(pg_temp.post('held') ->> 'success', 'true', 'until it is over');

select * from finish();
rollback;
