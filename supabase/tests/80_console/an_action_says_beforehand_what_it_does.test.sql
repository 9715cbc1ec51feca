begin;
select plan(17);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select is(operate('pause', '{"queue": "analytics"}'), '{"action": "pause", "dry_run": true, "affected": 1, "was_paused": false}', 'a dry run is the default');
select is((select paused from queues.settings where queue = 'analytics'), false, 'it changes nothing');
select is(operate('pause', '{"queue": "analytics"}', null), '{"action": "pause", "dry_run": true, "affected": 1, "was_paused": false}', 'so is null');
select is((select count(*)::int from queues.operator_log), 0, 'nor is it in the log');
select is(operate('pause', '{"queue": "analytics"}', false), '{"action": "pause", "dry_run": false, "affected": 1, "was_paused": false}', 'then it is done');
select is((select paused from queues.settings where queue = 'analytics'), true, 'paused');
select is(operate('pause', '{"queue": "analytics"}') ->> 'affected', '0', 'twice is once');
select is(operate('resume', '{"queue": "analytics"}', false) -> 'affected', '1', 'resumed');
select is((select paused from queues.settings where queue = 'analytics'), false, 'not paused');

select pgmq.send('analytics_dlq', jsonb_build_object('queue', 'analytics', 'msg_id', n, 'message', '{"event": "x"}'::jsonb, 'reason', 'unknown_type'))
from generate_series(1, 3) n;
select is(operate('redrive', '{"queue": "analytics", "filter": {"reason": "unknown_type"}, "limit": 2}') - 'visible_until',
  '{"action": "redrive", "dry_run": true, "affected": 2, "left": 1}', 'how many it would redrive');
select is((select array[(select count(*) from pgmq.q_analytics), (select count(*) from pgmq.q_analytics_dlq), (select count(*) from queues.redrives)]), '{0,3,0}', 'none was');
select is(operate('discard', '{"queue": "analytics", "filter": {"msg_ids": [1]}}', false) - 'action', '{"dry_run": false, "affected": 1, "left": 0}', 'discarded');
select is(operate('redrive', '{"queue": "analytics", "filter": {}, "rate_per_sec": 0.5}', false) - 'visible_until', '{"action": "redrive", "dry_run": false, "affected": 2, "left": 0}', 'redriven');
select is(operate('cancel_redrive', '{"queue": "analytics", "filter": {}}', false) - 'action', '{"dry_run": false, "affected": 2, "left": 0}', 'and taken back');
select is(operate('send', '{"queue": "analytics", "message": {"event": "smoke_test"}}', false) - 'msg_id', '{"action": "send", "dry_run": false, "affected": 1}', 'a message to test it');
select is((select array_agg(message) from pgmq.q_analytics), array['{"event": "smoke_test"}'::jsonb], 'is in the queue');
select is((select array_agg(format('%s %s %s', action, queue, affected) order by id) from queues.operator_log),
  '{"pause analytics 1","resume analytics 1","discard analytics 1","redrive analytics 2","cancel_redrive analytics 2","send analytics 1"}', 'what was done is in the log');

select * from finish();
rollback;
