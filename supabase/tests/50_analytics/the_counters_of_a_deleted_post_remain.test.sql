begin;
select plan(2);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.like_it() returns jsonb language sql as $$
  select settle_messages('analytics', '{"effects": {
    "analytics_events": [{"event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1"}],
    "analytics_daily": [{"day": "2026-01-01", "event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1", "count": 1}]}}')
$$;
select pg_temp.like_it();
delete from posts_new;
select pg_temp.like_it();

select results_eq(
  'select right(post_id::text, 2), count from analytics_daily', $$values ('b1', 2::bigint)$$,
  'the counters keep the id, and count later events');
select is((select sum(count) from analytics_daily), (select count(*)::numeric from analytics_events), 'they equal the number of events');

select * from finish();
rollback;
