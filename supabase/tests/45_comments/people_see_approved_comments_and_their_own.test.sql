begin;
select plan(23);

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
insert into profiles (id, username)
select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'));
insert into comments (id, post_id, author_id, body, status, decided_at, reasons, note, created_at)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), status, status,
  case when status <> 'pending' then now() end,
  case when status in ('flagged', 'rejected') then '[{"code": "insult", "found": "secret"}]' else '[]' end::jsonb,
  case status when 'rejected' then 'be kind' end, now() - n * interval '1 minute'
from unnest(array['pending', 'approved', 'flagged', 'rejected']) with ordinality s (status, n);

create function pg_temp.selected(p_person text) returns text[] language sql as $$
  select array(select jsonb_array_elements_text(pg_temp.call(p_person, 'select coalesce(jsonb_agg(status order by status), ''[]'') from public.comments')))
$$;
create function pg_temp.listed(p_person text) returns text[] language sql as $$
  select array(select item ->> 'status' from jsonb_array_elements(
    pg_temp.call(p_person, $q$select list_comments('00000000-0000-4000-8000-0000000000b1')$q$) -> 'items') item)
$$;
select is(pg_temp.selected(null), '{approved}', 'a guest selects approved ones');
select is(pg_temp.selected('bob'), '{approved}', 'so does another person');
select is(pg_temp.selected('owner'), '{approved}', 'and the owner of the post');
select is(pg_temp.selected('ann'), '{approved,flagged,pending,rejected}', 'the author selects their own');
select is(pg_temp.selected('moderator'), '{approved,flagged,pending,rejected}', 'a moderator selects all');
select is(pg_temp.listed(null), '{approved}', 'a guest is given approved ones');
select is(pg_temp.listed('bob'), '{approved}', 'so is another person');
select is(pg_temp.listed('moderator'), '{approved}', 'and a moderator who looks at the post');
select is(pg_temp.listed('ann'), '{pending,approved,flagged,rejected}', 'the author is given their own');
delete from queues.moderators;
select is(pg_temp.selected('moderator'), '{approved}', 'a former moderator selects approved ones');

select is(pg_temp.call('ann', $$select list_comments('00000000-0000-4000-8000-0000000000b1') #> '{items,3}'$$)
  - array['created_at', 'id', 'post_id'],
  jsonb_build_object('body', 'rejected', 'status', 'rejected', 'parent_id', null, 'reply_to', null, 'edited_at', null, 'is_own', true,
    'author_id', pg_temp.person('ann'),
    'own', '{"reasons": ["insult"], "note": "be kind", "may_appeal": true, "by_moderator": false}'::jsonb),
  'the author is told the reasons, not what was found');
select is(pg_temp.call('bob', $$select list_comments('00000000-0000-4000-8000-0000000000b1') #> '{items,0}'$$) -> 'own', 'null', 'others are not');

select throws_ok(format($$select pg_temp.call(%L, 'select %s from public.comments')$$, who, wanted), '42501', null, format('%s reads no %s', coalesce(who, 'a guest'), wanted))
from (values (null), ('bob')) w (who), unnest(array['reasons', 'scores', 'decided_by', 'told']) wanted;
set local role authenticated;
select throws_ok($$insert into public.comments (body) values ('x')$$, '42501', null, 'nobody inserts');
select throws_ok($$update public.comments set status = 'approved'$$, '42501', null, 'nobody updates');
select throws_ok($$delete from public.comments$$, '42501', null, 'nobody deletes');
reset role;

select * from finish();
rollback;
