begin;
select plan(27);

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
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator', 'not one']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
insert into comments (id, post_id, author_id, body, status, decided_at, reasons, scores, language, model)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person(case n when 3 then 'moderator' else 'ann' end),
  'comment ' || n, case n when 2 then 'approved' else 'flagged' end, now(), case n when 2 then '[]' else '[{"code": "link", "found": "x.example"}]' end::jsonb,
  '{"spam": 0.7}', 'en', '1'
from generate_series(1, 3) n;
insert into queues.reviews (comment_id, opened_at) values ('00000000-0000-4000-8000-0000000000c1', now() - interval '3 hours'), ('00000000-0000-4000-8000-0000000000c3', now());
insert into queues.reviews (post_id, opened_at) values ('00000000-0000-4000-8000-0000000000b1', now() - interval '1 hour');
insert into queues.reports (reporter_id, post_id, reason) values (pg_temp.person('bob'), '00000000-0000-4000-8000-0000000000b1', 'spam');
select is(pg_temp.call('bob', $$select report_comment('00000000-0000-4000-8000-0000000000c2', 'hate', 'look')$$) ->> 'success', 'true', 'a report');
update queues.reviews set opened_at = now() - interval '2 hours' where comment_id = '00000000-0000-4000-8000-0000000000c2';

create temp table list as select pg_temp.call('moderator', 'select list_reviews()') as l;
select is((select array_agg(right(coalesce(i ->> 'comment_id', i ->> 'post_id'), 2)) from list, jsonb_array_elements(l -> 'items') i), '{c1,c2,b1,c3}', 'longest first');
select is((select (l #> '{items,0,evidence,comment}') - array['id', 'author', 'created_at', 'decided_at'] from list),
  '{"parent_id": null, "body": "comment 1", "status": "flagged", "revision": 1, "edited_at": null, "decided_by": null, "language": "en", "model": "1",
    "note": null, "reasons": [{"code": "link", "found": "x.example"}], "scores": {"spam": 0.7}, "opinion": null}', 'with what the machine found');
select is((select (l #> '{items,0,evidence,comment,author}') - 'age_secs' from list),
  jsonb_build_object('id', pg_temp.person('ann'), 'username', 'ann', 'offences', 0, 'limited_until', null, 'banned_until', null), 'who wrote it');
select is((select (l #> '{items,1,evidence,reports,0}') - 'reported_at' from list),
  jsonb_build_object('reporter_id', pg_temp.person('bob'), 'reason', 'hate', 'note', 'look'), 'what was reported');
select is((select l #> '{items,2,evidence,post,caption}' from list), '"sea"', 'and posts');
select is(pg_temp.call('moderator', format('select list_reviews(2, %L)', pg_temp.call('moderator', 'select list_reviews(2)') ->> 'next')) #>> '{items,0,post_id}',
  '00000000-0000-4000-8000-0000000000b1', 'by pages');

select is(pg_temp.call('moderator', $$select approve_comment('00000000-0000-4000-8000-0000000000c1', 'harmless')$$), '{"success": true, "status": "approved"}', 'approving');
select is((select array[status, reasons::text, note] from comments where body = 'comment 1'), array['approved', '[]', null], 'publishes it');
select is((select decided_by = pg_temp.person('moderator') and was_decided_by_a_moderator from comments where body = 'comment 1'), true, 'says who decided');
select is(pg_temp.call('moderator', $$select reject_comment('00000000-0000-4000-8000-0000000000c2', 'be kind')$$), '{"success": true, "status": "rejected"}', 'rejecting');
select is((select array[status, note] from comments where body = 'comment 2'), array['rejected', 'be kind'], 'hides it, with a note to the author');
select isnt((select closed_at from queues.reports where comment_id is not null), null, 'its report is closed');
select is(pg_temp.call('moderator', $$select close_post_review('00000000-0000-4000-8000-0000000000b1', 'fine')$$) ->> 'success', 'true', 'closing a post');
select is(pg_temp.call('moderator', $$select close_post_review('00000000-0000-4000-8000-0000000000b1', 'fine')$$) ->> 'code', 'post_not_found', 'once');
select is(pg_temp.call('moderator', $$select approve_comment('00000000-0000-4000-8000-0000000000c3')$$) ->> 'code', 'own_comment', 'not one''s own comment');
select is(pg_temp.call('moderator', $$select approve_comment('00000000-0000-4000-8000-0000000000cf')$$) ->> 'code', 'comment_not_found', 'nor one that is gone');
select is((select array_agg(concat_ws(' ', action, actor_id = pg_temp.person('moderator'), right(comment_id::text, 2), note) order by id) from queues.moderation_log),
  '{"reported f c2 hate: look","approved t c1 harmless","rejected t c2 be kind","dismissed t fine"}', 'the log has each decision');
select is((select array_agg(message ->> 'decision' order by msg_id) from pgmq.q_notifications where message ->> 'type' = 'comment_moderated'), '{approved,rejected}', 'the author is told');
select is(pg_temp.call('moderator', $$select list_reviews() #> '{items,0,comment_id}'$$), '"00000000-0000-4000-8000-0000000000c3"', 'the rest still waits');

-- The role is read at each call.
select throws_ok(format('select pg_temp.call(%L, %L)', 'not one', statement), 'PT403', 'only moderators may do this', statement)
from unnest(array[
  'select list_reviews()', $$select approve_comment('00000000-0000-4000-8000-0000000000c3')$$, $$select reject_comment('00000000-0000-4000-8000-0000000000c3')$$,
  $$select ban_person('00000000-0000-4000-8000-000000000061', 60)$$, $$select close_post_review('00000000-0000-4000-8000-0000000000b1')$$]) statement;
delete from queues.moderators;
select throws_ok($$select pg_temp.call('moderator', 'select list_reviews()')$$, 'PT403', null, 'who is a moderator no longer is out at once');
select throws_ok($$select pg_temp.call(null, 'select list_reviews()')$$, '42501', null, 'guests are out anyway');

select * from finish();
rollback;
