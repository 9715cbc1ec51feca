begin;
select plan(7);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');

select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'session ' || n) from generate_series(1, 50) n;
select results_eq('select queue, cause from queues.dispatches', $$values ('like_events', 'wake')$$, 'fifty likes make one call');

update queues.dispatches set requested_at = clock_timestamp() - interval '2 seconds';
update queues.settings set max_workers = 1 where queue = 'like_events';
select queues.wake('like_events');
select is((select count(*) from queues.dispatches), 1::bigint, 'no call while max_workers calls are under way');

delete from net.http_request_queue;
update queues.dispatches set requested_at = clock_timestamp() - interval '1 minute';
select queues.wake('like_events');
select is((select count(*) from queues.dispatches), 2::bigint, 'another call when there is room');

delete from queues.dispatches;
select queues.wake('analytics');
select is((select count(*) from queues.dispatches), 0::bigint, 'no call for a queue without wakes');
update queues.settings set paused = true where queue = 'like_events';
select queues.wake('like_events');
select is((select count(*) from queues.dispatches), 0::bigint, 'no call for a paused queue');

update queues.settings set paused = false where queue = 'like_events';
alter table queues.dispatches add constraint nothing_can_be_called check (false) not valid;
select lives_ok($$select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'session 51')$$,
  'a like succeeds even if the call fails');
select is((select count(*) from pgmq.q_like_events), 51::bigint, 'its message waits for the next tick');

select * from finish();
rollback;
