-- The rows that the functions need.

insert into queues.settings (
  queue, visibility_timeout_secs, batch_size, max_retries, retention_days, schedule_secs, max_workers, function_name, wakes,
  context_function)
values
  ('like_events', 60, 200, 3, 30, 10, 2, 'process-like-events', true, null),
  ('notifications', 60, 100, 3, 7, 10, 2, 'process-notifications', true, 'notification_context'),
  ('analytics', 60, 1000, 3, 90, 60, 4, 'process-analytics', false, null),
  ('deliveries', 60, 64, 5, 7, 10, 2, 'process-deliveries', true, 'delivery_context');
select queues.create_queue(queue) from queues.settings order by queue;

insert into queues.trending_settings default values;
insert into queues.notification_settings default values;
insert into queues.circuit_breakers (provider) values ('fcm'), ('apns'), ('web_push'), ('resend'), ('sendgrid');
