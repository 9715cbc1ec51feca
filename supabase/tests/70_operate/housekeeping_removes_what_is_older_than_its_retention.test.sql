begin;
select plan(8);

create function pg_temp.archive(p_table text, p_age interval) returns void language plpgsql as $$
begin
  execute format('insert into pgmq.%I (msg_id, vt, enqueued_at, archived_at, message)
    select coalesce(max(msg_id), 0) + 1, now(), now(), clock_timestamp() - $1, ''1'' from pgmq.%1$I', p_table) using p_age;
end $$;
update queues.settings set retention_days = null where queue = 'analytics';
select pg_temp.archive(archive, age)
from unnest(array['a_like_events', 'a_like_events_dlq', 'a_notifications', 'a_analytics', 'a_analytics_dlq']) archive,
  unnest(array[interval '8 days', '29 days', '31 days', '366 days']) age;
insert into queues.runs (id, queue, last_seen_at)
select gen_random_uuid(), 'like_events', clock_timestamp() - age from unnest(array[interval '6 days', '8 days']) age;
insert into queues.dispatches (queue, cause, requested_at, outcome, answered_at)
select 'like_events', 'wake', clock_timestamp() - age, 'accepted', now() from unnest(array[interval '6 days', '8 days']) age;
insert into cron.job_run_details (runid, start_time)
values (1, clock_timestamp() - interval '9 days'), (2, null), (3, clock_timestamp() - interval '8 days'),
  (4, clock_timestamp() - interval '6 days'), (5, null);

select is(queues.cleanup_step(), 0, 'nothing is removed before the daily job starts a round');
select queues.daily();
select is(queues.cleanup_step(), 13, 'then a step removes old rows');
select is(queues.cleanup_step(), 0, 'the next one finds nothing');
select is(
  (select removed from queues.cleanups where finished_at is not null),
  '{"pgmq.a_like_events": 2, "pgmq.a_like_events_dlq": 2, "pgmq.a_notifications": 4, "queues.runs": 1,
    "queues.dispatches": 1, "cron.job_run_details": 3}',
  'and ends the round, which lists what was removed');
select is((select errors from queues.cleanups), '{}', 'no error is recorded');
select results_eq($$select msg_id from pgmq.a_like_events order by 1$$, $$values (1::bigint), (2)$$,
  'newer rows are kept');
select is((select count(*) from pgmq.a_analytics) + (select count(*) from pgmq.a_analytics_dlq), 8::bigint,
  'the archive of a queue without a retention is kept');
select results_eq($$select runid from cron.job_run_details order by 1$$, $$values (4::bigint), (5)$$,
  'the latest records of pg_cron are kept, with or without a time');

select * from finish();
rollback;
