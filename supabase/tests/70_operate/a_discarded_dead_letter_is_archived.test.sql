begin;
select plan(3);

insert into pgmq.q_analytics_dlq (vt, message)
select now(), jsonb_build_object('message', n, 'reason', 'r') from generate_series(1, 3) n;

select is(queues.discard('analytics', '{"reason": "r"}', 2),
  '{"discarded": 2, "left": 1}', 'how many, and what is left');
select results_eq(
  $$select msg_id, message from pgmq.a_analytics_dlq order by 1$$,
  $$values (1::bigint, '{"message": 1, "reason": "r"}'::jsonb), (2, '{"message": 2, "reason": "r"}')$$, 'they are in the archive');
select results_eq('select msg_id from pgmq.q_analytics_dlq', $$values (3::bigint)$$, 'and no dead letters any more');

select * from finish();
rollback;
