-- The dispatcher, which pg_cron calls at each tick.

create function queues.wanted_workers(p_queue text, p_batch_size integer, p_max_workers integer) returns integer
language plpgsql
set search_path = ''
-- Until a queue that filled up is analyzed, Postgres would prefer to scan all delayed messages.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_wanted integer;
begin
  -- Counts no more messages than the workers could take.
  execute format(
    'select ceil(count(*) / $3::numeric) from (select from pgmq.%I where vt > $1 and vt <= $2 limit $3::bigint * $4) visible',
    'q_' || p_queue)
    into v_wanted using (queues.newest_mark(p_queue)).due_after, clock_timestamp(), p_batch_size, p_max_workers;
  return v_wanted;
end $$;
comment on function queues.wanted_workers(text, integer, integer) is
  'How many workers the visible messages of a queue can keep busy with a full batch each, up to p_max_workers.';
revoke all on function queues.wanted_workers(text, integer, integer) from public;

create function queues.dispatch_queue(p_queue text) returns integer
language plpgsql
set search_path = ''
-- Somebody who holds a lock on one queue must not stop the others.
set lock_timeout = '2s'
as $$
declare
  -- A tick may come a little early: a queue that is due every ten seconds is due at every tick.
  c_tolerance constant interval := interval '1 second';
  c_longest_wait_secs constant integer := 300;
  c_advances_every constant interval := interval '5 seconds';
  s queues.settings;
  v_due queues.due;
  v_wanted integer;
begin
  select * into v_due from queues.due where queue = p_queue for update skip locked;
  if not found then
    return 0;
  end if;
  perform queues.reconcile_calls(p_queue);
  select * into v_due from queues.due where queue = p_queue;
  select * into s from queues.settings where queue = p_queue and not paused and function_name is not null;
  if not found
    -- A time further ahead than the longest wait was set before the clock was put back.
    or v_due.at between clock_timestamp() + c_tolerance
      and clock_timestamp() + make_interval(secs => s.schedule_secs + c_longest_wait_secs)
  then
    return 0;
  end if;
  if to_regclass(format('pgmq.%I', 'q_' || p_queue)) is null then
    raise exception '%', format('queue `%s` was dropped: select queues.create_queue(%L), or delete its row from '
      'queues.settings', p_queue, p_queue);
  end if;

  perform queues.show_hidden(p_queue);
  -- Claims do so more often. Between them, expired leases and messages that others removed pile up behind the mark.
  perform queues.advance_mark(p_queue, c_advances_every);
  v_wanted := queues.wanted_workers(p_queue, s.batch_size, s.max_workers);
  if v_wanted > 0 then
    v_wanted := greatest(0, v_wanted - queues.active_workers(p_queue));
    perform queues.call_worker(p_queue, 'schedule') from generate_series(1, v_wanted);
  end if;
  update queues.due
  set last_error = null, at = clock_timestamp() + make_interval(secs => least(
    s.schedule_secs * 2 ^ least(v_due.failed_calls, 20), s.schedule_secs + c_longest_wait_secs))
  where queue = p_queue;
  return v_wanted;
end $$;
comment on function queues.dispatch_queue(text) is
  'The part of a tick for one queue: records the outcome of its calls and, if it is due, calls its workers. Does '
  'nothing while another tick looks at the queue.';
revoke all on function queues.dispatch_queue(text) from public;

create function queues.note_failed_tick(p_queue text, p_error text) returns void
language plpgsql
set search_path = ''
set lock_timeout = '2s'
as $$
begin
  raise warning '%', format('queue `%s` was not dispatched: %s', p_queue, p_error);
  update queues.due set last_error = left(p_error, 500) where queue = p_queue;
exception
  when others then
    raise warning '%', format('the error of queue `%s` was not recorded: %s', p_queue, sqlerrm);
end $$;
comment on function queues.note_failed_tick(text, text) is 'Records for queues.health why a tick could not look at a queue.';
revoke all on function queues.note_failed_tick(text, text) from public;

create function queues.dispatch() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_queue text;
  v_calls integer := 0;
begin
  begin
    -- Only missing rows: an insert that conflicts with a row locked by another tick would wait for that tick.
    insert into queues.due (queue)
    select queue from queues.settings s where not exists (select from queues.due d where d.queue = s.queue)
    on conflict do nothing;
  exception
    when others then
      raise warning '%', format('new queues are not dispatched yet: %s', sqlerrm);
  end;

  for v_queue in select queue from queues.settings order by queue loop
    begin
      v_calls := v_calls + queues.dispatch_queue(v_queue);
    exception
      when query_canceled then
        -- Out of time. What was done for other queues is kept, and the next tick goes on.
        perform queues.note_failed_tick(v_queue, sqlerrm);
        return v_calls;
      when others then
        perform queues.note_failed_tick(v_queue, sqlerrm);
    end;
  end loop;

  begin
    perform queues.cleanup_step();
  exception
    when query_canceled or others then
      raise warning '%', format('housekeeping failed: %s', sqlerrm);
  end;
  return v_calls;
end $$;
comment on function queues.dispatch() is
  'One tick: calls a worker for each full batch of visible messages, up to max_workers less the active ones, of every '
  'queue that is due and not paused, and does a step of housekeeping. A queue that fails does not stop the others or '
  'the housekeeping. Returns the number of calls. Two ticks at once make no call twice.';
revoke all on function queues.dispatch() from public;
