begin;
select plan(3);

insert into pgmq.q_analytics_dlq (vt, message)
select now(), jsonb_build_object('message', n, 'reason', 'r') from generate_series(1, 3) n;

select is(queues.discard('analytics', '{"reason": "r"}', 2),
  '{"discarded": 2, "left": 1}', 'the numbers of discarded and remaining dead letters');
select results_eq(
  $$select msg_id, message from pgmq.a_analytics_dlq order by 1$$,
  $$values (1::bigint, '{"message": 1, "reason": "r"}'::jsonb), (2, '{"message": 2, "reason": "r"}')$$, 'the discarded ones are in the archive');
select results_eq('select msg_id from pgmq.q_analytics_dlq', $$values (3::bigint)$$, 'they are no longer dead letters');

select * from finish();
rollback;
