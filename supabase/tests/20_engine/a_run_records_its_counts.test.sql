begin;
select plan(2);

select pgmq.send('analytics', '1') from generate_series(1, 10);
select claim_messages('analytics', 10, '00000000-0000-4000-8000-000000000001');
select settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 1,
  "acks": [[1, 1], [2, 1], [3, 1], [4, 1]],
  "retries": [{"msg_id": 5, "read_ct": 1, "delay_secs": 9, "code": "c", "error": "e"},
              {"msg_id": 6, "read_ct": 1, "delay_secs": 9, "code": "c", "error": "e"},
              {"msg_id": 7, "read_ct": 1, "delay_secs": 9, "code": "c", "error": "e"}],
  "dead_letters": [{"msg_id": 8, "read_ct": 1, "code": "c", "error": "e"}]}');
select results_eq(
  'select claimed, processed, retried, dead_lettered, released, stopped_because, finished_at from queues.runs',
  $$values (10::bigint, 4::bigint, 3::bigint, 1::bigint, 0::bigint, null, null::timestamptz)$$, 'the outcomes are counted');

select settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 2,
  "releases": [[9, 1], [10, 1]], "stopped_because": "budget"}');
select results_eq(
  'select claimed, processed, retried, dead_lettered, released, stopped_because, finished_at >= started_at from queues.runs',
  $$values (10::bigint, 4::bigint, 3::bigint, 1::bigint, 2::bigint, 'budget', true)$$, 'the end and its reason are recorded');

select * from finish();
rollback;
