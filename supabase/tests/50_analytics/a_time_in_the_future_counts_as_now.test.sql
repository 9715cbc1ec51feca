begin;
select plan(2);

create function pg_temp.happened(p_post text, p_hours_ago integer, p_weight integer, p_gain integer, p_likes integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', jsonb_build_array(jsonb_build_object(
    'post_id', '00000000-0000-4000-8000-0000000000' || p_post, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours_ago),
    'weight', p_weight, 'gain', p_gain, 'likes', p_likes)))))
$$;
insert into posts_new (id) select ('00000000-0000-4000-8000-0000000000' || post)::uuid from unnest('{b1,b2}'::text[]) post;
select pg_temp.happened('b1', -20, 1, 1, 1);
select pg_temp.happened('b2', 0, 1, 1, 1);

select is((select count(distinct score) from trending_posts('24 hours', 10)), 1::bigint, 'an event of the future counts in the current hour');
select is((select max(hour) from queues.trending_hours), date_trunc('hour', now(), 'UTC'), 'it is stored in the current hour');

select * from finish();
rollback;
