begin;
select plan(8);

select results_eq(
  'select queue, visibility_timeout_secs, batch_size, retention_days, schedule_secs, max_workers from queues.settings order by queue',
  $$values ('analytics', 60, 1000, 90, 60, 4), ('deliveries', 60, 64, 7, 10, 2),
    ('like_events', 60, 200, 30, 10, 2), ('notifications', 60, 100, 7, 10, 2)$$,
  'the settings of each queue');
select results_eq(
  $$select distinct max_crashes, backoff_base_secs, backoff_cap_secs, max_message_bytes, paused from queues.settings$$,
  $$values (3, 10, 3600, 262144, false)$$, 'the settings that all queues share');
select is(
  (select array_agg(queue_name::text order by queue_name) from pgmq.list_queues()),
  '{analytics,analytics_dlq,deliveries,deliveries_dlq,like_events,like_events_dlq,notifications,notifications_dlq}', 'each queue has a dead-letter queue');

select throws_ok($$select queues.create_queue('mine')$$, 'P0001', 'queue `mine` has no settings');
insert into queues.settings (queue) values ('mine');
select queues.create_queue('mine');
select lives_ok($$select queues.create_queue('mine')$$, 'it may be called again');
select pgmq.send('mine', '1');
select is(claim_messages('mine')::jsonb #> '{messages,0,message}', '1', 'a new queue works');
select is(settle_messages('mine', '{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e"}]}') -> 'applied', 'true');
select is((select count(*) from pgmq.q_mine_dlq), 1::bigint, 'a message of it can be dead-lettered');

select * from finish();
rollback;
