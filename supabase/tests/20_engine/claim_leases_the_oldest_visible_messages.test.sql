begin;
select plan(5);

select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, 4) n));
update pgmq.q_analytics set vt = clock_timestamp() + interval '1 hour' where msg_id = 2;

create temp table claim as select claim_messages('analytics', 2)::jsonb as reply;

select is(
  (select jsonb_path_query_array(reply, '$.messages[*].msg_id') from claim), '[1, 3]', 'the oldest visible ones, in order');
select is(
  (select jsonb_path_query_array(reply, '$.messages[*].read_ct') from claim), '[1, 1]', 'each has its read count');
select is(
  (select array_agg(read_ct order by msg_id) from pgmq.q_analytics), '{1,0,1,0}', 'the others are unchanged');
select is(
  (select count(*) from pgmq.q_analytics, claim
   where vt - (msg_id - 1) * interval '1 microsecond' = (reply #>> '{messages,0,vt}')::timestamptz
     and vt between clock_timestamp() + interval '50 secs' and clock_timestamp() + interval '60 secs'),
  2::bigint, 'the lease lasts for the visibility timeout of the queue');
select is(
  (claim_messages('analytics', 2)::jsonb #>> '{messages,0,msg_id}')::int, 4, 'leased messages are not claimed again');

select * from finish();
rollback;
