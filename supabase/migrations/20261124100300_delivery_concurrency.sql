-- No more than a worker makes: it takes anything above 100 as 100.

update queues.settings set delivery_concurrency = 100 where delivery_concurrency > 100;
alter table queues.settings
  drop constraint delivery_concurrency_is_bounded,
  add constraint delivery_concurrency_is_bounded check (delivery_concurrency between 1 and 100);
