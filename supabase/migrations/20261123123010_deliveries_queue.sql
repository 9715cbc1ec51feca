-- The queue `deliveries`: one message is one notification to one device or address.

alter table queues.settings
  add column context_function text,
  add column delivery_concurrency integer not null default 16,
  add constraint context_function_is_a_name check (context_function ~ '^[a-z][a-z0-9_]{0,62}$'),
  add constraint delivery_concurrency_is_bounded check (delivery_concurrency between 1 and 256);
comment on column queues.settings.context_function is
  'A function of schema queues that is given the messages of a claim and answers what is to be known about them; null for none.';
comment on column queues.settings.delivery_concurrency is 'How many requests to providers one run may have under way.';

update queues.settings set context_function = 'notification_context' where queue = 'notifications';

insert into queues.settings (
  queue, visibility_timeout_secs, batch_size, max_retries, retention_days, schedule_secs, max_workers, function_name, wakes,
  context_function)
values ('deliveries', 60, 64, 5, 7, 10, 2, 'process-deliveries', true, 'delivery_context');
select queues.create_queue('deliveries');
