begin;
select plan(4);

select pgmq.send('analytics', to_jsonb(repeat('x', 2000)));
select pgmq.send('analytics', to_jsonb(n)) from generate_series(2, 4) n;
select claim_messages('analytics', 3);
select settle_messages('analytics', '{"releases": [[3, 1]], "retries": [
  {"msg_id": 2, "read_ct": 1, "delay_secs": 60, "code": "http_503", "error": "unavailable"}]}');
create temp table before as select * from pgmq.q_analytics;

select results_eq(
  $$select msg_id, state, read_ct, failures, last_error, size_bytes, left(body, 5) from queues.peek('analytics')$$,
  $$values
    (1::bigint, 'in_flight', 1, 0, null, 2002, '"xxxx'), (2, 'delayed', 1, 1, 'unavailable', 1, '2'),
    (3, 'visible', 1, 0, null, 1, '3'), (4, 'visible', 0, 0, null, 1, '4')$$,
  'the oldest first, with their state');
select is((select length(body) from queues.peek('analytics', 1)), 500, 'large bodies are cut');
select is((select count(*) from queues.peek('analytics', 2)), 2::bigint, 'at most p_limit');
select set_eq('select * from pgmq.q_analytics', 'select * from before', 'nothing is changed');

select * from finish();
rollback;
