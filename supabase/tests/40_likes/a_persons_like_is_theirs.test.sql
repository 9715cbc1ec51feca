begin;
select plan(9);

insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-00000000000c');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.toggle(p_person text, p_session text) returns text language plpgsql as $$
declare
  v_answer json;
begin
  execute format('set local role %I', case when p_person is null then 'anon' else 'authenticated' end);
  perform set_config('request.jwt.claims',
    case when p_person is not null then json_build_object('sub', format('00000000-0000-4000-8000-00000000000%s', p_person))::text else '' end, true);
  v_answer := toggle_post_like('00000000-0000-4000-8000-0000000000b1', p_session);
  reset role;
  return concat_ws(' ', v_answer ->> 'isLiked', v_answer ->> 'newLikeCount');
end $$;

select is(pg_temp.toggle('a', 'phone'), 'true 1', 'a person likes');
select is(pg_temp.toggle(null, 'phone'), 'true 2', 'who knows the session id likes for themselves');
select is(pg_temp.toggle(null, 'phone'), 'false 1', 'and takes only that back');
select is(pg_temp.toggle('c', 'phone'), 'true 2', 'nor does another person with that session id');
select is(pg_temp.toggle('a', 'laptop'), 'false 1', 'the person takes it back on another device');
select is((select count(*)::int from post_ratings where profile_id = '00000000-0000-4000-8000-00000000000a'), 0, 'it is gone');
select is(pg_temp.toggle(null, 'tablet'), 'true 2', 'a like before signing in');
select is(pg_temp.toggle('a', 'tablet'), 'false 1', 'is adopted: signed in, the person takes it back');
select is((select count(*)::int from post_ratings where session_id in ('phone', 'laptop', 'tablet')), 0,
  'no session id is stored for a person');

select * from finish();
rollback;
