-- The queue of deferred actions, its effect and its housekeeping.

insert into queues.settings (queue, batch_size, retention_days, function_name, claim_hook, dead_letter_hook)
values ('deferred_actions', 20, 7, 'process-deferred-actions', 'deferred_action_context', 'drop_likes_of_dead_letters');
select queues.create_queue('deferred_actions');

-- Before all effects that lock rows which others share: it locks posts.
insert into queues.effects (key, position, function) values ('deferred_likes', 5, 'settle_deferred_likes');

insert into queues.housekeeping (key, position, kind, function)
values ('queues.deferred_likes', 90, 'prune', 'prune_deferred_likes');
