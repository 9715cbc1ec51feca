-- The queue of analytics, its effects and its housekeeping, and what clients may send.

insert into queues.trending_settings default values;

insert into queues.settings (queue, batch_size, retention_days, schedule_secs, max_workers, function_name)
values ('analytics', 1000, 90, 60, 4, 'process-analytics');
select queues.create_queue('analytics');

insert into queues.effects (key, position, function)
values
  ('analytics_events', 20, 'insert_analytics_events'),
  -- Counters that many settlements share.
  ('trending', 110, 'count_trending'),
  ('analytics_daily', 120, 'count_analytics_daily');

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.trending_hours', 110, 'prune', 'prune_trending'),
  ('queues.report_day', 200, 'report', 'report_day');

insert into queues.tracked_events (event) values ('page_view'), ('post_view'), ('profile_view'), ('search');
insert into queues.rate_limits (action, per_minute, burst) values ('event', 120, 60);
