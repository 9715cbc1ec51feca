begin;
select plan(3);

select is(settle_messages('analytics', '{}') -> 'applied', 'true', 'an empty settlement');
select is(
  settle_messages('analytics', '{"run_id": null, "seq": null, "stopped_because": null, "acks": [], "releases": [],
    "retries": [], "dead_letters": [], "effects": {"enqueue": {"analytics": []}, "analytics_events": [],
    "analytics_daily": [], "notifications": []}}') -> 'applied',
  'true', 'a settlement of empty lists');
select is(settle_messages('analytics', '{"effects": {"enqueue": {}}}') -> 'applied', 'true', 'an enqueue effect without queues');

select * from finish();
rollback;
