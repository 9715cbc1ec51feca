begin;
select plan(5);

select queues.dispatch();
select pgmq.send('analytics', '1');
update pgmq.q_analytics set vt = clock_timestamp() - interval '1 hour';
update queues.settings set paused = true where queue = 'analytics';
select results_eq(
  $$select verdict, reason, remedy from queues.health() where queue = 'analytics'$$,
  $$values ('ok', 'paused, with 1 visible message', 'select queues.resume(''analytics'')')$$, 'paused');
update queues.settings set paused = false, function_name = null where queue = 'analytics';
select results_eq(
  $$select verdict, reason from queues.health() where queue = 'analytics'$$,
  $$values ('ok', 'no function drains it: queues.settings.function_name is null')$$, 'a queue without a function');
insert into queues.housekeeping (key, position, kind, function, drains) values ('a test', 9999, 'fold', 'prune_alerts', 'analytics');
select is((select reason from queues.health() where queue = 'analytics'),
  'the database drains it at each tick, by queues.prune_alerts', 'a queue that the database drains itself');
select is((select reason from queues.health() where queue = 'alerts'),
  'the database drains it at each tick, by queues.send_alerts', 'so does that of the alerts');
select pgmq.send('like_events_dlq', '{}');
select results_eq(
  $$select verdict, reason from queues.health() where queue = 'like_events'$$,
  $$values ('ok', '1 message was given up')$$, 'dead letters are reported and do not make the queue failing');

select * from finish();
rollback;
