begin;
select plan(3);

select is(settle_messages('analytics', '{}') -> 'applied', 'true', 'an empty one');
select is(
  settle_messages('analytics', '{"run_id": null, "seq": null, "stopped_because": null, "acks": [], "releases": [],
    "retries": [], "dead_letters": [], "effects": {"enqueue": {"analytics": []}, "analytics_events": [],
    "analytics_daily": [], "notifications": []}}') -> 'applied',
  'true', 'one of empty lists');
select is(settle_messages('analytics', '{"effects": {"enqueue": {}}}') -> 'applied', 'true', 'one of no queues');

select * from finish();
rollback;
