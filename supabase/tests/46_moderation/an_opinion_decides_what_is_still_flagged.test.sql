begin;
select plan(15);

create function pg_temp.opinion(p_comment int, p_verdict text, p_other jsonb default '{}') returns void language sql as $$
  select queues.apply_comment_opinions(jsonb_build_array(jsonb_build_object(
    'comment_id', format('00000000-0000-4000-8000-0000000000c%s', p_comment), 'revision', 1, 'verdict', p_verdict,
    'reason', case p_verdict when 'rejected' then '{"code": "second_opinion", "found": "hate"}'::jsonb end, 'hold_secs', 0, 'provider', 'openai',
    'opinion', '{"flagged": false, "scores": {"hate": 0.1}, "model": "m-1"}'::jsonb) || p_other))
$$;
insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a1', 'ann'), ('00000000-0000-4000-8000-0000000000a2', 'bob');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body, status, decided_at, reasons)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'comment ' || n,
  case n when 5 then 'approved' when 6 then 'pending' else 'flagged' end, case n when 6 then null else now() - interval '1 minute' end, '[{"code": "link", "found": "x.example"}]'
from generate_series(1, 8) n;
select queues.open_review(id, null) from comments where status = 'flagged';
insert into queues.reports (reporter_id, comment_id, reason) values ('00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000c8', 'spam');

select pg_temp.opinion(1, 'approved'), pg_temp.opinion(2, 'rejected', '{"hold_secs": 600}'), pg_temp.opinion(3, 'flagged'), pg_temp.opinion(8, 'approved');
select is((select array_agg(status order by id) from comments), '{approved,rejected,flagged,flagged,approved,pending,flagged,approved}', 'each has its verdict');
select is((select array_agg(opinion - 'at' order by id) from comments where id < '00000000-0000-4000-8000-0000000000c4'), array[
  '{"provider": "openai", "verdict": "approved", "flagged": false, "scores": {"hate": 0.1}, "model": "m-1"}',
  '{"provider": "openai", "verdict": "rejected", "flagged": false, "scores": {"hate": 0.1}, "model": "m-1"}',
  '{"provider": "openai", "verdict": "flagged", "flagged": false, "scores": {"hate": 0.1}, "model": "m-1"}']::jsonb[], 'with what the service said');
select is((select array_agg(reason_codes order by id) from comments where id < '00000000-0000-4000-8000-0000000000c4'),
  array['[]', '["link", "second_opinion"]', '["link"]']::jsonb[], 'and its reasons');
select is((select array_agg(decided_at > now() - interval '30 seconds' order by id) from comments where id < '00000000-0000-4000-8000-0000000000c4'), '{t,t,f}',
  'one that stays flagged is not decided anew');
select is((select array_agg(right(comment_id::text, 1) order by comment_id) from queues.reviews), '{3,4,7,8}', 'moderators need not look at what is decided, unless somebody reported it');
select is((select array_agg(concat_ws(' ', action, right(comment_id::text, 1), opinion ->> 'model') order by id) from queues.moderation_log),
  '{"approved 1 m-1","rejected 2 m-1","approved 8 m-1"}', 'the log has the decisions');
select is((select array_agg(concat_ws(' ', message ->> 'type', message ->> 'decision') order by msg_id) from pgmq.q_notifications),
  '{"comment_moderated approved","comment_moderated rejected","comment_moderated flagged","comment_moderated approved"}',
  'the author is told, also of a flag that stays');
select is((select limited_until > clock_timestamp() + interval '590 seconds' from queues.restrictions), true, 'and held back');

select pg_temp.opinion(4, 'rejected', '{"revision": 2}'), pg_temp.opinion(5, 'rejected'), pg_temp.opinion(6, 'approved'), pg_temp.opinion(9, 'rejected'),
  pg_temp.opinion(1, 'rejected', '{"hold_secs": 86400}'), pg_temp.opinion(2, 'approved');
select is((select array_agg(status order by id) from comments), '{approved,rejected,flagged,flagged,approved,pending,flagged,approved}',
  'another revision, what is decided or not judged yet, and what is gone, stay as they are');
select is((select array_agg(opinion is null order by id) from comments where id > '00000000-0000-4000-8000-0000000000c3'), '{t,t,t,t,f}', 'without an opinion');
select is((select count(*)::int from queues.moderation_log), 3, 'and leave no trace');
select is((select limited_until < clock_timestamp() + interval '1 hour' from queues.restrictions), true, 'and hold nobody back');

update comments set reasons = (select jsonb_agg(jsonb_build_object('code', 'link' || n)) from generate_series(1, 8) n) where id = '00000000-0000-4000-8000-0000000000c7';
select pg_temp.opinion(7, 'rejected');
select is((select reason_codes from comments where id = '00000000-0000-4000-8000-0000000000c7'), '["link1", "link2", "link3", "link4", "link5", "link6", "link7", "second_opinion"]',
  'the reasons stay a short list');
update comments set opinion = '{}', reasons = '[]' where id = '00000000-0000-4000-8000-0000000000c3';
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a1", "role": "authenticated"}', true);
update queues.restrictions set limited_until = '-infinity';
select is(edit_comment('00000000-0000-4000-8000-0000000000c3', 'another text') ->> 'success', 'true', 'an edit');
select is((select opinion from comments where id = '00000000-0000-4000-8000-0000000000c3'), null, 'forgets the opinion about the text before');

select * from finish();
rollback;
