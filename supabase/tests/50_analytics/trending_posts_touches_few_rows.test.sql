-- Counts the rows that the call reads, by the statistics of Postgres.
begin;
select plan(6);

-- 20,000 posts with 5 hours each, a few of them popular.
insert into posts_new (id) select md5(n::text)::uuid from generate_series(1, 20000) n;
select queues.count_trending(jsonb_agg(jsonb_build_object(
  'post_id', md5(n::text)::uuid, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => h + n % 100),
  'weight', w, 'gain', w, 'likes', w)))
from generate_series(1, 20000) n, generate_series(1, 5) h, lateral (select 1 + 5000 / n as w) weights;
analyze queues.trending_hours, queues.trending_ranks, posts_new;

create function pg_temp.touched(p_window interval, p_limit integer) returns table (scanned bigint, by_index bigint, buffers integer)
language plpgsql as $$
declare
  c_tables constant regclass[] := '{queues.trending_hours,queues.trending_ranks,public.posts_new,public.analytics_events}';
  v_before bigint[];
  v_plan jsonb;
begin
  select array[sum(pg_stat_get_xact_tuples_returned(t)), sum(pg_stat_get_xact_tuples_fetched(t))] into v_before from unnest(c_tables) t;
  execute format('explain (analyze, buffers, format json) select * from trending_posts(%L, %s)', p_window, p_limit) into v_plan;
  return query
    select sum(pg_stat_get_xact_tuples_returned(t))::bigint - v_before[1], sum(pg_stat_get_xact_tuples_fetched(t))::bigint - v_before[2],
      (v_plan #>> '{0,Plan,Shared Hit Blocks}')::integer + (v_plan #>> '{0,Plan,Shared Read Blocks}')::integer
    from unnest(c_tables) t;
end $$;

create temp table touched as
select * from (values ('1 hour'::interval), ('1 day'), ('30 days')) w (p_window), pg_temp.touched(p_window, 10);

select is(scanned, 0::bigint, format('none of a table as a whole, in a window of %s', p_window)) from touched;
select cmp_ok(by_index, '<', 1000::bigint, format('few of 140,000 by an index, in a window of %s', p_window)) from touched;

select * from finish();
rollback;
