begin;
select plan(12);

update queues.rate_limits set per_minute = 60, burst = 3 where action = 'like';
create function pg_temp.charge(p_session text) returns boolean language sql as $$
  select coalesce(queues.charge(queues.rate_limit_keys_of('like', p_session, null)) <= interval '0', true)
$$;

select ok(pg_temp.charge('a'), 'the first of a burst') from generate_series(1, 3);
select ok(not pg_temp.charge('a'), 'then no more');
select ok(pg_temp.charge('b'), 'another session is not affected');
select cmp_ok(queues.rate_limit_wait(queues.rate_limit_keys_of('like', 'a', null)), '<=', interval '1 second',
  'the wait is at most one step');
select cmp_ok(queues.rate_limit_wait(queues.rate_limit_keys_of('like', 'a', null)), '>', interval '0', 'and not over yet');

-- As if time had passed.
update queues.rate_limit_keys set free_at = free_at - interval '1 second';
select ok(pg_temp.charge('a'), 'a step later one is allowed');
select ok(not pg_temp.charge('a'), 'and only one');
update queues.rate_limit_keys set free_at = free_at - interval '1 hour';
select is((select count(*)::int from generate_series(1, 10) where pg_temp.charge('a')), 3, 'a pause allows one burst');

update queues.rate_limits set enabled = false;
select ok(pg_temp.charge('a'), 'a limit can be switched off');
select is(queues.rate_limit_keys_of('jump', 'a', null), '{}', 'an action without a limit has no keys');

select * from finish();
rollback;
