begin;
select plan(2);

select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, 25) n));
update pgmq.q_analytics set read_ct = 3 where msg_id <= 20;

select is(
  jsonb_path_query_array(claim_messages('analytics', 5)::jsonb, '$.messages[*].msg_id'), '[21, 22, 23, 24, 25]',
  'a queue that begins with messages to give up does not look empty');
select is((select count(*) from pgmq.q_analytics_dlq), 20::bigint, 'they were all given up');

select * from finish();
rollback;
