begin;
select plan(4);

update queues.settings set retention_days = null where queue = 'analytics';
select pgmq.send(queue, '{"n": 1}') from (values ('analytics'), ('like_events')) q (queue), generate_series(1, 2);
select claim_messages('analytics');
select claim_messages('like_events');

select is(
  settle_messages('like_events', '{"acks": [[1, 1], [2, 1]]}'), '{"applied": true, "lost": [], "backlog": 0}',
  'the settlement is applied');
select is((select array_agg(msg_id order by msg_id) from pgmq.a_like_events), '{1,2}', 'archived if the queue has a retention');
select settle_messages('analytics', '{"acks": [[1, 1], [2, 1]]}');
select is((select count(*) from pgmq.a_analytics), 0::bigint, 'deleted if it has none');
select is(
  (select count(*) from (select msg_id from pgmq.q_analytics union all select msg_id from pgmq.q_like_events) left_over),
  0::bigint, 'the messages have left the queue');

select * from finish();
rollback;
