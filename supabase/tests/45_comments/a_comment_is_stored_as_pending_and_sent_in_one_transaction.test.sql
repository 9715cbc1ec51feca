begin;
select plan(12);

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
insert into profiles (id, username) values (pg_temp.person('owner'), 'owner'), (pg_temp.person('ann'), 'ann');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'));

select is(pg_temp.call('ann', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'What a light!')$$) #- '{comment,id}' #- '{comment,created_at}',
  '{"success": true, "comment": {"post_id": "00000000-0000-4000-8000-0000000000b1", "parent_id": null, "body": "What a light!",
    "status": "pending", "revision": 1, "edited_at": null}}', 'a comment is pending');
select is((select count(*)::int from comments where author_id = pg_temp.person('ann') and status = 'pending'), 1, 'it is stored');
select is((select array_agg(message) from pgmq.q_comment_moderation),
  (select array[jsonb_build_object('v', 1, 'comment_id', id)] from comments), 'and one message is sent');

select is(pg_temp.call('ann', $$select post_comment('00000000-0000-4000-8000-0000000000bf', 'x')$$) ->> 'code', 'post_not_found', 'a post that is gone');
select is(pg_temp.call('ann', $$select post_comment(null, 'x')$$) ->> 'code', 'post_not_found', 'no post');
select is(pg_temp.call('ann', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x', '00000000-0000-4000-8000-0000000000cf')$$) ->> 'code',
  'comment_not_found', 'a comment that is gone');
select throws_ok($$select pg_temp.call('stranger', $q$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x')$q$)$$,
  'PT403', 'only people with a profile may do this', 'somebody without a profile');
select throws_ok($$select pg_temp.call(null, $q$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x')$q$)$$,
  '42501', null, 'a guest');
select is((select count(*)::int from pgmq.q_comment_moderation), 1, 'nothing else is sent');

-- A post that its policies hide cannot be commented on.
drop policy "posts are readable by all" on posts_new;
select is(pg_temp.call('ann', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x')$$) ->> 'code', 'post_not_found', 'a post that the caller cannot see');
update comments set status = 'approved', decided_at = now();
select is(pg_temp.call('owner', $$select list_comments('00000000-0000-4000-8000-0000000000b1')$$) -> 'items', '[]', 'nor are its comments seen');

delete from pgmq.q_comment_moderation;
alter table pgmq.q_comment_moderation add constraint full_ check (false) not valid;
create policy p on posts_new for select to authenticated using (true);
select throws_ok($$select pg_temp.call('ann', $q$select post_comment('00000000-0000-4000-8000-0000000000b1', 'lost')$q$)$$,
  '23514', null, 'a comment that cannot be sent is not stored');

select * from finish();
rollback;
