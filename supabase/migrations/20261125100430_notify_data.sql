-- The queues of notifications and their deliveries, their effects and their housekeeping.

insert into queues.notification_settings default values;
insert into queues.circuit_breakers (provider) values ('fcm'), ('apns'), ('web_push'), ('resend'), ('sendgrid');

insert into queues.settings (queue, retention_days, function_name, wakes, claim_hook)
values ('notifications', 7, 'process-notifications', true, 'notification_context');
insert into queues.settings (
  queue, batch_size, max_retries, retention_days, function_name, wakes, claim_hook, dead_letter_hook)
values ('deliveries', 64, 5, 7, 'process-deliveries', true, 'claim_named_deliveries', 'fail_deliveries');
select queues.create_queue('notifications');
select queues.create_queue('deliveries');

insert into queues.effects (key, position, function)
values
  ('notifications', 30, 'notify'),
  ('deliveries', 40, 'record_deliveries'),
  ('gone_devices', 50, 'remove_gone_devices'),
  -- Rows that many settlements share.
  ('breakers', 100, 'update_breakers'),
  ('configuration', 105, 'report_configuration');

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.notification_actors', 120, 'prune', 'prune_notification_actors'),
  ('queues.notification_deliveries', 130, 'prune', 'prune_notification_deliveries'),
  ('public.notifications', 140, 'prune', 'prune_notifications'),
  ('queues.circuit_breakers', 150, 'prune', 'prune_breakers');
