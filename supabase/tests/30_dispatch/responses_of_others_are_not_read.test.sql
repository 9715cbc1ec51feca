begin;
select plan(5);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
insert into net._http_response (id, status_code, created)
select -n, 200, now() - n * interval '1 second' - interval '2 seconds' from generate_series(1, 20000) n;

create temp table read (before bigint);
create function pg_temp.read() returns bigint language plpgsql as $$
declare
  v_now bigint := (
    select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relid = 'net._http_response'::regclass);
  v_before bigint := (select before from read);
begin
  delete from read;
  insert into read values (v_now);
  return v_now - v_before;
end $$;

select pg_temp.read();
select pgmq.send('analytics', '{}');
select is(queues.dispatch(), 1, 'a worker is called');
select is(pg_temp.read(), 0::bigint, 'without an open call no response is read');
insert into net._http_response (id, status_code, created) select request_id, 202, clock_timestamp() from queues.dispatches;
update queues.due set at = '-infinity';
select queues.dispatch();
select is((select outcome from queues.dispatches order by id limit 1), 'accepted', 'an open call finds its response');
select cmp_ok(pg_temp.read(), '<', 100::bigint, 'by reading a few');
select queues.health(), queues.wake('like_events');
select cmp_ok(pg_temp.read(), '<', 100::bigint, 'as do health and producers');

select * from finish();
rollback;
