begin;
select plan(4);

select pgmq.send_batch('like_events', array(select to_jsonb(n) from generate_series(1, 2300) n));

create function pg_temp.claimed(p_limit int) returns int language sql as $$
  select json_array_length(claim_messages('like_events', p_limit) -> 'messages')
$$;

select is(pg_temp.claimed(null), 200, 'null means the batch size of the queue');
select is(pg_temp.claimed(5000), 1000, 'at most 1000');
select is(pg_temp.claimed(0), 1, 'at least 1');
select is(pg_temp.claimed(-1), 1, 'a negative limit means 1');

select * from finish();
rollback;
