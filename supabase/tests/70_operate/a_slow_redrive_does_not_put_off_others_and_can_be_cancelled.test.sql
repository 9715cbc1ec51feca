begin;
select plan(18);

create function pg_temp.bury(p_from integer, p_to integer, p_reason text) returns void language sql as $$
  insert into pgmq.q_analytics_dlq (vt, enqueued_at, message)
  select now(), now() - interval '1 hour', jsonb_build_object('message', n, 'msg_id', n, 'reason', p_reason, 'error', 'no', 'attempts', 4,
    'crashes', 0, 'history', '[{"code": "http_503"}]'::jsonb, 'delivered', '["email"]'::jsonb)
  from generate_series(p_from, p_to) n;
$$;
create function pg_temp.latest_secs(p_from integer, p_to integer) returns numeric language sql as $$
  select round(extract(epoch from max(vt) - now())) from pgmq.q_analytics where (message #>> '{}')::integer between p_from and p_to
$$;
create temp table letters as select msg_id, dead_lettered_at, reason, error, message, details from queues.dead_letters('analytics') limit 0;

select pg_temp.bury(1, 100, 'slow');
insert into letters select * from queues.dead_letters('analytics');
select queues.redrive('analytics', p_rate_per_sec => 0.001);
select cmp_ok(pg_temp.latest_secs(1, 100), '>=', 98999::numeric, 'a slow redrive takes a day');

select pg_temp.bury(101, 110, 'fast');
select cmp_ok((queues.redrive('analytics', p_rate_per_sec => 10) ->> 'visible_until')::timestamptz, '<', clock_timestamp() + interval '15 seconds',
  'one at another rate starts at once');
select cmp_ok(pg_temp.latest_secs(101, 110), '<', 15::numeric, 'its messages are not put off');
select pg_temp.bury(111, 120, 'same');
select queues.redrive('analytics', p_rate_per_sec => 0.001);
select cmp_ok(pg_temp.latest_secs(111, 120), '>=', 108999::numeric, 'one at the same rate follows');

-- The first message of the slow redrive is visible at once, and a worker claims it.
select claim_messages('analytics', 1);
select is(queues.cancel_redrive('analytics', '{"reason": "slow"}', 40), '{"cancelled": 40, "left": 59}', 'some of one redrive can be cancelled');
select is(queues.cancel_redrive('analytics', '{"reason": "slow"}'), '{"cancelled": 59, "left": 0}', 'or all that nobody has claimed');
select results_eq(
  $$select message, dead_lettered_at, reason, error, details from queues.dead_letters('analytics', p_limit => 1000) order by message$$,
  $$select message, dead_lettered_at, reason, error, details from letters where message <> '1' order by message$$,
  'they are the dead letters that they were');
select is((select count(*) from pgmq.q_analytics where (message #>> '{}')::integer <= 100), 1::bigint, 'and no longer messages');
select is((select count(*) from pgmq.q_analytics), 21::bigint, 'those of other redrives are');
select is((select count(*) from queues.failures), 21::bigint, 'nor has a cancelled one a history left');
select is(queues.cancel_redrive('analytics', '{"older_than_secs": 7200}') - 'left', '{"cancelled": 0}', 'the filter sees the age of the dead letters');
select is(queues.cancel_redrive('analytics'), '{"cancelled": 20, "left": 0}', 'without a filter everything is cancelled');
select is(queues.cancel_redrive('analytics'), '{"cancelled": 0, "left": 0}', 'once');

select is(queues.redrive('analytics', '{"reason": "fast"}', p_rate_per_sec => 0.001) - 'visible_until', '{"redriven": 10, "left": 0}',
  'a cancelled message can be redriven again');
select cmp_ok(pg_temp.latest_secs(101, 110), '<', 9100::numeric, 'at once: a cancelled redrive takes no time');
select is((select count(*) from pgmq.q_analytics where read_ct = 1), 10::bigint, 'as if they had been released');

select throws_ok($$select queues.cancel_redrive('nowhere')$$, 'PT404', 'there is no queue `nowhere`');
select throws_ok($$select queues.cancel_redrive('analytics', '{"reasons": "x"}')$$, 'PT422', '`filter.reasons` is not known');

select * from finish();
rollback;
