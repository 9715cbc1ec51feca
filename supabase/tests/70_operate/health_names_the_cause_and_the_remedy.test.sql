begin;
select plan(21);

-- A server that has just started has not run its jobs yet.
create or replace function queues.started_at() returns timestamptz language sql as $$select now() - interval '1 day'$$;
create function pg_temp.verdict() returns text language sql as
$$select concat_ws(': ', verdict, reason, '-> ' || remedy) from queues.health() where queue = 'analytics'$$;
create function pg_temp.last_call(p_outcome text, p_status integer, p_error text) returns void language sql as
$$insert into queues.dispatches (queue, cause, requested_at, outcome, answered_at, status_code, error)
  values ('analytics', 'schedule', clock_timestamp(), p_outcome, clock_timestamp() - interval '1 minute', p_status, p_error)$$;

update queues.due set at = clock_timestamp();
select is(pg_temp.verdict(), 'ok', 'a new queue is ok before its first tick');
select queues.dispatch();
select is(pg_temp.verdict(), 'ok', 'an empty queue that is dispatched is ok');

select pgmq.send('analytics', '1');
select pg_temp.last_call('not_sent', null, 'the secret `queues_project_url` is missing');
select matches(pg_temp.verdict(), '^failing: .* \(not_sent\): the secret `queues_project_url` is missing: -> select vault.create_secret\(''…'', ''queues_project_url''\)');
select pg_temp.last_call('refused', 401, 'HTTP 401');
select matches(pg_temp.verdict(), '^failing: .* \(refused\): HTTP 401: -> the secret `queues_secret_key` in Vault is not');
select pg_temp.last_call('refused', 404, 'HTTP 404');
select matches(pg_temp.verdict(), '-> deploy the function `process-analytics`');
select pg_temp.last_call('refused', 500, 'HTTP 500: oh no');
select matches(pg_temp.verdict(), 'HTTP 500: oh no: -> read the logs of the function `process-analytics`');
select pg_temp.last_call('failed', null, 'could not resolve host');
select matches(pg_temp.verdict(), '-> nothing answers at the address in the secret `queues_project_url`');
select pg_temp.last_call('missing', null, 'no answer');
select matches(pg_temp.verdict(), '-> .*net.worker_restart');
select pg_temp.last_call('accepted', 202, null);
select is(pg_temp.verdict(), 'ok', 'an accepted call makes it ok again');

update pgmq.q_analytics set vt = clock_timestamp() - interval '1 hour';
-- Calls under way would count as workers.
update queues.dispatches set requested_at = requested_at - interval '1 minute';
select matches(pg_temp.verdict(), '^late: 1 visible message has waited for 36.. seconds, with 0 of 4 workers active: .*the next tick calls a worker');
select pg_temp.last_call('accepted', 202, null);
update queues.dispatches set requested_at = requested_at - interval '1 minute';
insert into queues.runs (id, queue, finished_at, stopped_because) values (gen_random_uuid(), 'analytics', now(), 'claim_failed');
select matches(pg_temp.verdict(), '^failing: its worker accepted 2 calls while the oldest message waited for 36.. seconds, and none of the runs claimed anything: -> .*`process-analytics`');
delete from queues.runs;
insert into queues.runs (id, queue) values (gen_random_uuid(), 'analytics');
select matches(pg_temp.verdict(), '^late: .* with 1 of 4 workers active: -> .*max_workers');

insert into queues.settlements (queue, processed, retried, last_failure)
values ('analytics', 1, 3, queues.failure('http_503', 'unavailable'));
select matches(pg_temp.verdict(), '^failing: 3 of 4 tries failed within 5 minutes, the last one with `http_503`: unavailable: -> ');
insert into queues.runs (id, queue, last_seen_at)
select gen_random_uuid(), 'analytics', clock_timestamp() - interval '5 minutes' from generate_series(1, 3);
select matches(pg_temp.verdict(), '^failing: the last 3 runs were killed before they could finish: -> look for memory, CPU');

update queues.due set at = clock_timestamp() - interval '2 minutes';
select matches(pg_temp.verdict(), '^failing: the dispatcher does not run: the queue was due 120 seconds ago, .* -> restart the database');
insert into cron.job_run_details (runid, jobid, status, return_message)
select 1, jobid, 'failed', 'ERROR: disk full' from cron.job where jobname = 'dispatch-queues';
select matches(pg_temp.verdict(), 'the job `dispatch-queues` failed: ERROR: disk full: -> `select queues.dispatch\(\)`');
update cron.job_run_details set start_time = clock_timestamp() - interval '1 day';
select matches(pg_temp.verdict(), 'pg_cron has not run it for 86400 seconds: -> restart the database',
  'a failure of yesterday does not explain why nothing runs today');
select cron.alter_job(jobid, active => false) from cron.job where jobname = 'dispatch-queues';
select matches(pg_temp.verdict(), 'the job `dispatch-queues` is not active: -> select cron.alter_job\(\d+, active => true\)');
select cron.unschedule('dispatch-queues');
select matches(pg_temp.verdict(), 'the job `dispatch-queues` is missing: -> select queues.schedule_jobs\(\)');

update queues.due set at = clock_timestamp(), last_error = 'a lock' where queue = 'analytics';
select matches(pg_temp.verdict(), '^failing: the last tick could not look at the queue: a lock: -> `select queues.dispatch_queue\(''analytics''\)`');
select pgmq.drop_queue('analytics_dlq');
select matches(pg_temp.verdict(),
  '^failing: the queue was dropped: pgmq.a_analytics_dlq, pgmq.q_analytics_dlq missing: -> `select queues.create_queue\(''analytics''\)`');

select * from finish();
rollback;
