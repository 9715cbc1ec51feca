begin;
select plan(15);

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
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body, status, decided_at, reasons, scores, language, model)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'first', 'rejected', now(),
  '[{"code": "insult", "found": null}]', '{"offence": 1}', 'en', '1');
create function pg_temp.edit(p_person text, p_body text) returns jsonb language sql as $$
  select pg_temp.call(p_person, format('select edit_comment(%L, %L)', '00000000-0000-4000-8000-0000000000c1', p_body))
$$;
select is(pg_temp.edit('bob', 'mine') ->> 'code', 'comment_not_found', 'others cannot edit it');
select is(pg_temp.edit('moderator', 'mine') ->> 'code', 'comment_not_found', 'nor can moderators');
select is(pg_temp.edit('ann', ' ') ->> 'code', 'invalid_body', 'the text is checked');
select is(pg_temp.edit('ann', 'first') #>> '{comment,status}', 'rejected', 'the same text changes nothing');
select is((select count(*)::int from pgmq.q_comment_moderation), 0, 'and is not judged again');
select is(pg_temp.edit('ann', 'second') #>> '{comment,revision}', '2', 'a new revision');
select is((select array[status, body, reasons::text, scores::text, model, decided_at::text] from comments),
  array['pending', 'second', '[]', null, null, null], 'is undecided');
select isnt((select edited_at from comments), null, 'and marked as edited');
select is((select array_agg(message ->> 'comment_id') from pgmq.q_comment_moderation), array['00000000-0000-4000-8000-0000000000c1'], 'it is sent');

update comments set status = 'approved', decided_at = now();
select is(pg_temp.edit('ann', 'third') #>> '{comment,status}', 'pending', 'an approved comment that is edited');
select is(pg_temp.call('bob', $$select list_comments('00000000-0000-4000-8000-0000000000b1')$$) -> 'items', '[]', 'is hidden until it is judged');
select is(pg_temp.call('moderator', $$select reject_comment('00000000-0000-4000-8000-0000000000c1', 'no')$$) ->> 'status', 'rejected', 'a moderator rejects it');
select is(pg_temp.edit('ann', 'fourth') ->> 'code', 'decided_by_moderator', 'no edit makes the machine overrule a moderator');
delete from profiles where id = pg_temp.person('moderator');
select is(pg_temp.edit('ann', 'fourth') ->> 'code', 'decided_by_moderator', 'nor when the moderator is gone');
select is((select body from comments), 'third', 'it is as it was');

select * from finish();
rollback;
