begin;
select plan(7);

select is(
  (select array_agg(queue_name::text order by queue_name) from pgmq.list_queues()),
  (select array_agg(queue || suffix order by queue || suffix) from queues.settings, unnest(array['', '_dlq']) suffix),
  'each row of the settings has a queue and a dead-letter queue, and there is no other queue');

select throws_ok($$select queues.create_queue('mine')$$, 'P0001', 'queue `mine` has no settings');
insert into queues.settings (queue) values ('mine');
select results_eq(
  $$select max_crashes, max_retries, backoff_base_secs, backoff_cap_secs, max_message_bytes, paused
    from queues.settings where queue = 'mine'$$,
  $$values (3, 3, 10, 3600, 262144, false)$$, 'a new queue has the defaults');
select queues.create_queue('mine');
select lives_ok($$select queues.create_queue('mine')$$, 'it may be called again');
select pgmq.send('mine', '1');
select is(claim_messages('mine')::jsonb #> '{messages,0,message}', '1', 'a new queue works');
select is(settle_messages('mine', '{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e"}]}') -> 'applied', 'true');
select is((select count(*) from pgmq.q_mine_dlq), 1::bigint, 'a message of it can be dead-lettered');

select * from finish();
rollback;
