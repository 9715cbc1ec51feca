begin;

create temp table refused (change text, rule text);
insert into refused values
  ($$queue = 'No'$$, 'queue_is_a_name'),
  ($$queue = 'analytics_dlq'$$, 'queue_is_a_name'),
  ($$queue = repeat('q', 44)$$, 'queue_is_a_name'),
  ('visibility_timeout_secs = 0', 'visibility_timeout_is_positive'),
  ('batch_size = 0', 'batch_size_is_within_a_claim'),
  ('batch_size = 1001', 'batch_size_is_within_a_claim'),
  ('max_retries = -1', 'max_retries_is_not_negative'),
  ('max_retries = 101', 'max_retries_is_at_most_100'),
  ('max_crashes = 1', 'max_crashes_leaves_a_chance'),
  ('backoff_base_secs = 0', 'backoff_grows'),
  ('backoff_cap_secs = 9', 'backoff_grows'),
  ('backoff_cap_secs = 604801', 'backoff_is_at_most_a_week'),
  ('max_message_bytes = 0', 'max_message_bytes_is_positive'),
  ('retention_days = 0', 'retention_is_positive'),
  ('schedule_secs = 0', 'schedule_is_positive'),
  ('max_workers = 0', 'max_workers_is_positive'),
  ('delivery_concurrency = 0', 'delivery_concurrency_is_bounded'),
  ('delivery_concurrency = 101', 'delivery_concurrency_is_bounded'),
  ('visibility_timeout_secs = 43201', 'visibility_timeout_is_at_most_12_hours'),
  ('max_crashes = 101', 'max_crashes_is_at_most_100'),
  ('max_message_bytes = 16777217', 'max_message_bytes_is_at_most_16_mib'),
  ('retention_days = 3651', 'retention_is_at_most_ten_years'),
  ('schedule_secs = 2147483647', 'schedule_is_at_most_a_day'),
  ('schedule_secs = 86401', 'schedule_is_at_most_a_day'),
  ('max_workers = 101', 'max_workers_is_at_most_100'),
  ($$function_name = 'f' || repeat('-', 100)$$, 'function_name_is_short');

select plan((select count(*)::int from refused));
select throws_ok(
  format('update queues.settings set %s where queue = %L', change, 'notifications'), '23514',
  format('new row for relation "settings" violates check constraint "%s"', rule), change)
from refused;

select * from finish();
rollback;
