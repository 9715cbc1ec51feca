begin;
select plan(22);

update queues.rate_limits set per_minute = 6, burst = 2 where action = 'like';
insert into posts_new (id) select format('00000000-0000-4000-8000-0000000000b%s', n)::uuid from generate_series(1, 4) n;
set local role anon;
create function pg_temp.toggle(p_post int, p_defer boolean default true) returns jsonb language sql as $$
  select toggle_post_like(format('00000000-0000-4000-8000-0000000000b%s', p_post)::uuid, 's', p_defer)::jsonb
$$;

select is(pg_temp.toggle(1), '{"success": true, "isLiked": true, "newLikeCount": 1}', 'within the limit nothing is deferred');
select is(pg_temp.toggle(2) ->> 'success', 'true', 'to the last one');
select is(current_setting('response.status', true), null, 'with an ordinary answer');

select is(pg_temp.toggle(3) - 'applyAfter', '{"success": true, "deferred": true, "isLiked": true}', 'one over the limit is deferred');
select is(current_setting('response.status'), '202', 'with status 202');
select is(pg_temp.toggle(1) - 'applyAfter', '{"success": true, "deferred": true, "isLiked": false}',
  'the wish is the opposite of the state');
select is(pg_temp.toggle(9) ->> 'code', 'post_not_found', 'a post that does not exist is not liked later either');
select is(pg_temp.toggle(4, null) ->> 'code', 'rate_limited', 'without p_defer it is refused');
select is(current_setting('response.status'), '429', 'with status 429');
reset role;

select is((select count(*)::int from post_ratings), 2, 'nothing is changed yet');
select is((select count(*)::int from pgmq.q_like_events), 2, 'nor is an event sent');
select results_eq(
  $$select right(post_id::text, 1), owner, is_liked, extract(epoch from apply_after - kept_at)::numeric between 1 and 20
    from queues.deferred_likes order by apply_after$$,
  $$values ('3', 'session:s', true, true), ('1', 'session:s', false, true)$$,
  'the wishes are kept in their order');
select cmp_ok(max(apply_after) - min(apply_after), '=', interval '10 seconds', 'at the pace of the limit')
from queues.deferred_likes;
select results_eq(
  'select message from pgmq.q_deferred_actions', $$values ('{"v": 1, "action": "like", "owner": "session:s"}'::jsonb)$$,
  'one message says whose');
select is((select vt between d.apply_after - interval '1 ms' and d.apply_after + interval '1100 ms'
  from pgmq.q_deferred_actions, (select min(apply_after) as apply_after from queues.deferred_likes) d), true,
  'and becomes visible when the first is due');
select queues.dispatch();
select is((select count(*)::int from queues.dispatches where queue = 'deferred_actions'), 0, 'no worker is called before');

-- The last wish wins.
set local role anon;
create temporary table first on commit drop as select pg_temp.toggle(3) as answer;
select is(answer - 'applyAfter', '{"success": true, "deferred": true, "isLiked": false}', 'a second tap takes it back')
from first;
select is(pg_temp.toggle(3) - 'applyAfter', '{"success": true, "deferred": true, "isLiked": true}', 'a third likes again');
reset role;
select results_eq(
  $$select count(*)::int, bool_and(is_liked) from queues.deferred_likes where post_id::text like '%3'$$, 'values (1, true)',
  'a post has one wish');
select is((select (answer ->> 'applyAfter')::timestamptz from first), (select min(apply_after) from queues.deferred_likes),
  'which keeps its place');
select is((select count(*)::int from pgmq.q_deferred_actions), 1, 'and its message');
select has_function('public', 'toggle_post_like', array['uuid', 'text', 'boolean'], 'there is one function')
where (select count(*) from pg_proc where proname = 'toggle_post_like' and pronamespace = 'public'::regnamespace) = 1;

select * from finish();
rollback;
