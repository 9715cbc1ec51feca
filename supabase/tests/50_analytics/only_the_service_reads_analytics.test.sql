begin;
select plan(23);

select throws_ok(format('set local role %s; %s', role, statement), '42501')
from unnest(array['anon', 'authenticated']) role,
  unnest(array[
    'select 1 from analytics_events', 'select 1 from analytics_daily', 'select 1 from analytics_reports',
    $$select queues.report_day('2026-01-01')$$,
    $$insert into analytics_events (event_type) values ('x')$$, 'delete from analytics_daily']) statement;

set local role service_role;
select lives_ok('select 1 from analytics_events');
select lives_ok('select 1 from analytics_daily');
select lives_ok('select 1 from analytics_reports');
select lives_ok($$select queues.report_day('2026-01-01')$$);
select throws_ok($$insert into analytics_events (event_type) values ('x')$$, '42501', null, 'the service writes them only by settling');
select throws_ok('delete from analytics_events', '42501');
select throws_ok('update analytics_daily set count = 0', '42501');
select throws_ok('truncate analytics_daily', '42501');
select throws_ok('delete from analytics_reports', '42501');
select throws_ok('update queues.trending_settings set half_life_secs = 3600', '42501');
select throws_ok('select queues.prune_trending(1)', '42501');

select * from finish();
rollback;
