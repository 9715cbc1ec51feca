-- Pausing a queue.

create function queues.pause(p_queue text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform queues.settings_of(p_queue);
  update queues.settings set paused = true where queue = p_queue;
end $$;
comment on function queues.pause(text) is
  'Pauses a queue: nothing is claimed from it and no worker is called for it. Messages are still accepted, and those '
  'already claimed can be settled.';
revoke all on function queues.pause(text) from public;
grant execute on function queues.pause(text) to service_role;

create function queues.resume(p_queue text) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform queues.settings_of(p_queue);
  update queues.settings set paused = false where queue = p_queue;
  -- Due at the next tick, even if calls that failed before the pause would make it wait longer.
  insert into queues.due (queue) values (p_queue)
  on conflict (queue) do update set at = excluded.at, failed_calls = 0;
end $$;
comment on function queues.resume(text) is 'Ends a pause. The next tick calls workers for the backlog.';
revoke all on function queues.resume(text) from public;
grant execute on function queues.resume(text) to service_role;
