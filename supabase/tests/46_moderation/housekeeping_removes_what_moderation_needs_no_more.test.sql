begin;
select plan(4);

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
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob']) name;
insert into queues.comment_simhashes (comment_id, simhash, at)
select gen_random_uuid(), repeat('0', 16), now() - days * interval '1 day' from unnest(array[1, 6, 8, 100]) days;
insert into queues.moderation_log (action, at) select 'approved', now() - days * interval '1 day' from unnest(array[1, 729, 731, 1000, 2000]) days;
insert into queues.restrictions (profile_id, limited_until, banned_until) values
  (pg_temp.person('ann'), now() - interval '1 day', now() + interval '1 day'), (pg_temp.person('bob'), now() - interval '1 day', '-infinity');
select is(queues.prune_simhashes(1) + queues.prune_simhashes(5000), 2, 'old simhashes, in steps');
select is(queues.prune_moderation_log(2) + queues.prune_moderation_log(5000), 3, 'old entries of the log, in steps');
select is(queues.prune_restrictions(5000), 1, 'restrictions that are over');
select is((select array_agg(profile_id) from queues.restrictions), array[pg_temp.person('ann')], 'and no others');

select * from finish();
rollback;
