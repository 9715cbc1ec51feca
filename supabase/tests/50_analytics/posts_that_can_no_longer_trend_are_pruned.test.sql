begin;
select plan(6);

-- Inserted directly: a settlement ignores hours this old.
insert into queues.trending_hours (post_id, hour, weight, gain, likes)
select md5(n::text)::uuid, date_trunc('hour', now(), 'UTC') - make_interval(days => 20 + n), 1, 1, 1 from generate_series(1, 20) n;
update queues.trending_settings set half_life_secs = half_life_secs;
insert into queues.trending_ranks (post_id, rank, last_hour)
select post_id, queues.trending_decay() * extract(epoch from hour), hour from queues.trending_hours
on conflict do nothing;

select is((select count(*) from queues.trending_ranks), 20::bigint, 'twenty posts, each of a different day');
select is(queues.prune_trending(3), 3, 'at most p_limit rows at a time');
select is((select min(hour) from queues.trending_hours), date_trunc('hour', now(), 'UTC') - interval '37 days', 'the oldest come first');
select is(queues.prune_trending(100) + queues.prune_trending(100), 17, 'then the rest');
select results_eq(
  'select post_id from queues.trending_hours order by 1', 'select md5(n::text)::uuid from generate_series(1, 10) n order by 1',
  'hours within the longest window stay');
select results_eq(
  'select post_id from queues.trending_ranks order by 1', 'select md5(n::text)::uuid from generate_series(1, 10) n order by 1',
  'their ranks stay');

select * from finish();
rollback;
