begin;
select plan(21);

update queues.rate_limits set per_minute = 6, burst = 1 where action = 'like';
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into posts_new (id, profile_id, caption)
select format('00000000-0000-4000-8000-0000000000b%s', n)::uuid, '00000000-0000-4000-8000-00000000000a', 'A caption'
from generate_series(1, 4) n;
create function pg_temp.toggle(p_post int, p_defer boolean default true) returns jsonb language sql as $$
  select toggle_post_like(format('00000000-0000-4000-8000-0000000000b%s', p_post)::uuid, 's', p_defer)::jsonb
$$;
create function pg_temp.pass(p_time interval) returns void language sql as $$
  update queues.rate_limit_keys set free_at = free_at - p_time;
  update queues.deferred_likes set apply_after = apply_after - p_time;
  update pgmq.q_deferred_actions set vt = vt - p_time;
$$;
create function pg_temp.claim() returns jsonb language sql as $$select claim_messages('deferred_actions')::jsonb$$;
create function pg_temp.settle(p_claim jsonb, p_decision text) returns boolean language sql as $$
  select (settle_messages('deferred_actions', jsonb_build_object(
    'acks', (select jsonb_agg(jsonb_build_array(m -> 'msg_id', m -> 'read_ct')) from jsonb_array_elements(p_claim -> 'messages') m),
    'effects', jsonb_build_object('deferred_likes', (
      select coalesce(jsonb_agg(jsonb_build_object('id', l -> 'id', 'revision', l -> 'revision', 'decision', p_decision)), '[]')
      from jsonb_each(p_claim #> '{context,likes}') o (owner, likes), jsonb_array_elements(likes) l)))) ->> 'applied')::boolean
$$;

create function pg_temp.request(p_id text) returns void language sql as $$
  select set_config('queues.correlation_id', coalesce(p_id, ''), true)
$$;

-- The burst, then three wishes; the second of them is that of a request with an id.
select pg_temp.request(case n when 3 then '0af76519-16cd-43dd-8448-eb211c80319c' end), pg_temp.toggle(n) from generate_series(1, 4) n;
select is(jsonb_array_length(pg_temp.claim() -> 'messages'), 0, 'nothing is to do before');
select pg_temp.pass('11 seconds');
create temporary table claim on commit drop as select pg_temp.claim() as c;
select is(c #>> '{messages,0,message,owner}', 'session:s', 'the message becomes visible') from claim;
select is(jsonb_array_length(c #> '{context,likes,session:s}'), 3, 'the claim has all of its owner') from claim;
select is(c #> '{context,likes,session:s,0,post}', '{"is_liked": false}', 'with the state of the post') from claim;
select is(c #> '{context,likes,session:s,0,free_at}', 'null', 'and when the limit allows it') from claim;

select ok(pg_temp.settle(c, 'apply'), 'a settlement applies what the limit allows') from claim;
select results_eq(
  'select right(post_id::text, 1), outcome from queues.deferred_likes order by kept_at',
  $$values ('2', 'applied'), ('3', null), ('4', null)$$, 'in order');
select is((select likes::int from posts_new where id::text like '%b2'), 1, 'the like counts');
select is((select (message - 'timestamp') = jsonb_build_object('v', 1, 'event_type', 'like', 'event_value', 1,
    'post_id', '00000000-0000-4000-8000-0000000000b2', 'post_owner_id', '00000000-0000-4000-8000-00000000000a',
    'post_caption', 'A caption', 'liker_session_id', 's', 'liker_profile_id', null, 'new_like_count', 1, 'metadata', '{}'::jsonb)
  from pgmq.q_like_events order by msg_id desc limit 1), true, 'and sends the event of a toggle');
select is((select count(*)::int from pgmq.q_like_events), 2, 'once');
select is((select count(*)::int from pgmq.q_deferred_actions), 1, 'the rest has one message');
select cmp_ok(vt, '>', clock_timestamp() + interval '5 seconds', 'for later') from pgmq.q_deferred_actions;
select is(pg_temp.toggle(1, false) ->> 'code', 'rate_limited', 'what was applied was charged');

-- The same decisions once more, as if the first settlement had not been fenced.
select pgmq.send('deferred_actions', '{"v": 1, "action": "like", "owner": "session:s"}');
select pg_temp.pass('1 minute');
select ok(pg_temp.settle((select c || jsonb_build_object('messages', pg_temp.claim() -> 'messages') from claim), 'apply'), 'decided again');
select is((select count(*)::int from pgmq.q_like_events where message ->> 'post_id' like '%b2'), 1, 'it is not applied again');
select is((select count(*)::int from queues.deferred_likes where outcome is null), 1, 'the limit holds for two decisions of one claim, too');

select pg_temp.pass('1 minute');
select ok(pg_temp.settle(pg_temp.claim(), 'apply'), 'and the last one');
select is((select count(*)::int from queues.deferred_likes where outcome = 'applied'), 3, 'all are applied');
select is((select count(*)::int from pgmq.q_deferred_actions), 0, 'no message is left');
select results_eq(
  $$select right(message ->> 'post_id', 1), message #>> '{metadata,correlation_id}' from pgmq.q_like_events order by msg_id$$,
  $$values ('1', null), ('2', null), ('3', '0af76519-16cd-43dd-8448-eb211c80319c'), ('4', null)$$,
  'each event has the id of the request that asked for it');
select is(queues.correlation_id(), null, 'and nothing else has it');

select * from finish();
rollback;
