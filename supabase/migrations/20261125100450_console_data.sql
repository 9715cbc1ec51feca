-- The pages and actions of the console.

insert into queues.console (kind, key, function, purpose)
values
  ('page', 'overview', 'overview_page', 'all queues, providers and jobs'),
  ('page', 'queue', 'queue_page', 'charts, settings and orphaned leases of a queue'),
  ('page', 'runs', 'runs_page', 'the runs of a queue'),
  ('page', 'dispatches', 'dispatches_page', 'the calls of its worker'),
  ('page', 'messages', 'messages_page', 'its messages'),
  ('page', 'message', 'message_page', 'a message and its history'),
  ('page', 'search', 'search_page', 'messages of all queues by id, text or correlation id'),
  ('page', 'dead_letters', 'dead_letters_page', 'dead letters by a filter'),
  ('page', 'letter_groups', 'letter_groups_page', 'what they have in common'),
  ('page', 'trial_claim', 'trial_claim_page', 'what a worker would be given for a message'),
  ('page', 'deliveries', 'deliveries_page', 'the ledger of pushes and emails'),
  ('page', 'images', 'images_page', 'pictures that failed'),
  ('page', 'analytics', 'analytics_page', 'daily reports and trending posts'),
  ('page', 'limits', 'limits_page', 'who hits the limits'),
  ('page', 'audit', 'audit_page', 'what operators did'),
  ('action', 'pause', 'pause_queue', 'pauses a queue'),
  ('action', 'resume', 'resume_queue', 'ends the pause'),
  ('action', 'change_settings', 'change_settings', 'changes the settings of a queue'),
  ('action', 'send', 'send_message', 'sends a message'),
  ('action', 'redrive', 'redrive_letters', 'sends dead letters back'),
  ('action', 'redrive_edited', 'redrive_edited', 'sends a dead letter back with another message'),
  ('action', 'cancel_redrive', 'cancel_redriven', 'takes redriven messages back'),
  ('action', 'discard', 'discard_letters', 'moves dead letters to their archive'),
  ('action', 'withdraw', 'withdraw_messages', 'makes messages that wait dead letters'),
  ('action', 'close_breaker', 'close_provider_breaker', 'lets a provider be tried again');

insert into queues.housekeeping (key, position, kind, function)
values ('queues.operator_log', 190, 'prune', 'prune_operator_log');

-- A project may lack Storage.
select queues.show_failed_uploads();
