begin;
select plan(5);

create function pg_temp.happened(p_at timestamptz, p_type text, p_post text, p_session text) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object(
    'analytics_events', jsonb_build_array(jsonb_build_object(
      'event_type', p_type, 'post_id', p_post::uuid, 'session_id', p_session, 'created_at', p_at)),
    'analytics_daily', jsonb_build_array(jsonb_build_object(
      'day', (p_at at time zone 'UTC')::date, 'event_type', p_type, 'post_id', p_post::uuid, 'count', 1)))))
$$;
-- The day before, the first and the last instant of the day, the day after.
select pg_temp.happened('2026-01-01T23:59:59.999999Z', 'visit', null, 's1');
select pg_temp.happened('2026-01-01T12:00:00Z', 'visit', null, 's2');
select pg_temp.happened('2026-01-02T00:00:00Z', 'like', '00000000-0000-4000-8000-0000000000b1', 's1');
select pg_temp.happened('2026-01-02T01:00:00Z', 'share', '00000000-0000-4000-8000-0000000000b1', 's1');
select pg_temp.happened('2026-01-02T02:00:00Z', 'like', '00000000-0000-4000-8000-0000000000b2', 's3');
select pg_temp.happened('2026-01-02T03:00:00Z', 'visit', null, null);
select pg_temp.happened('2026-01-02T23:59:59.999999Z', 'visit', null, 's4');
select pg_temp.happened('2026-01-03T00:00:00Z', 'visit', null, 's5');
-- Days are in UTC, whatever the time zone of the database.
set local timezone = 'Pacific/Auckland';

select queues.report_day('2026-01-01');
select results_eq(
  $$select events, events_by_type, active_sessions, top_posts, events_growth_percent, active_sessions_growth_percent
    from queues.report_day('2026-01-02')$$,
  $$values (5::bigint, '{"like": 2, "share": 1, "visit": 2}'::jsonb, 3::bigint, '[
      {"post_id": "00000000-0000-4000-8000-0000000000b1", "events": 2, "events_by_type": {"like": 1, "share": 1}},
      {"post_id": "00000000-0000-4000-8000-0000000000b2", "events": 1, "events_by_type": {"like": 1}}]'::jsonb, 150.0, 50.0)$$,
  'events by type, sessions, posts, and growth');
select results_eq(
  $$select events, events_growth_percent, active_sessions_growth_percent from analytics_reports where day = '2026-01-01'$$,
  'values (2::bigint, null::numeric, null::numeric)', 'growth from nothing is null');
select results_eq(
  $$select events, events_by_type, active_sessions, top_posts, events_growth_percent from queues.report_day('2025-12-24')$$,
  $$values (0::bigint, '{}'::jsonb, 0::bigint, '[]'::jsonb, null::numeric)$$, 'a day without events has a report');

delete from analytics_reports where day = '2026-01-01';
select results_eq(
  $$select events_growth_percent, active_sessions_growth_percent from queues.report_day('2026-01-02')$$,
  'values (150.0, null::numeric)', 'without a report of the day before, only the growth of events is known');

select pg_temp.happened('2026-01-02T12:00:00Z', 'like', ('00000000-0000-4000-8000-0000000000' || to_char(n, 'FM00'))::text, 's9')
from generate_series(10, 29) n;
select is((select jsonb_array_length(top_posts) from queues.report_day('2026-01-02')), 10, 'only ten posts are listed');

select * from finish();
rollback;
