-- Pictures: settings, the queue, its effects and its housekeeping.

insert into queues.image_settings default values;

-- One picture per claim: a worker that ends at a limit takes no other along.
insert into queues.settings (
  queue, visibility_timeout_secs, batch_size, max_retries, retention_days, max_workers, function_name, wakes, claim_hook,
  dead_letter_hook, delivery_concurrency)
values ('image_processing', 120, 1, 6, 7, 4, 'process-images', true, 'image_context', 'fail_images', 1);
select queues.create_queue('image_processing');

insert into queues.effects (key, position, function)
values
  ('post_images', 70, 'apply_post_images'),
  ('image_removals', 75, 'settle_image_removals');

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.retry_uploads', 95, 'fold', 'retry_uploads'),
  ('public.post_images', 186, 'prune', 'prune_images'),
  ('queues.upload_problems', 187, 'prune', 'prune_upload_problems'),
  ('queues.find_missed_uploads', 188, 'prune', 'find_missed_uploads'),
  ('queues.report_images_of', 220, 'report', 'report_images_of');

-- The trigger, the buckets and the policies of uploads, in a project with Storage.
select queues.watch_uploads();

insert into queues.rate_limits (action, per_minute, burst) values ('image', 30, 60);
