begin;
select plan(12);

update queues.due set at = clock_timestamp();
insert into queues.due (queue) select queue from queues.settings on conflict (queue) do update set at = clock_timestamp();
select cron.schedule('dispatch-queues', '10 seconds', 'select queues.dispatch()') where to_regprocedure('cron.schedule(text, text, text)') is not null;
create function pg_temp.ends(p_why text, p_error jsonb default null) returns void language sql as $$
  select settle_messages('analytics', jsonb_strip_nulls(jsonb_build_object(
    'run_id', gen_random_uuid(), 'seq', 1, 'stopped_because', p_why, 'error', p_error)))
$$;
create function pg_temp.health() returns queues.queue_health language sql as
$$select h from queues.health() h where queue = 'analytics'$$;

select pgmq.send('analytics', '1');
select pg_temp.ends('claim_failed', '{"code": "misconfigured", "error": "42703: column p.username does not exist"}');
select is((pg_temp.health()).verdict, 'ok', 'one run may fail');
select pg_temp.ends('settle_failed', '{"code": "misconfigured", "error": "42703: column p.username does not exist"}');
select is((pg_temp.health()).verdict, 'failing', 'a queue whose runs all end in an error is failing');
select is((pg_temp.health()).reason,
  'the last 2 runs ended with an error, the last one with `settle_failed`: 42703: column p.username does not exist', 'with that error');
select matches((pg_temp.health()).remedy, 'correct what the error names');
select is((select jsonb_agg(jsonb_build_array(error_code, error) order by started_at) from queues.runs) -> 1,
  '["misconfigured", "42703: column p.username does not exist"]', 'each run keeps its error');

update pgmq.q_analytics set vt = clock_timestamp() + interval '50 seconds', read_ct = 1;
select is((pg_temp.health()).verdict, 'failing', 'also while no message is visible');
select pg_temp.ends('empty');
select is((pg_temp.health()).verdict, 'ok', 'a run that succeeds ends that');
select throws_ok($$select pg_temp.ends('claim_failed', '"e"')$$, 'PT422', null, 'an error has a code');

-- The age of a message.
select pgmq.purge_queue('analytics');
select pgmq.send('analytics', '2');
update pgmq.q_analytics set enqueued_at = clock_timestamp() - interval '100 seconds', vt = clock_timestamp() - interval '100 seconds';
select claim_messages('analytics');
select settle_messages('analytics', (select jsonb_build_object('releases', jsonb_build_array(jsonb_build_array(msg_id, 1))) from pgmq.q_analytics));
select cmp_ok((pg_temp.health()).oldest_age_secs, '>=', 100::numeric, 'a release does not make a message younger');
select claim_messages('analytics');
update pgmq.q_analytics set vt = clock_timestamp();
select cmp_ok((pg_temp.health()).oldest_age_secs, '>=', 100::numeric, 'nor does a lease that ran out');
select claim_messages('analytics');
select settle_messages('analytics', (select jsonb_build_object('deferrals', jsonb_build_array(jsonb_build_object(
  'msg_id', msg_id, 'read_ct', read_ct, 'delay_secs', 0, 'code', 'c', 'error', 'e'))) from pgmq.q_analytics));
select cmp_ok((pg_temp.health()).oldest_age_secs, '<', 50::numeric, 'a message that was deferred could not be processed before');
select pgmq.purge_queue('analytics');
select pgmq.send('analytics', '3', 600);
update pgmq.q_analytics set enqueued_at = enqueued_at - interval '600 seconds', vt = clock_timestamp();
select cmp_ok((pg_temp.health()).oldest_age_secs, '<', 50::numeric, 'nor one that was sent with a delay');

select * from finish();
rollback;
