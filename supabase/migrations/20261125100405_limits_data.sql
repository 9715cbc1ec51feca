-- Rate limits.

insert into queues.rate_limits (action, per_minute, burst)
values ('like', 30, 10);

insert into queues.rate_limit_settings (key_seed)
values (hashtextextended(gen_random_uuid()::text, 0));

insert into queues.housekeeping (key, position, kind, function)
values
  ('queues.rate_limit_keys', 80, 'prune', 'prune_rate_limit_keys'),
  ('queues.rate_limit_calls', 81, 'fold', 'move_rate_limit_calls'),
  ('queues.rate_limit_hours', 82, 'prune', 'prune_rate_limit_hours');
