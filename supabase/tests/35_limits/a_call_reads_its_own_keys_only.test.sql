begin;
select plan(2);

-- Plans that are cached while there are few keys.
analyze queues.rate_limit_keys;
create function pg_temp.call(p_session text) returns void language plpgsql as $$
declare
  v_keys queues.rate_limit_key[] := queues.rate_limit_keys_of('like', p_session, null);
begin
  perform queues.rate_limit_wait(v_keys);
  perform queues.charge(v_keys);
  perform queues.count_call('like', 'refused', v_keys);
end $$;
create function pg_temp.read() returns bigint language sql as $$
  select coalesce(seq_tup_read, 0) from pg_stat_xact_all_tables where relid = 'queues.rate_limit_keys'::regclass
$$;
select pg_temp.call('session') from generate_series(1, 10);
create temp table few as select pg_temp.read() as rows;
insert into queues.rate_limit_keys (key, free_at, action, kind)
select n, clock_timestamp(), 'like', 'session' from generate_series(1, 10000) n;
select pg_temp.call('session ' || n % 5) from generate_series(1, 10) n;
select is(pg_temp.read() - (select rows from few), 0::bigint, 'no call reads the keys of others');
select is((select count(*)::int from queues.rate_limit_keys), 10006, 'among many');

select * from finish();
rollback;
