begin;
select plan(19);

select throws_ok(call, 'PT404', 'there is no queue `nowhere`', call)
from unnest(array[
  $$select queues.pause('nowhere')$$, $$select queues.resume('nowhere')$$, $$select queues.peek('nowhere')$$,
  $$select queues.dead_letters('nowhere')$$, $$select queues.redrive('nowhere')$$, $$select queues.discard('nowhere')$$]) call;

select throws_ok(format('select queues.%s', call), 'PT422', message, call)
from (values
  ($$peek('analytics', 0)$$, '`p_limit` is not between 1 and 1000'),
  ($$dead_letters('analytics', '{}', null)$$, '`p_limit` is not between 1 and 1000'),
  ($$redrive('analytics', '{}', 10001)$$, '`p_limit` is not between 1 and 10000'),
  ($$redrive('analytics', '{}', 1, 0)$$, '`p_rate_per_sec` is not between 0.001 and 10000'),
  ($$discard('analytics', '{"reasons": "x"}')$$, '`filter.reasons` is not known'),
  ($$discard('analytics', '[]')$$, '`filter` is not an object'),
  ($$discard('analytics', null)$$, '`filter` is not an object'),
  ($$discard('analytics', '{"reason": 1}')$$, '`filter.reason` has a wrong type'),
  ($$discard('analytics', '{"older_than_secs": "1 hour"}')$$, '`filter.older_than_secs` has a wrong type'),
  ($$discard('analytics', '{"msg_ids": [1, null]}')$$, '`filter.msg_ids` has a wrong type'),
  ($$discard('analytics', '{"path": "post_id"}')$$, '`filter.path` has a wrong type'),
  ($$discard('analytics', '{"value": 1}')$$, '`filter.value` needs `path`')
) c (call, message);

select pgmq.drop_queue('analytics_dlq');
select throws_ok($$select queues.redrive('analytics')$$, 'PT404',
  'queue `analytics` was dropped: pgmq.a_analytics_dlq, pgmq.q_analytics_dlq missing', 'a queue that was dropped');

select * from finish();
rollback;
