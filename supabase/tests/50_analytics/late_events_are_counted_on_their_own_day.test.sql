begin;
select plan(2);

-- Events around two midnights, settled together much later.
select settle_messages('analytics', '{"effects": {
  "analytics_events": [
    {"event_type": "like", "created_at": "2026-01-01T23:59:59.999999Z"},
    {"event_type": "like", "created_at": "2026-01-02T00:00:00Z"},
    {"event_type": "like", "created_at": "2026-01-03T00:59:00+01:00"}],
  "analytics_daily": [
    {"day": "2026-01-01", "event_type": "like", "post_id": null, "count": 1},
    {"day": "2026-01-02", "event_type": "like", "post_id": null, "count": 2}]}}');
-- Later still, one more for the first day.
select settle_messages('analytics', '{"effects": {
  "analytics_events": [{"event_type": "like", "created_at": "2026-01-01T12:00:00Z"}],
  "analytics_daily": [{"day": "2026-01-01", "event_type": "like", "post_id": null, "count": 1}]}}');

select results_eq(
  'select day, count from analytics_daily order by day',
  $$values (date '2026-01-01', 2::bigint), ('2026-01-02', 2)$$, 'events count on the day they happened');
-- Days are in UTC, whatever the time zone of the database.
set local timezone = 'Pacific/Auckland';
select results_eq(
  $$select (created_at at time zone 'UTC')::date, count(*) from analytics_events group by 1 order by 1$$,
  'select day, count from analytics_daily order by day', 'the counter equals the number of events of the day');

select * from finish();
rollback;
