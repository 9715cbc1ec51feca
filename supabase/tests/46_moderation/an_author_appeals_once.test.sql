begin;
select plan(14);

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
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['ann', 'bob', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body, status, decided_at)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), status, status, now()
from unnest(array['rejected', 'flagged', 'approved']) with ordinality a (status, n);
create function pg_temp.appeal(p_person text, p_comment int, p_body text) returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'success')
  from pg_temp.call(p_person, format('select appeal_comment(''00000000-0000-4000-8000-0000000000c%s'', %L)', p_comment, p_body)) a
$$;
select is(pg_temp.appeal('bob', 1, 'please'), 'comment_not_found', 'not others');
select is(pg_temp.appeal('ann', 2, 'please'), 'not_rejected', 'not while it waits');
select is(pg_temp.appeal('ann', 3, 'please'), 'not_rejected', 'not if it is approved');
select is(pg_temp.appeal('ann', 1, repeat('x', 1001)), 'invalid_body', 'not at length');
select is(pg_temp.appeal('ann', 1, ' '), 'invalid_body', 'not without words');
select throws_ok($$select pg_temp.appeal(null, 1, 'please')$$, '42501', null, 'not guests');
select is(pg_temp.appeal('ann', 1, 'it was a joke'), 'true', 'the author');
select is((select array_agg(comment_id) from queues.reviews), '{00000000-0000-4000-8000-0000000000c1}', 'a moderator is asked');
select is(pg_temp.appeal('ann', 1, 'really'), 'already_appealed', 'once');
select is(pg_temp.call('moderator', $$select list_reviews() #> '{items,0,evidence,appeal,body}'$$), '"it was a joke"', 'who reads it');
select is(pg_temp.call('moderator', $$select reject_comment('00000000-0000-4000-8000-0000000000c1', 'it was not')$$) ->> 'success', 'true', 'and decides');
select is((select count(*)::int from queues.reviews) + (select count(*)::int from queues.appeals where closed_at is null), 0, 'the appeal is closed');
select is(pg_temp.appeal('ann', 1, 'really'), 'already_appealed', 'the decision stands');
select is(pg_temp.call('ann', $$select list_comments('00000000-0000-4000-8000-0000000000b1') #> '{items,2,own}'$$),
  '{"reasons": [], "note": "it was not", "may_appeal": false, "by_moderator": true}', 'and the author reads why');

select * from finish();
rollback;
