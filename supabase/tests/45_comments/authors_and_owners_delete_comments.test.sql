begin;
select plan(12);

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
insert into profiles (id) select pg_temp.person(name) from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'));
insert into comments (id, post_id, author_id, parent_id, body, status, decided_at, told)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'),
  case n when 2 then '00000000-0000-4000-8000-0000000000c1'::uuid end, 'x', case n when 4 then 'flagged' else 'approved' end, now(),
  case when n < 3 then jsonb_build_array(jsonb_build_object('type', 'new_comment', 'recipient_id', pg_temp.person('owner'))) end
from generate_series(1, 4) n;
create function pg_temp.remove(p_person text, p_comment int) returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'success')
  from pg_temp.call(p_person, format('select delete_comment(''00000000-0000-4000-8000-0000000000c%s'')', p_comment)) a
$$;
select is(pg_temp.remove('bob', 1), 'comment_not_found', 'others cannot');
select is(pg_temp.remove('moderator', 1), 'comment_not_found', 'nor can moderators: they reject');
select is(pg_temp.remove('owner', 4), 'comment_not_found', 'nor can the owner delete what they do not see');
select throws_ok($$select pg_temp.remove(null, 1)$$, '42501', null, 'nor a guest');
select is(pg_temp.remove('owner', 1), 'true', 'the owner of the post can');
select is((select array_agg(right(id::text, 1) order by id) from comments), '{3,4}', 'with its replies');
select is((select count(*)::int from pgmq.q_notifications where (message ->> 'withdrawn')::boolean), 2, 'whose notifications are withdrawn');
select is(pg_temp.remove('ann', 3), 'true', 'the author can');
select is(pg_temp.remove('ann', 4), 'true', 'also before it is judged');
select is(pg_temp.remove('ann', 4), 'comment_not_found', 'once');
select is((select array_agg(action || ' ' || (actor_id = pg_temp.person('ann')) order by id) from queues.moderation_log),
  array['deleted false', 'deleted true', 'deleted true'], 'the log has each');
select is((select count(*)::int from pgmq.q_notifications), 2, 'of what nobody was told nothing is withdrawn');

select * from finish();
rollback;
