begin;
select plan(3);

select queues.dispatch();
update queues.due set at = clock_timestamp() + interval '5 minutes', failed_calls = 7 where queue = 'analytics';
select pgmq.send('analytics', '1');
select queues.pause('analytics');
select is(claim_messages('analytics') #>> '{messages}', '[]', 'nothing is claimed from a paused queue');
select queues.dispatch();
select is_empty($$select from queues.dispatches where queue = 'analytics'$$, 'no worker is called for it');
select queues.resume('analytics');
select queues.dispatch();
select isnt_empty($$select from queues.dispatches where queue = 'analytics'$$, 'a worker is called once it resumes');

select * from finish();
rollback;
