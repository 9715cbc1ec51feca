begin;
select plan(6);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a1', 'ann'), ('00000000-0000-4000-8000-0000000000a2', 'bob');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a2');
insert into comments (id, post_id, author_id, body, revision, told)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1',
  'comment ' || n, 2, case n when 1 then '[{"type": "new_comment", "recipient_id": "00000000-0000-4000-8000-0000000000a2"}]'::jsonb end
from generate_series(1, 7) n;
create function pg_temp.told() returns text[] language sql as $$
  with told as (delete from pgmq.q_notifications returning msg_id, message)
  select array_agg(concat_ws(' ', message ->> 'type', right(message ->> 'comment_id', 1), message ->> 'decision') order by msg_id) from told
$$;
create function pg_temp.bury(p_messages jsonb) returns void language plpgsql as $$
begin
  delete from pgmq.q_comment_opinions;
  perform pgmq.send('comment_opinions', m) from jsonb_array_elements(p_messages) m;
  perform queues.dead_letter(queues.settings_of('comment_opinions'),
    (select jsonb_agg(jsonb_build_object('msg_id', msg_id, 'code', 'retries_exhausted', 'error', 'e')) from pgmq.q_comment_opinions), false);
end $$;

select queues.apply_comment_verdicts(jsonb_agg(jsonb_build_object('comment_id', id, 'revision', 2, 'verdict', 'flagged', 'reasons', '[]'::jsonb,
  'scores', '{}'::jsonb, 'language', 'en', 'model', '1', 'simhash', null, 'hold_secs', 0, 'asks', true))) from comments;
select is(pg_temp.told(), '{"new_comment 1"}', 'others see it no more; the author waits for the opinion');

update comments set status = 'approved' where id = '00000000-0000-4000-8000-0000000000c4';
update comments set opinion = '{}' where id = '00000000-0000-4000-8000-0000000000c5';
select queues.apply_unanswered_opinions('[{"comment_id": "00000000-0000-4000-8000-0000000000c1", "revision": 2},
  {"comment_id": "00000000-0000-4000-8000-0000000000c2", "revision": 1}, {"comment_id": "00000000-0000-4000-8000-0000000000c4", "revision": 2},
  {"comment_id": "00000000-0000-4000-8000-0000000000c5", "revision": 2}, {"comment_id": "00000000-0000-4000-8000-0000000000c9", "revision": 2}]');
select is(pg_temp.told(), '{"comment_moderated 1 flagged"}', 'is told once nobody is asked any more, if the comment still waits in that revision');
select throws_like(format('select queues.apply_unanswered_opinions(%L)', rows), '%effects.unanswered_opinions%', rows)
from (values ('[{"comment_id": "x", "revision": 2}]'), ('[{"comment_id": "00000000-0000-4000-8000-0000000000c1", "revision": "2"}]')) invalid (rows);

select pg_temp.bury('[{"v": 1, "comment_id": "00000000-0000-4000-8000-0000000000c6", "revision": 2},
  {"comment_id": "00000000-0000-4000-8000-0000000000c7", "revision": 1}, {"comment_id": "00000000-0000-4000-8000-0000000000c7"},
  {"comment_id": 7}, {"comment_id": "x", "revision": "x"}, 1, null, [], {}]');
select is(pg_temp.told(), '{"comment_moderated 6 flagged"}', 'is told of a flag when its question is a dead letter');
select is((select count(*)::int from pgmq.q_comment_opinions_dlq), 9, 'whatever these are');

select * from finish();
rollback;
