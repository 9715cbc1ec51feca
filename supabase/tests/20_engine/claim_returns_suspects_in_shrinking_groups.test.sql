begin;
select plan(6);

-- 400 messages: a crash of the worker left 100 suspects, and a second crash left five of them.
select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, 400) n));
update pgmq.q_analytics set read_ct = 1 where msg_id between 201 and 300;
update pgmq.q_analytics set read_ct = 2 where msg_id between 251 and 255;

create function pg_temp.claimed(p_limit int) returns jsonb language sql as $$
  select jsonb_path_query_array(claim_messages('analytics', p_limit)::jsonb, '$.messages[*].msg_id')
$$;

select is(pg_temp.claimed(400), '[251]', 'a message on its last chance comes first and alone');
select is(
  (select array_agg(pg_temp.claimed(400) order by n) from generate_series(1, 4) n),
  array['[252]', '[253]', '[254]', '[255]']::jsonb[], 'each of them');
select is(
  pg_temp.claimed(400), (select jsonb_agg(n) from generate_series(201, 220) n),
  'after one of two crashes, the group is the square root of the limit');
select is(
  (select array_agg(jsonb_array_length(pg_temp.claimed(400)) order by n) from generate_series(1, 4) n),
  '{20,20,20,15}', 'until all suspects were claimed');
select is(
  pg_temp.claimed(400), (select jsonb_agg(n) from generate_series(1, 400) n where n not between 201 and 300),
  'then the others follow');
select is((select max(read_ct) from pgmq.q_analytics where msg_id not between 201 and 300), 1, 'their read count is 1');

select * from finish();
rollback;
