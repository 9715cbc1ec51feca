begin;
select plan(12);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
update queues.settings set max_workers = 2, schedule_secs = 10, batch_size = 10 where queue = 'analytics';
select pgmq.send('analytics', '{}') from generate_series(1, 100);

-- A slow request of somebody else holds up pg_net for 75 seconds, while the dispatcher ticks.
create function pg_temp.tick() returns integer language plpgsql as $$
begin
  update queues.dispatches set requested_at = requested_at - interval '12 seconds', answered_at = answered_at - interval '12 seconds';
  update queues.due set at = '-infinity';
  return queues.dispatch();
end $$;
create function pg_temp.verdict() returns text language sql as
$$select concat_ws(': ', verdict, reason, '-> ' || remedy) from queues.health() where queue = 'analytics'$$;

select is(array(select pg_temp.tick() from generate_series(1, 7)), '{2,0,0,0,0,0,0}', 'two workers are called once');
select is((select count(*) from net.http_request_queue), 2::bigint, 'two calls wait');
select results_eq('select outcome from queues.dispatches', 'values (null::text), (null)', 'neither is missing');
select is(queues.active_workers('analytics'), 2, 'both count as workers');
select queues.wake('analytics');
select is((select count(*) from net.http_request_queue), 2::bigint, 'nor does a producer make another call');
select is((select failed_calls from queues.due where queue = 'analytics'), 0, 'and no call has failed');
select matches(pg_temp.verdict(), '^failing: pg_net has held the call of its worker for \d+ seconds: its background worker does not run: -> `select net.worker_restart\(\)`; ');
set local application_name = 'pg_net 0.20.0';
select pg_stat_clear_snapshot();
select matches(pg_temp.verdict(), '^failing: pg_net has held the call .*: a slow request of this project holds up all others: -> `select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200` ');

-- The batch ends: it began when the calls were made.
delete from net.http_request_queue;
insert into net._http_response (id, status_code, content, created)
select request_id, 202, '{"runId": "00000000-0000-4000-8000-00000000000' || id % 10 || '"}', requested_at from queues.dispatches;
select is(pg_temp.tick(), 0, 'workers that have just been called late are on their way');
select results_eq('select outcome from queues.dispatches', $$values ('accepted'), ('accepted')$$, 'both calls are accepted');
insert into queues.runs (id, queue, finished_at, stopped_because)
select run_id, 'analytics', clock_timestamp(), 'budget' from queues.dispatches;
select is(pg_temp.tick(), 2, 'after their runs others are called');

-- A request of somebody else, with an id that pg_net used before the database crashed.
update net.http_request_queue set url = 'https://elsewhere.example/';
update queues.dispatches set requested_at = requested_at - interval '2 minutes';
select pg_temp.tick();
select is((select count(*) from queues.dispatches where outcome = 'missing'), 2::bigint, 'a request of somebody else is not taken for the call');

select * from finish();
rollback;
