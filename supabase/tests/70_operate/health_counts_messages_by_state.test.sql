begin;
select plan(4);

select pgmq.send('analytics', to_jsonb(n)) from generate_series(1, 6) n;
select pgmq.send('analytics', '"delayed"', 3600);
select claim_messages('analytics', 4);
select settle_messages('analytics', '{
  "retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 30, "code": "http_503", "error": "unavailable"}],
  "releases": [[2, 1]],
  "dead_letters": [{"msg_id": 3, "read_ct": 1, "code": "not_json", "error": "what is this"}]}');

select results_eq(
  $$select visible, in_flight, delayed, dead_letters, is_estimate from queues.health() where queue = 'analytics'$$,
  $$values (3::bigint, 1::bigint, 2::bigint, 1::bigint, false)$$,
  'a retry that waits is delayed, not in flight; a release is visible');

update pgmq.q_analytics set vt = clock_timestamp() - interval '90 seconds' where msg_id = 5;
select ok((select oldest_age_secs from queues.health() where queue = 'analytics') between 90 and 120,
  'oldest_age_secs is the longest time a message has been visible');
select results_eq(
  $$select visible, in_flight, delayed, dead_letters, is_estimate, oldest_age_secs from queues.health() where queue = 'like_events'$$,
  $$values (0::bigint, 0::bigint, 0::bigint, 0::bigint, false, null::numeric)$$, 'an empty queue');

-- Above the bound the counts are estimates of the planner, which are close after an analyze.
select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, 20000) n));
analyze pgmq.q_analytics;
select ok((select is_estimate and visible between 19000 and 21000 from queues.health() where queue = 'analytics'),
  'large counts are estimates, and is_estimate is set');

select * from finish();
rollback;
