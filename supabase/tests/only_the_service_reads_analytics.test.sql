begin;
select plan(14);

select throws_ok(format('set local role %s; %s', role, statement), '42501')
from unnest(array['anon', 'authenticated']) role,
  unnest(array[
    'select 1 from analytics_events', 'select 1 from analytics_daily',
    $$insert into analytics_events (event_type) values ('x')$$, 'delete from analytics_daily']) statement;

set local role service_role;
select lives_ok('select 1 from analytics_events');
select lives_ok('select 1 from analytics_daily');
select throws_ok($$insert into analytics_events (event_type) values ('x')$$, '42501', null, 'and writes them by settling alone');
select throws_ok('delete from analytics_events', '42501');
select throws_ok('update analytics_daily set count = 0', '42501');
select throws_ok('truncate analytics_daily', '42501');

select * from finish();
rollback;
