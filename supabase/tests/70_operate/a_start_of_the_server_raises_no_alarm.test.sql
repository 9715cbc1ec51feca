begin;
select plan(19);

create table pg_temp.server as select clock_timestamp() as started_at;
create or replace function queues.started_at() returns timestamptz language sql as $$select started_at from pg_temp.server$$;
create function pg_temp.started(p_ago interval) returns void language sql as
$$update pg_temp.server set started_at = clock_timestamp() - p_ago$$;
create function pg_temp.verdict() returns text language sql as
$$select concat_ws(': ', verdict, reason) from queues.health() where queue = 'like_events'$$;
create function pg_temp.schedule(p_schedule text) returns integer language plpgsql as $$
begin
  perform cron.schedule('dispatch-queues', p_schedule, 'select queues.dispatch()');
  return queues.tick_secs();
end $$;

select is(pg_temp.schedule('10 seconds'), 10);
select is(pg_temp.schedule('1 second'), 1);
select is(pg_temp.schedule('* * * * *'), 60);
select is(pg_temp.schedule(' */5  * * * * '), 300);
select is(pg_temp.schedule('0 3 * * *'), 3600, 'any other schedule is slow');

-- The server was down for ten minutes, and a message waited.
select pgmq.send('like_events', '1');
update pgmq.q_like_events set vt = clock_timestamp() - interval '10 minutes', enqueued_at = clock_timestamp() - interval '10 minutes';
update queues.due set at = clock_timestamp() - interval '10 minutes';
insert into queues.runs (id, queue, last_seen_at)
select gen_random_uuid(), 'like_events', clock_timestamp() - interval '10 minutes' from generate_series(1, 3);

select pg_temp.schedule('10 seconds');
select pg_temp.started('5 seconds');
select is(pg_temp.verdict(), 'ok', 'before the first tick');
select pg_temp.started('21 seconds');
select matches(pg_temp.verdict(), '^failing: the dispatcher does not run', 'and after it was due');

select pg_temp.schedule('* * * * *');
select is(pg_temp.verdict(), 'ok', 'with a tick each minute, the first one comes later');
select pg_temp.started('60 seconds');
select is(pg_temp.verdict(), 'ok', 'as late as a minute');
select pg_temp.started('71 seconds');
select matches(pg_temp.verdict(), '^failing: the dispatcher does not run', 'and no later');

update queues.due set at = clock_timestamp();
select pg_temp.started('60 seconds');
select is(pg_temp.verdict(), 'ok', 'the runs that ended with the server were not killed, and the message is not late yet');
select pg_temp.started('181 seconds');
select matches(pg_temp.verdict(), '^late: .* has waited for 6.. seconds', 'three ticks later it is');
select pg_temp.schedule('10 seconds');
select pg_temp.started('31 seconds');
select matches(pg_temp.verdict(), '^late: ', 'three ticks of ten seconds are sooner over');
select pg_temp.started('1 day');
select matches(pg_temp.verdict(), '^failing: the last 3 runs were killed', 'runs that ended while the server ran were killed');
delete from queues.runs;

update pgmq.q_like_events set vt = clock_timestamp() - interval '10 seconds', enqueued_at = clock_timestamp() - interval '10 seconds';
insert into queues.dispatches (queue, cause, requested_at, outcome, answered_at, error)
values ('like_events', 'schedule', clock_timestamp() - interval '2 minutes', 'missing', clock_timestamp(), 'lost');
select matches(pg_temp.verdict(), '^failing: calls of its worker fail \(missing\)', 'a call that pg_net lost');
select pg_temp.started('1 minute');
select is(pg_temp.verdict(), 'ok', 'one that was lost with the server is made again');

select pg_temp.schedule('*/5 * * * *');
select pg_temp.started('1 day');
delete from queues.dispatches;
update queues.due set at = clock_timestamp() - interval '4 minutes';
select is(pg_temp.verdict(), 'ok', 'an operator may choose slower ticks');
update queues.due set at = clock_timestamp() - interval '331 seconds';
select matches(pg_temp.verdict(), '^failing: the dispatcher does not run', 'which can fail as well');

select cron.unschedule('dispatch-queues');
select is(queues.tick_secs(), 10, 'without the job, the schedule that it should have');

select * from finish();
rollback;
