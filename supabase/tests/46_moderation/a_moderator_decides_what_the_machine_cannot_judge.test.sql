begin;
select plan(5);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
insert into comments (id, post_id, author_id, body)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'comment ' || n
from generate_series(1, 4) n;
create function pg_temp.bury(p_messages jsonb) returns void language plpgsql as $$
begin
  perform pgmq.send('comment_moderation', m) from jsonb_array_elements(p_messages) m;
  perform queues.dead_letter(queues.settings_of('comment_moderation'),
    (select jsonb_agg(jsonb_build_object('msg_id', msg_id, 'code', 'worker_crashed', 'error', 'e')) from pgmq.q_comment_moderation), false);
end $$;
update comments set status = 'approved', decided_at = now() where body = 'comment 2';
select pg_temp.bury('[{"v": 1, "comment_id": "00000000-0000-4000-8000-0000000000c1"}, {"comment_id": "00000000-0000-4000-8000-0000000000c2"},
  {"comment_id": "00000000-0000-4000-8000-0000000000cf"}, {"comment_id": 7}, {"comment_id": "x"}, 1, null, [], {}]');
select is((select count(*)::int from pgmq.q_comment_moderation_dlq), 9, 'all are dead letters');
select is((select array_agg(status order by id) from comments), '{flagged,approved,pending,pending}', 'the pending one is flagged');
select is((select array_agg(comment_id) from queues.reviews), '{00000000-0000-4000-8000-0000000000c1}', 'a moderator is asked');
select is((select array_agg(note) from queues.moderation_log), '{"the machine could not judge it"}', 'the log says why');
select is((select array_agg(message ->> 'decision') from pgmq.q_notifications), '{flagged}', 'the author is told');

select * from finish();
rollback;
