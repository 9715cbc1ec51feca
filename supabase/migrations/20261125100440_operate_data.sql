-- The engine's own housekeeping.

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.marks', 5, 'fold', 'prune_marks'),
  ('pgmq.a_{queue}', 10, 'prune_queue', 'prune_archive'),
  ('pgmq.a_{queue}_dlq', 20, 'prune_queue', 'prune_dead_letter_archive'),
  ('queues.failures', 25, 'prune_queue', 'prune_failures'),
  ('queues.message_keys', 27, 'prune_queue', 'prune_message_keys'),
  ('queues.runs', 30, 'prune_queue', 'prune_runs'),
  ('queues.dispatches', 40, 'prune_queue', 'prune_dispatches'),
  ('queues.settlements', 50, 'prune_queue', 'prune_settlements'),
  ('cron.job_run_details', 60, 'prune', 'prune_job_runs'),
  ('queues.cleanups', 70, 'prune', 'prune_cleanups'),
  ('queues.samples', 75, 'fold', 'take_samples');
