begin;
select plan(5);

select pgmq.send('notifications', '{"n": 1}') from generate_series(1, 3);
create temp table claim as select claim_messages('notifications', 1)::jsonb as reply;

select is(
  (select reply -> 'policy' from claim),
  '{"visibility_timeout_secs": 60, "batch_size": 100, "max_retries": 3, "backoff_base_secs": 10,
    "backoff_cap_secs": 3600, "max_message_bytes": 262144, "delivery_concurrency": 16}',
  'the policy of the queue');
select is((select reply -> 'backlog' from claim), '2', 'the backlog counts the visible messages left');
select ok(
  (select (reply ->> 'now')::timestamptz between now() and clock_timestamp() from claim), 'the time of the database');
select is(
  (select reply #> '{messages,0}' from claim) - '{enqueued_at,vt}'::text[],
  '{"msg_id": 1, "read_ct": 1, "failures": 0, "size_bytes": 8, "message": {"n": 1}}',
  'a message has its failures and size, and no key that does not apply');

update pgmq.q_notifications set vt = clock_timestamp();
select pgmq.send_batch('notifications', array(select '1'::jsonb from generate_series(1, 1500)));
select is(claim_messages('notifications', 1)::jsonb -> 'backlog', '1000', 'the backlog is counted up to 1000');

select * from finish();
rollback;
