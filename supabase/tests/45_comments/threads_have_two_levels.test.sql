begin;
select plan(7);

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
update queues.rate_limits set enabled = false;
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob', 'cat']) name;
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1'), ('00000000-0000-4000-8000-0000000000b2');
insert into comments (id, post_id, author_id, body, status, decided_at)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'top', 'approved', now());
create function pg_temp.answer(p_person text, p_post int, p_parent uuid) returns jsonb language sql as $$
  select pg_temp.call(p_person, format('select post_comment(''00000000-0000-4000-8000-0000000000b%s'', ''x'', %L)', p_post, p_parent))
$$;
create temp table reply as select pg_temp.answer('bob', 1, '00000000-0000-4000-8000-0000000000c1') as answer;
select is((select answer #>> '{comment,parent_id}' from reply), '00000000-0000-4000-8000-0000000000c1', 'a reply');
select is((select reply_to from comments where author_id = pg_temp.person('bob')), pg_temp.person('ann'), 'to its author');
select is(pg_temp.answer('cat', 1, (select (answer #>> '{comment,id}')::uuid from reply)) ->> 'code', 'comment_not_found', 'not to one that is pending');
update comments set status = 'approved', decided_at = now() where status = 'pending';
select is(pg_temp.answer('cat', 1, (select (answer #>> '{comment,id}')::uuid from reply)) #>> '{comment,parent_id}', '00000000-0000-4000-8000-0000000000c1',
  'a reply to a reply joins its thread');
select is((select reply_to from comments where author_id = pg_temp.person('cat')), pg_temp.person('bob'), 'and answers its author');
select is(pg_temp.answer('cat', 2, '00000000-0000-4000-8000-0000000000c1') ->> 'code', 'comment_not_found', 'not a comment on another post');
delete from comments where id = '00000000-0000-4000-8000-0000000000c1';
select is((select count(*)::int from comments), 0, 'a thread is deleted as a whole');

select * from finish();
rollback;
