begin;
select plan(2);

create function pg_temp.count_up(p_counts jsonb) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object('analytics_daily', p_counts)))
$$;

select pg_temp.count_up('[
  {"day": "2026-01-02", "event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1", "count": 3},
  {"day": "2026-01-01", "event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1", "count": 1},
  {"day": "2026-01-01", "event_type": "visit", "count": 5}]');
select pg_temp.count_up('[
  {"day": "2026-01-01", "event_type": "visit", "post_id": null, "count": 2},
  {"day": "2026-01-01", "event_type": "visit", "post_id": null, "count": 1},
  {"day": "2026-01-02", "event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1", "count": 4}]');

select results_eq(
  'select day, event_type, right(post_id::text, 2), count from analytics_daily order by 1, 2',
  $$values (date '2026-01-01', 'like', 'b1', 1::bigint), ('2026-01-01', 'visit', null, 8), ('2026-01-02', 'like', 'b1', 7)$$,
  'one counter per day, type and post, also without a post');
select is((select count(*) from posts_new), 0::bigint, 'deleted posts are counted too');

select * from finish();
rollback;
