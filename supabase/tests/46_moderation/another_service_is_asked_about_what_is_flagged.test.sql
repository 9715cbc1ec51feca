begin;
select plan(11);

create function pg_temp.verdict(p_comment int, p_verdict text, p_asks boolean) returns void language sql as $$
  select queues.apply_comment_verdicts(jsonb_build_array(jsonb_build_object(
    'comment_id', format('00000000-0000-4000-8000-0000000000c%s', p_comment), 'revision', 1, 'verdict', p_verdict, 'reasons', '[]'::jsonb,
    'scores', '{}'::jsonb, 'language', 'en', 'model', '1', 'simhash', null, 'hold_secs', 0, 'asks', p_asks)))
$$;
insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a1', 'ann');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'comment ' || n
from generate_series(1, 4) n;

select pg_temp.verdict(1, 'flagged', true), pg_temp.verdict(2, 'flagged', false), pg_temp.verdict(3, 'approved', true);
select is((select array_agg(message) from pgmq.q_comment_opinions), array['{"v": 1, "revision": 1, "comment_id": "00000000-0000-4000-8000-0000000000c1"}']::jsonb[],
  'the revision that was flagged is sent, and nothing else');
select is((select array_agg(right(comment_id::text, 1) order by comment_id) from queues.reviews), '{1,2}', 'moderators are asked at once');
select is((select array_agg(concat_ws(' ', right(message ->> 'comment_id', 1), message ->> 'decision') order by msg_id) from pgmq.q_notifications
  where message ->> 'type' = 'comment_moderated'), '{"2 flagged","3 approved"}', 'the author of the first is told when there is an opinion');
select pg_temp.verdict(1, 'flagged', true), pg_temp.verdict(9, 'flagged', true);
select is((select count(*)::int from pgmq.q_comment_opinions), 1, 'a comment that is decided, and one that is gone, are not sent');

create function pg_temp.context() returns jsonb language sql as $$
  select queues.opinion_context((select jsonb_agg(jsonb_build_object('msg_id', n, 'message', jsonb_build_object(
    'v', 1, 'revision', 1, 'comment_id', format('00000000-0000-4000-8000-0000000000c%s', n)))) from generate_series(1, 9) n))
$$;
select is(pg_temp.context() #>> '{settings,provider}', null, 'by default nobody is asked');
select is(pg_temp.context() -> 'breakers', '[]', 'and no breaker is needed');
update queues.comment_settings set opinion_provider = 'openai', opinion_approve_below = 0.1, opinion_reject_from = 0.9, opinion_max_age_secs = 3600;
insert into queues.moderation_log (action, person_id, comment_id) values ('rejected', '00000000-0000-4000-8000-0000000000a1', gen_random_uuid());
select is(pg_temp.context() -> 'settings', '{"provider": "openai", "bounds": {"approve_below": 0.1, "reject_from": 0.9}, "max_age_secs": 3600,
  "breaker_failures": 5, "breaker_base_secs": 30, "breaker_cap_secs": 900}', 'a claim has the settings');
select is(pg_temp.context() #>> '{breakers,0,provider}', 'openai', 'and the breaker of the service');
-- However long this test has taken.
select is((select jsonb_object_agg(id, c - 'age_secs') from jsonb_each(pg_temp.context() -> 'comments') e (id, c)), '{
  "00000000-0000-4000-8000-0000000000c1": {"revision": 1, "body": "comment 1", "author": {"age_secs": null, "offences": 1}},
  "00000000-0000-4000-8000-0000000000c2": {"revision": 1, "body": "comment 2", "author": {"age_secs": null, "offences": 1}}}',
  'and the comments that are flagged');
select is((select context -> 'settings' -> 'opinion' from queues.comment_context('[]') context), '{"provider": "openai", "from": 0.000, "to": 1.000}',
  'the machine learns which comments to ask about');
select lives_ok($$select queues.opinion_context(m) from (values ('[]'::jsonb), ('[{"message": null}, {"message": {"comment_id": 7}}, {}]')) v (m)$$,
  'a claim accepts any message');

select * from finish();
rollback;
