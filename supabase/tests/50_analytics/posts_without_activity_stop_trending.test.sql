begin;
select plan(5);

create function pg_temp.happened(p_post text, p_hours_ago integer, p_weight integer, p_gain integer, p_likes integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', jsonb_build_array(jsonb_build_object(
    'post_id', '00000000-0000-4000-8000-0000000000' || p_post, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours_ago),
    'weight', p_weight, 'gain', p_gain, 'likes', p_likes)))))
$$;
insert into posts_new (id) select ('00000000-0000-4000-8000-0000000000' || post)::uuid from unnest('{b1,b2,b3,b4}'::text[]) post;

select pg_temp.happened('b1', 0, 5, 5, 5);
select pg_temp.happened('b2', 0, 4, 4, 4);
select pg_temp.happened('b3', 0, 3, 3, 3);
select pg_temp.happened('b4', 30, 100, 100, 100);
select pg_temp.happened('c9', 0, 9, 9, 9);

create function pg_temp.posts() returns text language sql as $$
  select string_agg(right(post_id::text, 2) || ' ' || likes, ', ') from trending_posts('24 hours', 3)
$$;

select is(pg_temp.posts(), 'b1 5, b2 4, b3 3', 'posts without events in the window, and posts that do not exist, are left out');
select pg_temp.happened('b1', 0, -4, 0, -4);
select is(pg_temp.posts(), 'b2 4, b3 3, b1 1', 'unlikes lower the score');
select pg_temp.happened('b1', 0, -1, 0, -1);
select is(pg_temp.posts(), 'b2 4, b3 3', 'a post whose score is gone is left out');
delete from posts_new where id = '00000000-0000-4000-8000-0000000000b2';
select is(pg_temp.posts(), 'b3 3', 'a deleted post is left out at once');
delete from posts_new;
select is(pg_temp.posts(), null, 'the result may be empty');

select * from finish();
rollback;
