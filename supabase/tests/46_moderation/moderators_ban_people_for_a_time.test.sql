begin;
select plan(13);

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
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['ann', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.ban(p_whom text, p_secs int, p_note text default null) returns jsonb language sql as $$
  select pg_temp.call('moderator', format('select ban_person(%L, %L, %L)', pg_temp.person(p_whom), p_secs, p_note))
$$;
create function pg_temp.post() returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'success') from pg_temp.call('ann', $q$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x')$q$) a
$$;
create temp table ban as select (pg_temp.ban('ann', 3600, 'enough') ->> 'until')::timestamptz as until;
select is((select until from ban) between clock_timestamp() + interval '59 minutes' and clock_timestamp() + interval '1 hour', true, 'a ban');
select is(pg_temp.post(), 'banned', 'keeps from commenting');
update queues.restrictions set limited_until = clock_timestamp() + interval '1 day';
select is(pg_temp.ban('ann', 0), '{"success": true, "until": null}', 'it can be taken back');
select is(pg_temp.post(), 'true', 'with what the machine holds back');
select is(pg_temp.ban('moderator', 60) ->> 'code', 'person_not_found', 'nobody bans themselves');
select is(pg_temp.ban('stranger', 60) ->> 'code', 'person_not_found', 'nor a stranger');
select is(pg_temp.ban('ann', 60, repeat('x', 1001)) ->> 'code', 'invalid_note', 'nor at length');
select throws_ok(format('select pg_temp.ban(''ann'', %s)', secs), 'PT422', null, format('%s seconds', secs)) from unnest(array['-1', '31536001', 'null']) secs;
select is(pg_temp.ban('ann', 31536000) ->> 'success', 'true', 'a year at most');
select is((select array_agg(concat_ws(' ', action, note) order by id) from queues.moderation_log), '{"banned enough",unbanned,banned}', 'the log has each');
delete from profiles where id = pg_temp.person('ann');
select is((select count(*)::int from queues.restrictions), 0, 'it goes with the person');

select * from finish();
rollback;
