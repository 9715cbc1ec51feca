begin;
select plan(5);

select queues.send('analytics', '1', 0, 'key ' || n) from generate_series(1, 10) n;
select queues.send('notifications', '1', 0, 'key');
select is(queues.prune_message_keys('analytics', 100), 0, 'those of messages in the queue stay, whatever their state');
delete from pgmq.q_analytics where msg_id <= 7;
select is(queues.prune_message_keys('analytics', 5), 5, 'in steps');
select is(queues.prune_message_keys('analytics', 5), 2, 'to the last one');
select pgmq.drop_queue('analytics');
select is(queues.prune_message_keys('analytics', 5), 3, 'a queue that was dropped has no keys');
select results_eq('select queue from queues.message_keys', $$values ('notifications')$$, 'others stay');

select * from finish();
rollback;
