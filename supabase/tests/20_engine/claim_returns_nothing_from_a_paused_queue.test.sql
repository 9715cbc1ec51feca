begin;
select plan(3);

select pgmq.send('analytics', '{}');
update queues.settings set paused = true where queue = 'analytics';

select is(claim_messages('analytics')::jsonb -> 'messages', '[]', 'no message is returned');
select is(claim_messages('analytics')::jsonb -> 'backlog', '1', 'the backlog is returned');
select is((select read_ct from pgmq.q_analytics), 0, 'nothing is leased');

select * from finish();
rollback;
