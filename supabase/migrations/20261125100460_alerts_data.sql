-- The queue of alerts. No function drains it: queues.send_alerts does.

insert into queues.alert_settings default values;

insert into queues.settings (queue, visibility_timeout_secs, max_retries, retention_days)
values ('alerts', 300, 8, 30);
select queues.create_queue('alerts');

insert into queues.housekeeping (key, position, kind, function, drains)
values
  ('queues.raise_alerts', 76, 'fold', 'raise_alerts', null),
  ('queues.send_alerts', 77, 'fold', 'send_alerts', 'alerts'),
  ('queues.alerts', 195, 'prune', 'prune_alerts', null);

insert into queues.console (kind, key, function, purpose)
values
  ('page', 'alerts', 'alerts_page', 'open and past alerts'),
  ('action', 'test_alert', 'test_alert', 'calls the webhook');
