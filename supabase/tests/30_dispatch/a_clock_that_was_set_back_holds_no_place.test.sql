begin;
select plan(7);

select vault.create_secret('https://project.example', 'queues_project_url'), vault.create_secret('sb_secret_x', 'queues_secret_key');
update queues.settings set max_workers = 2, batch_size = 10 where queue = 'analytics';
select pgmq.send('analytics', '{}') from generate_series(1, 1000);

-- Until the clock was set back by a day.
insert into queues.runs (id, queue, started_at, last_seen_at)
select gen_random_uuid(), 'analytics', clock_timestamp() + interval '1 day', clock_timestamp() + interval '1 day'
from generate_series(1, 2);
insert into queues.dispatches (queue, cause, requested_at, request_id)
select 'analytics', 'schedule', clock_timestamp() + interval '1 day', 1000000 + n from generate_series(1, 2) n;
insert into queues.dispatches (queue, cause, requested_at, request_id, outcome, answered_at)
select 'analytics', 'schedule', clock_timestamp() + interval '1 day', 1000002 + n, 'accepted', clock_timestamp() + interval '1 day'
from generate_series(1, 2) n;
update queues.due set at = '-infinity';

select is(queues.active_workers('analytics'), 0, 'runs and calls from before are not active');
select is(queues.dispatch_queue('analytics'), 2, 'a tick calls all workers');
select is(
  array(select outcome from queues.dispatches where request_id in (1000001, 1000002)), '{missing,missing}',
  'calls from before are lost');
select is(
  (select count(*)::integer from queues.dispatches where outcome = 'missing' and requested_at > clock_timestamp()), 0,
  'and count from now on');
select is(
  json_array_length(claim_messages('analytics', 1, gen_random_uuid(), p_needs_place => true) -> 'messages'), 1,
  'a run gets a place');

update queues.dispatches set outcome = 'refused', answered_at = clock_timestamp(), error = 'HTTP 401' where outcome is null;
update queues.dispatches set requested_at = requested_at - interval '1 minute' where outcome = 'missing';
select is(last_call_outcome, 'refused', 'health looks at the last call since') from queues.health() where queue = 'analytics';

update queues.runs set finished_at = clock_timestamp(), stopped_because = 'empty' where last_seen_at > clock_timestamp();
insert into queues.runs (id, queue, finished_at, stopped_because, error_code, error)
select gen_random_uuid(), 'analytics', clock_timestamp(), 'claim_failed', 'x', 'a problem' from generate_series(1, 3);
delete from queues.runs where finished_at is null;
select is((queues.failing_runs(s)).runs, 3, 'and at the last runs since') from queues.settings s where queue = 'analytics';

select * from finish();
rollback;
