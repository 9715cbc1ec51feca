begin;
select plan(6);

create function pg_temp.happened(p_post text, p_hours_ago integer, p_weight integer, p_gain integer, p_likes integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', jsonb_build_array(jsonb_build_object(
    'post_id', '00000000-0000-4000-8000-0000000000' || p_post, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours_ago),
    'weight', p_weight, 'gain', p_gain, 'likes', p_likes)))))
$$;
insert into posts_new (id) select ('00000000-0000-4000-8000-0000000000' || post)::uuid from unnest('{b1,b2,b3}'::text[]) post;

select pg_temp.happened('b1', 100, 1000000, 1000000, 1000000);
select pg_temp.happened('b1', 1, 1, 1, 1);
select pg_temp.happened('b2', 2, 5, 5, 3);
select pg_temp.happened('b3', 40 * 24, 9, 9, 9);

create function pg_temp.posts(p_window interval, p_limit integer default 10) returns table (post text, likes bigint) language sql as $$
  select right(post_id::text, 2), likes from trending_posts(p_window, p_limit)
$$;

select results_eq($$select * from pg_temp.posts('24 hours')$$, $$values ('b2', 3::bigint), ('b1', 1)$$, 'earlier events do not count');
select results_eq($$select * from pg_temp.posts('24 hours', 1)$$, $$values ('b2', 3::bigint)$$, 'however many there are');
select results_eq($$select * from pg_temp.posts('1 hour')$$, $$values ('b1', 1::bigint)$$, 'a window begins at a full hour');
select results_eq($$select * from pg_temp.posts('5 days')$$, $$values ('b1', 1000001::bigint), ('b2', 3)$$, 'a longer window includes more');
select results_eq($$select * from pg_temp.posts('1 year')$$, $$values ('b1', 1000001::bigint), ('b2', 3)$$, 'a window is at most 30 days');
select results_eq('select right(post_id::text, 2) from trending_posts()', $$values ('b2'), ('b1')$$, 'the default window is a day');

select * from finish();
rollback;
