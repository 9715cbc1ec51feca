begin;
select plan(2);

select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, 25) n));
update pgmq.q_analytics set read_ct = 3 where msg_id <= 20;

select is(
  jsonb_path_query_array(claim_messages('analytics', 5)::jsonb, '$.messages[*].msg_id'), '[21, 22, 23, 24, 25]',
  'messages behind those that are dead-lettered are claimed');
select is((select count(*) from pgmq.q_analytics_dlq), 20::bigint, 'all of those were dead-lettered');

select * from finish();
rollback;
