-- The queue queue_name. A column that is not named here has the default of queues.settings.

insert into queues.settings (queue, retention_days, function_name)
values ('queue_name', 30, 'process-queue-name');
select queues.create_queue('queue_name');
