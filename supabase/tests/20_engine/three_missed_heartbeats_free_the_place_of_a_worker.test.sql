begin;
select plan(8);

create function pg_temp.silent_for(p_secs integer) returns void language sql as
$$update queues.runs set last_seen_at = clock_timestamp() - make_interval(secs => p_secs)$$;

update queues.settings set visibility_timeout_secs = 600 where queue = 'analytics';
select claim_messages('analytics', null, '00000000-0000-4000-8000-00000000000a');
select is(queues.active_workers('analytics'), 1, 'a run that has claimed is active');
select pg_temp.silent_for(14);
select is(queues.active_workers('analytics'), 1, 'it may miss two heartbeats');
select pg_temp.silent_for(16);
select is(queues.active_workers('analytics'), 0, 'after three its place is free, however long its leases last');
select heartbeat_run('analytics', '00000000-0000-4000-8000-00000000000a');
select is(queues.active_workers('analytics'), 1, 'a heartbeat takes it again');
select heartbeat_run('analytics', '00000000-0000-4000-8000-00000000000b');
select is(queues.active_workers('analytics'), 2, 'a run whose first claim takes long has its place, too');
select settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-00000000000a", "seq": 1, "stopped_because": "empty"}');
select heartbeat_run('analytics', '00000000-0000-4000-8000-00000000000a');
select is(queues.active_workers('analytics'), 1, 'a heartbeat that comes after the end changes nothing');
select throws_ok($$select heartbeat_run('analytics_dlq', '00000000-0000-4000-8000-00000000000a')$$, 'PT404');
set local role authenticated;
select throws_ok($$select heartbeat_run('analytics', '00000000-0000-4000-8000-00000000000a')$$, '42501');

select * from finish();
rollback;
