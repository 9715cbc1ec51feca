begin;
select plan(3);
insert into queues.rate_limit_keys (key, free_at, action, kind)
select n, clock_timestamp() + case when n <= 20 then -1 else 1 end * interval '1 minute', 'like', 'session' from generate_series(1, 30) n;
select is(queues.prune_rate_limit_keys(15), 15, 'in steps');
select is(queues.prune_rate_limit_keys(15), 5, 'to the last one');
select is((select count(*)::int from queues.rate_limit_keys), 10, 'those in use stay');
select * from finish();
rollback;
