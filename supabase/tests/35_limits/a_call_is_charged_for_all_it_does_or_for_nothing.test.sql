begin;
select plan(7);

update queues.rate_limits set per_minute = 60, burst = 10 where action = 'like';
create function pg_temp.charge(p_session text, p_times integer, p_person uuid default null) returns boolean language sql as $$
  select coalesce(queues.charge(queues.rate_limit_keys_of('like', p_session, p_person, p_times)) <= interval '0', true)
$$;

select ok(pg_temp.charge('a', 10), 'a burst in one call');
select ok(not pg_temp.charge('a', 1), 'uses the burst up');
select ok(pg_temp.charge('b', 6), 'a part of it');
select ok(not pg_temp.charge('b', 5), 'more than is left is refused');
select ok(pg_temp.charge('b', 4), 'and charged nothing: what is left can be used');

select ok(pg_temp.charge('c', 8, '00000000-0000-4000-8000-00000000000a')
  and not pg_temp.charge('d', 3, '00000000-0000-4000-8000-00000000000a'), 'one key of two refuses');
select ok(pg_temp.charge('d', 10), 'and the other was charged nothing');

select * from finish();
rollback;
