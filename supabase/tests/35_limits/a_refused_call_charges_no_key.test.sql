begin;
select plan(4);

update queues.rate_limits set per_minute = 60, burst = 2 where action = 'like';
create function pg_temp.charge(p_session text, p_person uuid) returns boolean language sql as $$
  select coalesce(queues.charge(queues.rate_limit_keys_of('like', p_session, p_person)) <= interval '0', true)
$$;

-- One person with many sessions: the person's key refuses.
select ok(pg_temp.charge('a' || n, '00000000-0000-4000-8000-00000000000a'), 'within the limit') from generate_series(1, 2) n;
select ok(not pg_temp.charge('c', '00000000-0000-4000-8000-00000000000a'), 'the person is over the limit');
select is((select count(*)::int from generate_series(1, 5) where pg_temp.charge('c', null)), 2,
  'the session that was refused with the person has its whole burst');

select * from finish();
rollback;
