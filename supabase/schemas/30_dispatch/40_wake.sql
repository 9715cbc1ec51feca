-- A call between two ticks, for messages that should not wait for the next one.

create function queues.wake(p_queue text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.settings;
  v_now timestamptz;
begin
  -- Held until the producer commits, and never waited for: if the lock is taken, a call is being made. If that call
  -- comes too early to see this message, the next tick finds it.
  if not pg_try_advisory_xact_lock(hashtextextended('queues.wake', 0) # hashtextextended(p_queue, 0)) then
    return;
  end if;
  -- A variable, so that the index can be used; read after the lock is taken, so that no recorded call is later.
  v_now := clock_timestamp();
  select * into v_settings from queues.settings
  where queue = p_queue and wakes and not paused and function_name is not null;
  if not found or exists (
    select from queues.dispatches
    where queue = p_queue and requested_at between v_now - interval '1 second' and v_now
  ) or queues.active_workers(p_queue) >= v_settings.max_workers then
    return;
  end if;
  perform queues.call_worker(p_queue, 'wake');
exception
  when others then
    -- The producer's transaction must not fail because of a call that the next tick makes anyway.
    raise warning 'the worker of queue `%` was not called: %', p_queue, sqlerrm;
end $$;
comment on function queues.wake(text) is
  'Calls the worker of a queue when the transaction commits, at most once a second. Costs a producer an index lookup '
  'and never waits.';
revoke all on function queues.wake(text) from public;
