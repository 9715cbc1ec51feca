-- Comments and their moderation: limits, settings, the queue, its effect and its housekeeping.

insert into queues.rate_limits (action, per_minute, burst)
values ('comment', 5, 5), ('report', 5, 10), ('hide', 30, 30);

insert into queues.comment_settings default values;
insert into queues.moderation_settings (language) values ('en'), ('es'), ('other');

insert into queues.settings (queue, retention_days, function_name, wakes, claim_hook, dead_letter_hook)
values ('comment_moderation', 7, 'process-comments', true, 'comment_context', 'review_dead_letters');
select queues.create_queue('comment_moderation');

insert into queues.circuit_breakers (provider) values ('openai'), ('http');
insert into queues.settings (queue, batch_size, max_retries, retention_days, function_name, wakes, claim_hook, dead_letter_hook)
values ('comment_opinions', 16, 5, 7, 'process-comment-opinions', true, 'opinion_context', 'opinion_dead_letters');
select queues.create_queue('comment_opinions');

insert into queues.effects (key, position, function)
values
  ('comment_verdicts', 60, 'apply_comment_verdicts'),
  ('comment_opinions', 65, 'apply_comment_opinions'),
  ('unanswered_opinions', 66, 'apply_unanswered_opinions');

insert into queues.gauges (name, label, help, function)
values
  ('comments_waiting', 'why', 'Comments to be judged, and comments and posts that wait for a moderator, by why.',
   'gauge_waiting_comments'),
  ('comments_oldest_wait_seconds', 'why', 'For how long the oldest of them has waited.', 'gauge_oldest_comments');

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.comment_simhashes', 160, 'prune', 'prune_simhashes'),
  ('queues.moderation_log', 170, 'prune', 'prune_moderation_log'),
  ('queues.restrictions', 180, 'prune', 'prune_restrictions'),
  ('queues.report_comments_of', 210, 'report', 'report_comments_of');
