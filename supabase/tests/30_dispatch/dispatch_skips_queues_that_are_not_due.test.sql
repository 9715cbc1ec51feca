begin;
select plan(6);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
select pgmq.send('analytics', '{}');
select queues.dispatch();
create function pg_temp.sent_long_ago() returns void language sql as $$
  delete from net.http_request_queue;
  update queues.dispatches set outcome = 'accepted', requested_at = now() - interval '1 minute', answered_at = now() - interval '1 minute';
$$;
select pg_temp.sent_long_ago();

select is(queues.dispatch(), 0, 'a queue is due again according to its schedule');
select ok((select at > now() + interval '50 seconds' from queues.due where queue = 'analytics'), 'analytics is due after a minute');

update queues.due set at = clock_timestamp() + interval '500 milliseconds';
select is(queues.dispatch(), 1, 'a tick may come a little early');

select pg_temp.sent_long_ago();
update queues.settings set paused = true where queue = 'analytics';
update queues.due set at = '-infinity';
select is(queues.dispatch(), 0, 'a paused queue is skipped');

update queues.settings set paused = false where queue = 'analytics';
update queues.due set at = now() + interval '1 day';
select is(queues.dispatch(), 1, 'a due time set by a clock that was ahead does not hold a queue back');

select pg_temp.sent_long_ago();
update queues.settings set function_name = null where queue = 'analytics';
update queues.due set at = '-infinity';
select is(queues.dispatch(), 0, 'a queue without a function is skipped');

select * from finish();
rollback;
