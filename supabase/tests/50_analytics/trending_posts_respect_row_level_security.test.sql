begin;
select plan(5);

create function pg_temp.happened(p_post text, p_hours_ago integer, p_weight integer, p_gain integer, p_likes integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', jsonb_build_array(jsonb_build_object(
    'post_id', '00000000-0000-4000-8000-0000000000' || p_post, 'hour', date_trunc('hour', now(), 'UTC') - make_interval(hours => p_hours_ago),
    'weight', p_weight, 'gain', p_gain, 'likes', p_likes)))))
$$;
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into posts_new (id, profile_id) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000a'), ('00000000-0000-4000-8000-0000000000b2', null);
select pg_temp.happened('b1', 0, 2, 2, 2), pg_temp.happened('b2', 0, 1, 1, 1);
-- An app may hide some posts from everyone but their owners.
drop policy "posts are readable by all" on posts_new;
create policy "public posts" on posts_new for select to anon, authenticated
  using (profile_id is null or profile_id = auth.uid());

select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-00000000000a"}', true);
set local role authenticated;
select results_eq('select right(post_id::text, 2) from trending_posts()', $$values ('b1'), ('b2')$$);
set local role anon;
select set_config('request.jwt.claims', '{}', true);
select results_eq('select right(post_id::text, 2) from trending_posts()', $$values ('b2')$$, 'a hidden post is not returned');
select is((select count(*) from trending_posts('1 day', 1)), 1::bigint, 'it takes no place in the limit');
select throws_ok('delete from queues.trending_hours', '42501');
set local role service_role;
select is((select count(*) from trending_posts()), 2::bigint);

select * from finish();
rollback;
