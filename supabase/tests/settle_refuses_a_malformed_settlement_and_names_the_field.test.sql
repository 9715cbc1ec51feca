begin;

create temp table refused (settlement jsonb, message text);
insert into refused values
  ('null', '`settlement` is not an object'),
  ('[]', '`settlement` is not an object'),
  ('{"ack": []}', '`settlement.ack` is not known'),
  ('{"acks": {}}', '`acks` is not an array'),
  ('{"acks": null}', '`acks` is not an array'),
  ('{"acks": [[1, 1], [2]]}', '`acks[1]` is not a lease'),
  ('{"acks": [[1, "1"]]}', '`acks[0]` is not a lease'),
  ('{"acks": [[1.5, 1]]}', '`acks[0]` is not a lease'),
  ('{"acks": [[-1, 1]]}', '`acks[0]` is not a lease'),
  ('{"acks": [[1, 1, 1]]}', '`acks[0]` is not a lease'),
  ('{"acks": [[12345678901234567890, 1]]}', '`acks[0]` is not a lease'),
  ('{"acks": [null]}', '`acks[0]` is not a lease'),
  ('{"releases": [1]}', '`releases[0]` is not a lease'),
  ('{"acks": [[1, 1], [1, 1]]}', '`settlement` names a message twice'),
  ('{"acks": [[1, 1]], "releases": [[1, 1]]}', '`settlement` names a message twice'),
  ('{"run_id": "1", "seq": 1}', '`run_id` is not a uuid'),
  ('{"run_id": 1, "seq": 1}', '`run_id` is not a uuid'),
  ('{"run_id": "00000000-0000-4000-8000-000000000001"}', '`seq` is not a positive whole number'),
  ('{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 0}', '`seq` is not a positive whole number'),
  ('{"run_id": "00000000-0000-4000-8000-000000000001", "seq": "1"}', '`seq` is not a positive whole number'),
  ('{"stopped_because": 1}', '`stopped_because` is not a string'),
  ('{"retries": {}}', '`retries` is not an array'),
  ('{"retries": [1]}', '`retries[0]` is not an object'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e", "x": 1}]}', '`retries[0].x` is not known'),
  ('{"retries": [{"read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}', '`retries[0].msg_id` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "delay_secs": 0, "code": "c", "error": "e"}]}', '`retries[0].read_ct` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e"}]}', '`retries[0].delay_secs` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": -1, "code": "c", "error": "e"}]}', '`retries[0].delay_secs` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "", "error": "e"}]}', '`retries[0].code` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": null}]}', '`retries[0].error` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e", "delivered": [1]}]}', '`retries[0].delivered` is missing or has a wrong type'),
  ('{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e", "delivered": "k"}]}', '`retries[0].delivered` is missing or has a wrong type'),
  ('{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c"}]}', '`dead_letters[0].error` is missing or has a wrong type'),
  ('{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e", "delay_secs": 1}]}', '`dead_letters[0].delay_secs` is not known'),
  ('{"effects": []}', '`effects` is not an object'),
  ('{"effects": {"emails": []}}', '`effects.emails` is not known'),
  ('{"effects": {"enqueue": []}}', '`effects.enqueue` is not an object'),
  ('{"effects": {"enqueue": {"nothing": [1]}}}', '`effects.enqueue.nothing` is not known'),
  ('{"effects": {"enqueue": {"analytics_dlq": [1]}}}', '`effects.enqueue.analytics_dlq` is not known'),
  ('{"effects": {"enqueue": {"analytics": {}}}}', '`effects.enqueue.analytics` is not an array'),
  ('{"effects": {"analytics_events": {}}}', '`effects.analytics_events` is not an array'),
  ('{"effects": {"analytics_events": [{"event_type": "like"}, 1]}}', '`effects.analytics_events[1]` is not an object'),
  ('{"effects": {"analytics_events": [{"id": 1}]}}', '`effects.analytics_events[0].id` is not known'),
  ('{"effects": {"analytics_daily": [{"likes": 1}]}}', '`effects.analytics_daily[0].likes` is not known'),
  ('{"effects": {"trending": {}}}', '`effects.trending` is not an array'),
  ('{"effects": {"trending": [{"score": 1}]}}', '`effects.trending[0].score` is not known'),
  ('{"effects": {"notifications": [{"read_at": 1}]}}', '`effects.notifications[0].read_at` is not known');

select plan(1 + (select count(*)::int from refused));

select pgmq.send('analytics', '1') from generate_series(1, 3);
select claim_messages('analytics');

select throws_ok(
  format('select settle_messages(%L, %L)', 'analytics', settlement), 'PT422', message, left(settlement::text, 100))
from refused;
select throws_ok($$select settle_messages('analytics', null)$$, 'PT422', '`settlement` is not an object');

select * from finish();
rollback;
