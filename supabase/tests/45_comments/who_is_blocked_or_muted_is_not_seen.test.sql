begin;
select plan(33);

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
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner')), ('00000000-0000-4000-8000-0000000000b2', pg_temp.person('ann'));
insert into comments (id, post_id, author_id, body, status, decided_at)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person(name), name, 'approved', now()
from unnest(array['ann', 'bob', 'owner']) with ordinality a (name, n);
create function pg_temp.listed(p_person text) returns text language sql as $$
  select string_agg(item ->> 'body', ' ' order by item ->> 'body') from jsonb_array_elements(
    pg_temp.call(p_person, $q$select list_comments('00000000-0000-4000-8000-0000000000b1')$q$) -> 'items') item
$$;
create function pg_temp.selected(p_person text) returns text language sql as $$
  select pg_temp.call(p_person, 'select string_agg(body, '' '' order by body) from public.comments') #>> '{}'
$$;
create function pg_temp.hide(p_person text, p_how text, p_whom text) returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'success') from pg_temp.call(p_person, format('select %I(%L)', p_how || '_person', pg_temp.person(p_whom))) a
$$;
select is(pg_temp.hide('ann', 'block', 'bob'), 'true', 'ann blocks bob');
select is(pg_temp.hide('ann', 'block', 'bob'), 'true', 'and again');
select is(pg_temp.listed('ann'), 'ann owner', 'ann is not given the comments of bob');
select is(pg_temp.listed('bob'), 'bob owner', 'nor bob those of ann');
select is(pg_temp.selected('ann'), 'ann owner', 'nor does she select them');
select is(pg_temp.selected('bob'), 'bob owner', 'nor he');
select is(pg_temp.listed('owner'), 'ann bob owner', 'others see both');
select is(pg_temp.listed(null), 'ann bob owner', 'so do guests');
select is(pg_temp.selected('moderator'), 'ann bob owner', 'and moderators');
select is(pg_temp.call('bob', $$select post_comment('00000000-0000-4000-8000-0000000000b2', 'x')$$) ->> 'code', 'post_not_found', 'bob cannot comment on her post');
select is(pg_temp.call('ann', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x', '00000000-0000-4000-8000-0000000000c2')$$) ->> 'code', 'comment_not_found', 'nor she answer him');
select is(pg_temp.call('bob', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'x', '00000000-0000-4000-8000-0000000000c1')$$) ->> 'code', 'comment_not_found', 'nor he her');
select is(pg_temp.call('bob', $$select post_comment('00000000-0000-4000-8000-0000000000b1', 'bob 2')$$) ->> 'success', 'true', 'he comments elsewhere');
delete from comments where body = 'bob 2';
select is(pg_temp.hide('ann', 'unblock', 'bob'), 'true', 'ann takes it back');
select is(pg_temp.listed('ann'), 'ann bob owner', 'and sees him');
select is(pg_temp.listed('bob'), 'ann bob owner', 'and he her');

select is(pg_temp.hide('ann', 'mute', 'bob'), 'true', 'ann mutes bob');
select is(pg_temp.listed('ann'), 'ann owner', 'she is not given his comments');
select is(pg_temp.listed('bob'), 'ann bob owner', 'he notices nothing');
select is(pg_temp.call('bob', $$select post_comment('00000000-0000-4000-8000-0000000000b2', 'x')$$) ->> 'success', 'true', 'and comments on her post');
select is(pg_temp.hide('ann', 'unblock', 'bob'), 'true', 'taking back a block');
select is(pg_temp.listed('ann'), 'ann owner', 'takes back no mute');
select is(pg_temp.hide('ann', 'unmute', 'bob'), 'true', 'taking back the mute');
select is(pg_temp.listed('ann'), 'ann bob owner', 'does');

select is(pg_temp.hide('ann', 'block', 'ann'), 'person_not_found', 'nobody blocks themselves');
select is(pg_temp.hide('ann', 'mute', 'zoe'), 'person_not_found', 'nor a stranger');
select throws_ok($$select pg_temp.hide(null, 'block', 'bob')$$, '42501', null, 'nor does a guest');
select is(pg_temp.hide('ann', 'block', 'bob') || pg_temp.hide('ann', 'block', 'owner') || pg_temp.hide('bob', 'block', 'ann'), 'truetruetrue', 'blocks');
select is((select array_agg(item ->> 'username') from jsonb_array_elements(pg_temp.call('ann', $$select list_hidden_people('block')$$) -> 'items') item),
  '{owner,bob}', 'people list theirs, latest first');
select is((select array_agg(item ->> 'username') from jsonb_array_elements(pg_temp.call('ann', format($$select list_hidden_people('block', 1, %L)$$,
  pg_temp.call('ann', $$select list_hidden_people('block', 1)$$) ->> 'next')) -> 'items') item), '{bob}', 'by pages');
select is(pg_temp.call('ann', $$select list_hidden_people('mute')$$), '{"items": [], "next": null}', 'each kind apart');
select throws_ok($$select pg_temp.call('ann', $q$select list_hidden_people('x')$q$)$$, 'PT422', null, 'an unknown kind');
select throws_ok($$select pg_temp.call('ann', 'select count(*) from queues.hidden_people')$$, '42501', null, 'nobody reads the table');

select * from finish();
rollback;
