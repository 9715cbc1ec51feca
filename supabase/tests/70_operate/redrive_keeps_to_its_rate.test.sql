begin;
select plan(5);

insert into pgmq.q_analytics_dlq (vt, message)
select now(), jsonb_build_object('message', n, 'reason', 'r', 'error', 'e', 'history', '[]'::jsonb) from generate_series(1, 50) n;

-- Seconds from the start. A message may be up to ten late on a slow machine.
create function pg_temp.spread() returns setof integer[] language sql as
$$select array[(message #>> '{}')::integer, round(extract(epoch from vt - now()))::integer] from pgmq.q_analytics$$;

select is(queues.redrive('analytics', p_limit => 20, p_rate_per_sec => 0.1) - 'visible_until',
  '{"redriven": 20, "left": 30}', 'the first twenty');
select is_empty(
  $$select s from pg_temp.spread() s where s[2] not between (s[1] - 1) * 10 and (s[1] - 1) * 10 + 9$$,
  'become visible at the rate, in their order');
select is(queues.redrive('analytics', p_limit => 20, p_rate_per_sec => 0.1) - 'visible_until',
  '{"redriven": 20, "left": 10}', 'the next twenty');
select is_empty(
  $$select s from pg_temp.spread() s where s[2] not between (s[1] - 1) * 10 and (s[1] - 1) * 10 + 9$$, 'follow them');
select is(
  round(extract(epoch from (queues.redrive('analytics', '{"reason": "none"}') ->> 'visible_until')::timestamptz - now()) / 100),
  4::numeric, 'the result has the time when all are visible');

select * from finish();
rollback;
