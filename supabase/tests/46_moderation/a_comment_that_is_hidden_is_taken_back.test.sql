begin;
select plan(10);

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
update comments set body = 'hi @bob' where id = '00000000-0000-4000-8000-0000000000c1';
insert into queues.moderators values (pg_temp.person('moderator'));
create function pg_temp.told() returns text[] language plpgsql as $$
declare v_told text[];
begin
  with taken as (delete from pgmq.q_notifications returning msg_id, message)
  select array_agg(concat_ws(' ', message ->> 'type', message ->> 'decision', case when (message ->> 'withdrawn')::boolean then 'withdrawn' end)
    order by msg_id) into v_told from taken;
  return v_told;
end $$;
select pg_temp.verdict(1, 'approved');
select is((select message - 'timestamp' from pgmq.q_notifications where message ->> 'type' = 'mention'), jsonb_build_object('v', 1, 'type', 'mention',
  'recipient_id', pg_temp.person('bob'), 'post_id', '00000000-0000-4000-8000-0000000000b1', 'post_caption', 'sea',
  'comment_id', '00000000-0000-4000-8000-0000000000c1', 'comment', 'hi @bob', 'actor_profile_id', pg_temp.person('ann'), 'withdrawn', false), 'the message');
select is(pg_temp.told(), '{"comment_moderated approved",mention,new_comment}', 'all are told');
select is(pg_temp.call('ann', $$select edit_comment('00000000-0000-4000-8000-0000000000c1', 'hi @bob and @moderator')$$) ->> 'success', 'true', 'the author edits it');
select pg_temp.verdict(1, 'approved', '{"revision": 2}');
select is(pg_temp.told(), '{"comment_moderated approved"}', 'an edit is no news for others');
select is(pg_temp.call('moderator', $$select reject_comment('00000000-0000-4000-8000-0000000000c1')$$) ->> 'success', 'true', 'a moderator rejects it');
select is(pg_temp.told(), '{"comment_moderated rejected","mention withdrawn","new_comment withdrawn"}', 'what they were told is taken back');
select is(pg_temp.call('moderator', $$select approve_comment('00000000-0000-4000-8000-0000000000c1')$$) ->> 'success', 'true', 'and approves it after all');
select is(pg_temp.told(), '{"comment_moderated approved",mention,mention,new_comment}', 'all are told, also who was mentioned since');
select is(pg_temp.call('moderator', $$select approve_comment('00000000-0000-4000-8000-0000000000c1')$$) ->> 'success', 'true', 'approving again');
select is(pg_temp.told(), null, 'tells nobody');

select * from finish();
rollback;
