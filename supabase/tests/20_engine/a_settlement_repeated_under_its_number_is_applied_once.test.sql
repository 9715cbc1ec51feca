begin;
select plan(5);

select pgmq.send('analytics', '1') from generate_series(1, 2);
select claim_messages('analytics', 2, '00000000-0000-4000-8000-000000000001');

create function pg_temp.settled(p_seq int) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object(
    'run_id', '00000000-0000-4000-8000-000000000001', 'seq', p_seq, 'acks', jsonb_build_array(jsonb_build_array(p_seq, 1)),
    'effects', '{"analytics_events": [{"event_type": "like"}], "enqueue": {"notifications": [1]}}'::jsonb))
$$;

select is(pg_temp.settled(1), '{"applied": true, "lost": [], "backlog": 0}', 'once');
select is(pg_temp.settled(1), '{"applied": true, "lost": [], "backlog": 0}', 'a repeated settlement gets the same reply');
select is(pg_temp.settled(2) -> 'applied', 'true', 'the next number is a new settlement');
select is(pg_temp.settled(1) -> 'applied', 'true', 'an older number is still recognized');
select results_eq(
  $$select processed, settled_seq, (select count(*) from analytics_events), (select count(*) from pgmq.q_notifications)
    from queues.runs$$,
  'values (2::bigint, 2::bigint, 2::bigint, 2::bigint)', 'each settlement took effect once');

select * from finish();
rollback;
