begin;
select plan(10);

select throws_ok('select trending_posts(null, 10)', 'PT422', '`p_window` is not a positive interval');
select throws_ok($$select trending_posts('0', 10)$$, 'PT422', '`p_window` is not a positive interval');
select throws_ok($$select trending_posts('-100000 years', 10)$$, 'PT422', '`p_window` is not a positive interval');
select throws_ok($$select trending_posts('1 day', null)$$, 'PT422', '`p_limit` is not positive');
select throws_ok($$select trending_posts('1 day', 0)$$, 'PT422', '`p_limit` is not positive');
select throws_ok($$select trending_posts('soon', 10)$$, '22007');

insert into posts_new (id) select gen_random_uuid() from generate_series(1, 120);
select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('trending', (
  select jsonb_agg(jsonb_build_object('post_id', id, 'hour', date_trunc('hour', now(), 'UTC'), 'weight', 1, 'gain', 1, 'likes', 1)) from posts_new))));

select is((select count(*) from trending_posts('100000 years', 10)), 10::bigint, 'a window may have any positive length');
select is((select count(*) from trending_posts('1 second', 1)), 1::bigint);
select is((select count(*) from trending_posts('1 day', 2147483647)), 100::bigint, 'at most 100 posts are returned');
select is((select count(*) from trending_posts()), 20::bigint, '20 by default');

select * from finish();
rollback;
