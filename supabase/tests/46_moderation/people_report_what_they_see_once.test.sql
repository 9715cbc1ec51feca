begin;
select plan(19);

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
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'cat']) name;
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'));
insert into comments (id, post_id, author_id, body, status, decided_at)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), status, status, now()
from unnest(array['approved', 'flagged']) with ordinality a (status, n);
create function pg_temp.report(p_person text, p_what text, p_id text, p_reason text, p_note text default null) returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'alreadyReported', a ->> 'success')
  from pg_temp.call(p_person, format('select %I(%L, %L, %L)', 'report_' || p_what, '00000000-0000-4000-8000-0000000000' || p_id, p_reason, p_note)) a
$$;
select is(pg_temp.report('bob', 'comment', 'c1', 'hate', 'look'), 'true', 'a comment');
select is(current_setting('response.status', true), null, 'answered as usual');
select is((select count(*)::int from queues.reviews where comment_id is not null), 1, 'a moderator is asked');
select is(pg_temp.report('bob', 'comment', 'c1', 'spam'), 'true', 'the same person again');
select is((select array_agg(reason) from queues.reports), '{hate}', 'changes nothing');
select is(pg_temp.report('cat', 'comment', 'c1', 'spam'), 'true', 'another person');
select is((select count(*)::int from queues.reviews), 1, 'joins the same review');
select is(pg_temp.report('cat', 'post', 'b1', 'sexual'), 'true', 'a post');
select is((select count(*)::int from queues.reviews where post_id is not null), 1, 'asks a moderator too');
select is(pg_temp.report('ann', 'comment', 'c1', 'spam'), 'comment_not_found', 'not one''s own comment');
select is(pg_temp.report('owner', 'post', 'b1', 'spam'), 'post_not_found', 'nor post');
select is(pg_temp.report('bob', 'comment', 'c2', 'spam'), 'comment_not_found', 'nor what one does not see');
select is(pg_temp.report('bob', 'comment', 'cf', 'spam'), 'comment_not_found', 'nor what is gone');
select is(pg_temp.report('bob', 'post', 'bf', 'spam'), 'post_not_found', 'nor a post that is gone');
select is(pg_temp.report('bob', 'post', 'b1', 'boring'), 'invalid_reason', 'for a reason');
select is(pg_temp.report('bob', 'post', 'b1', 'spam', repeat('x', 501)), 'invalid_note', 'with a short note');
select throws_ok($$select pg_temp.report(null, 'post', 'b1', 'spam')$$, '42501', null, 'guests do not report');
select is((select array_agg(note order by id) from queues.moderation_log), '{"hate: look",spam,sexual}', 'the log has them');
update queues.rate_limits set enabled = true, per_minute = 1, burst = 1 where action = 'report';
select is(pg_temp.report('bob', 'post', 'b1', 'spam') || pg_temp.report('bob', 'post', 'b1', 'spam'), 'truerate_limited', 'not too often');

select * from finish();
rollback;
