begin;
select plan(5);

create function pg_temp.happened(p_post text, p_hours_ago integer, p_weight integer, p_gain integer, p_likes integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', jsonb_build_array(jsonb_build_object(
    'post_id', '00000000-0000-4000-8000-0000000000' || p_post, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours_ago),
    'weight', p_weight, 'gain', p_gain, 'likes', p_likes)))))
$$;
insert into posts_new (id) select ('00000000-0000-4000-8000-0000000000' || post)::uuid from unnest('{b1,b2,b3}'::text[]) post;

select pg_temp.happened('b1', 0, 2, 2, 1);
select pg_temp.happened('b2', 24, 8, 8, 8);
select pg_temp.happened('b3', 48, 12, 12, 12);

-- Hours count from their beginning, which is up to an hour ago.
create function pg_temp.scores() returns table (post text, score numeric, likes bigint) language sql as $$
  select right(post_id::text, 2), round((score * 2 ^ (extract(epoch from now() - date_trunc('hour', now(), 'UTC')) / half_life_secs))::numeric, 6), likes
  from trending_posts('7 days', 10), queues.trending_settings
$$;

select results_eq(
  'select * from pg_temp.scores()', $$values ('b2', 4.000000, 8::bigint), ('b3', 3.000000, 12), ('b1', 2.000000, 1)$$,
  'an event a day old counts half, one two days old a quarter');

update queues.trending_settings set half_life_secs = 48 * 3600;
select results_eq(
  'select post, score from pg_temp.scores()', format($$values ('b3', 6.000000), ('b2', %s), ('b1', 2.000000)$$, round(8 / sqrt(2::numeric), 6)),
  'a new half-life applies at once, also to events counted before');

update queues.trending_settings set half_life_secs = 3600;
select results_eq('select post from pg_temp.scores()', $$values ('b1'), ('b2'), ('b3')$$, 'with a short half-life the latest events win');
select throws_ok('update queues.trending_settings set half_life_secs = 60', '23514', null, 'the shortest half-life is an hour');

delete from queues.trending_settings;
select lives_ok($$select pg_temp.happened('b1', 0, 1, 1, 1)$$, 'without a row of settings, events are still counted');

select * from finish();
rollback;
