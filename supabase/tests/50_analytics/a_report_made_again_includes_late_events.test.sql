begin;
select plan(4);

create function pg_temp.visits(p_day date, p_count integer) returns jsonb language sql as $$
  select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object(
    'analytics_events', (
      select jsonb_agg(jsonb_build_object('event_type', 'visit', 'session_id', gen_random_uuid(), 'created_at', p_day + time '12:00' at time zone 'UTC'))
      from generate_series(1, p_count)),
    'analytics_daily', jsonb_build_array(jsonb_build_object('day', p_day, 'event_type', 'visit', 'post_id', null, 'count', p_count)))))
$$;
select pg_temp.visits('2026-01-01', 2);
select pg_temp.visits('2026-01-02', 4);
select queues.report_day('2026-01-01');
select queues.report_day('2026-01-02');
create temp table first as select * from analytics_reports;

select queues.report_day('2026-01-01');
select queues.report_day('2026-01-02');
select set_eq('select * from analytics_reports', 'select * from first', 'a second report is the same');

select pg_temp.visits('2026-01-01', 3);
select queues.report_day('2026-01-01');
select results_eq(
  'select day, events, active_sessions, events_growth_percent, active_sessions_growth_percent from analytics_reports order by day',
  $$values (date '2026-01-01', 5::bigint, 5::bigint, null::numeric, null::numeric), ('2026-01-02', 4, 4, -20.0, -20.0)$$,
  'the growth of the next day changes too');

select throws_ok('select queues.report_day(null)', 'PT422', '`p_day` is not a day up to today');
select throws_ok(format('select queues.report_day(%L)', (now() at time zone 'UTC')::date + 1), 'PT422', '`p_day` is not a day up to today');

select * from finish();
rollback;
