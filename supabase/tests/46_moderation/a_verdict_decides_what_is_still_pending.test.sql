begin;
select plan(15);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.verdict(p_comment int, p_verdict text, p_other jsonb default '{}') returns void language sql as $$
  select queues.apply_comment_verdicts(jsonb_build_array(jsonb_build_object(
    'comment_id', format('00000000-0000-4000-8000-0000000000c%s', p_comment), 'revision', 1, 'verdict', p_verdict, 'reasons', '[]'::jsonb,
    'scores', '{"offence": 0.1, "spam": 0.2}'::jsonb, 'language', 'en', 'model', '1', 'simhash', null, 'hold_secs', 0, 'asks', false) || p_other))
$$;
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
insert into comments (id, post_id, author_id, body)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'comment ' || n
from generate_series(1, 4) n;
select pg_temp.verdict(1, 'approved', '{"simhash": "0123456789abcdef"}');
select pg_temp.verdict(2, 'flagged', '{"reasons": [{"code": "link", "found": "spam.example"}]}');
select pg_temp.verdict(3, 'rejected', '{"reasons": [{"code": "threat", "found": "kill"}], "hold_secs": 600, "scores": {"offence": 0.9, "spam": 0}}');

select is((select array_agg(status order by id) from comments), '{approved,flagged,rejected,pending}', 'each has its verdict');
select is((select reasons || scores || jsonb_build_object('language', language, 'model', model, 'codes', reason_codes) from comments where status = 'rejected'),
  '[{"code": "threat", "found": "kill"}, {"spam": 0, "offence": 0.9}, {"language": "en", "model": "1", "codes": ["threat"]}]', 'with the evidence');
select is((select array_agg(decided_by is null and not was_decided_by_a_moderator and decided_at is not null) from comments where status <> 'pending'),
  '{t,t,t}', 'decided by the machine');
select is((select array_agg(comment_id::text || simhash) from queues.comment_simhashes), '{00000000-0000-4000-8000-0000000000c10123456789abcdef}',
  'what the comment looked like is remembered');
select is((select array_agg(right(comment_id::text, 1)) from queues.reviews), '{2}', 'a moderator is asked about the flagged one');
select is((select limited_until > clock_timestamp() + interval '590 seconds' from queues.restrictions where profile_id = pg_temp.person('ann')), true,
  'the author is held back');
select is((select array_agg(concat_ws(' ', action, right(comment_id::text, 1), body) order by id) from queues.moderation_log),
  '{"approved 1","flagged 2 comment 2","rejected 3 comment 3"}', 'the log has each');
select is((select array_agg(concat_ws(' ', message ->> 'type', message ->> 'decision') order by msg_id) from pgmq.q_notifications),
  '{"comment_moderated approved","new_comment","comment_moderated flagged","comment_moderated rejected"}', 'the author is told of each, others of what is approved');

-- The same again, as from a second message, changes nothing.
select pg_temp.verdict(1, 'rejected'), pg_temp.verdict(2, 'approved'), pg_temp.verdict(3, 'approved', '{"hold_secs": 86400}');
select pg_temp.verdict(4, 'approved', '{"revision": 2}'), pg_temp.verdict(5, 'approved');
select is((select array_agg(status order by id) from comments), '{approved,flagged,rejected,pending}', 'a decided comment, another revision, and one that is gone');
select is((select count(*)::int from queues.moderation_log), 3, 'leave no trace');
select is((select count(*)::int from pgmq.q_notifications), 4, 'and tell nobody');
select is((select limited_until < clock_timestamp() + interval '1 hour' from queues.restrictions), true, 'and hold nobody back');

select queues.apply_comment_verdicts(jsonb_agg(v)) from (
  select jsonb_build_object('comment_id', '00000000-0000-4000-8000-0000000000c4', 'revision', 1, 'verdict', 'approved', 'reasons', '[]'::jsonb,
    'scores', '{}'::jsonb, 'language', 'es', 'model', '1', 'simhash', '0123456789abcdef', 'hold_secs', 0, 'asks', false) v from generate_series(1, 2)) twice;
select is((select count(*)::int from queues.moderation_log where comment_id = '00000000-0000-4000-8000-0000000000c4'), 1, 'two equal rows are one verdict');
select lives_ok($$select queues.apply_comment_verdicts('[]')$$, 'no rows');

update queues.comment_settings set tell_of_approval = false;
delete from pgmq.q_notifications;
update comments set status = 'pending', decided_at = null, told = null where id = '00000000-0000-4000-8000-0000000000c4';
select pg_temp.verdict(4, 'approved');
select is((select array_agg(message ->> 'type') from pgmq.q_notifications), '{new_comment}', 'authors need not be told of approvals');

select * from finish();
rollback;
