begin;
select plan(5);

update queues.settings set max_message_bytes = 5 * 1024 * 1024 where queue = 'analytics';
create function pg_temp.claimed() returns jsonb language sql as $$
  select jsonb_path_query_array(claim_messages('analytics')::jsonb, '$.messages[*].msg_id')
$$;

-- They compress well, so only their size as JSON counts.
select pgmq.send('analytics', to_jsonb(repeat('x', 1024 * 1024 - 2))) from generate_series(1, 5);
select is(pg_temp.claimed(), '[1, 2, 3, 4]', 'the messages that fit are claimed');
select is(pg_temp.claimed(), '[5]', 'the others are left for the next claim');
select is((select array_agg(read_ct) from pgmq.q_analytics), '{1,1,1,1,1}', 'they are unchanged');

select pgmq.send('analytics', to_jsonb(repeat('x', 4 * 1024 * 1024))) from generate_series(1, 2);
select is(pg_temp.claimed(), '[6]', 'a larger message is claimed alone');

update queues.settings set max_message_bytes = 1000 where queue = 'analytics';
select pgmq.send('analytics', '8');
select is(pg_temp.claimed(), '[7, 8]', 'a withheld body does not count');

select * from finish();
rollback;
