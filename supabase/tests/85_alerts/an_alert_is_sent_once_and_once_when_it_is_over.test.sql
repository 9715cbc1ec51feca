begin;
select plan(17);

update queues.alert_settings set webhook_url = 'https://alerts.example/hook';
-- One sample a minute, the latest of now.
create function pg_temp.samples(p_queue text, p_verdicts text[]) returns void language sql as $$
  delete from queues.samples where queue = p_queue;
  insert into queues.samples (queue, at, verdict, counters)
  select p_queue, clock_timestamp() - make_interval(secs => 60 * (cardinality(p_verdicts) - n)::int + 1), verdict, '{}'
  from unnest(p_verdicts) with ordinality v (verdict, n);
$$;
create function pg_temp.sent() returns text[] language sql as $$
  select array_agg(concat_ws(' ', message ->> 'type', message #>> '{data,queue}') order by msg_id) from pgmq.q_alerts
$$;
-- However long ago this database was made.
update queues.due set at = clock_timestamp();
-- A queue whose messages cannot be looked at.
update queues.due set last_error = 'broken' where queue = 'analytics';

select pg_temp.samples('analytics', '{ok,failing}');
select queues.raise_alerts(100);
select is(pg_temp.sent(), null, 'not before it has been failing for its time');
select pg_temp.samples('analytics', '{ok,failing,failing}');
select queues.raise_alerts(100);
select is(pg_temp.sent(), '{"queue.failing analytics"}', 'then an alert is sent');
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 1, 'once');
select pg_temp.samples('analytics', '{failing,failing,late,failing}');
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 1, 'also if it is late in between');
select is((select message -> 'data' ->> 'reason' from pgmq.q_alerts), 'the last tick could not look at the queue: broken', 'it says why');
select pg_temp.samples('analytics', '{failing,ok}');
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 1, 'it is not over at once');
select pg_temp.samples('analytics', '{failing,ok,ok}');
select queues.raise_alerts(100);
select is(pg_temp.sent(), '{"queue.failing analytics","queue.ok analytics"}', 'then it is');
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 2, 'once');
select is((select count(distinct message ->> 'id')::int from pgmq.q_alerts), 2, 'each message has an id of its own');

select pg_temp.samples('analytics', '{ok,failing,failing,failing}');
update queues.due set last_error = null where queue = 'analytics';
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 2, 'what is over since the last sample is no alert');
update queues.samples set at = at - interval '6 minutes' where queue = 'analytics';
update queues.due set last_error = 'broken' where queue = 'analytics';
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 2, 'old samples say nothing about now');

update queues.settings set function_name = null where queue = 'deferred_actions';
update queues.alert_settings set late_secs = 0;
select pg_temp.samples('deferred_actions', '{late}');
select queues.raise_alerts(100);
select is(cardinality(pg_temp.sent()), 2, 'a queue that is ok is no alert');

-- The queue of the alerts.
select pgmq.drop_queue('alerts_dlq');
select pg_temp.samples('alerts', '{ok,failing,failing}');
select queues.raise_alerts(100);
select is((select array_agg(queue) from queues.alerts where over_at is null), '{alerts}', 'trouble of the alerts themselves is recorded');
select is(cardinality(pg_temp.sent()), 2, 'and sends nothing, which would cause the next');

update queues.alert_settings set webhook_url = null;
select pg_temp.samples('analytics', '{failing,failing,failing}');
select queues.raise_alerts(100);
select is((select count(*)::int from queues.alerts where queue = 'analytics' and over_at is null), 1, 'without a webhook it is recorded');
select is(cardinality(pg_temp.sent()), 2, 'and not sent');
delete from queues.settings where queue = 'analytics';
select queues.raise_alerts(100);
select is((select count(*)::int from queues.alerts where queue = 'analytics' and over_at is null), 0, 'it is over with its queue');

select * from finish();
rollback;
