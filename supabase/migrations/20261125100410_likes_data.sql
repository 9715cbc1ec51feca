-- The queue of likes.

insert into queues.settings (queue, batch_size, retention_days, function_name, wakes)
values ('like_events', 200, 30, 'process-like-events', true);
select queues.create_queue('like_events');
