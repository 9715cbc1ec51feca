-- A tick of the dispatcher, which pg_cron calls.

create function queues.wanted_workers(p_queue text, p_batch_size integer, p_max_workers integer) returns integer
language plpgsql
set search_path = ''
-- Before the first analyze of a queue that filled up, a scan of all that is delayed would look cheap.
set enable_seqscan = off
as $$
declare
  v_wanted integer;
begin
  -- Counts no further than the answer needs.
  execute format(
    'select ceil(count(*) / $2::numeric) from (select from pgmq.%I where vt <= $1 limit $2::bigint * $3) visible',
    'q_' || p_queue)
    into v_wanted using clock_timestamp(), p_batch_size, p_max_workers;
  return v_wanted;
end $$;
comment on function queues.wanted_workers(text, integer, integer) is
  'How many workers the visible messages of a queue could keep busy with a full batch each, up to the cap.';
revoke all on function queues.wanted_workers(text, integer, integer) from public;

create function queues.dispatch() returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- Ticks come a little early or late; a queue that is due every ten seconds is due at every tick.
  c_tolerance constant interval := interval '1 second';
  c_longest_wait_secs constant integer := 300;
  v_queue record;
  v_wanted integer;
  v_calls integer := 0;
begin
  perform queues.reconcile_dispatches();
  -- Only what is missing: a conflict with a row that another tick has locked would wait for that tick.
  insert into queues.due (queue)
  select queue from queues.settings s where not exists (select from queues.due d where d.queue = s.queue)
  on conflict do nothing;

  for v_queue in
    select s.*, d.failed_calls
    from queues.due d join queues.settings s using (queue)
    where not s.paused and s.function_name is not null
      -- A time that is further ahead than any wait was set before the clock was put back.
      and d.at not between clock_timestamp() + c_tolerance
        and clock_timestamp() + make_interval(secs => s.schedule_secs + c_longest_wait_secs)
    order by s.queue
    for update of d skip locked
  loop
    -- A dead letter queue and a queue dropped by hand concern nobody else.
    if to_regclass(format('pgmq.%I', 'q_' || v_queue.queue)) is null then
      raise warning 'queue `%` is gone: select queues.create_queue(%L), or delete its settings', v_queue.queue, v_queue.queue;
      continue;
    end if;
    v_wanted := queues.wanted_workers(v_queue.queue, v_queue.batch_size, v_queue.max_workers);
    if v_wanted > 0 then
      v_wanted := greatest(0, v_wanted - queues.active_workers(v_queue.queue));
      perform queues.call_worker(v_queue.queue, 'schedule') from generate_series(1, v_wanted);
      v_calls := v_calls + v_wanted;
    end if;
    update queues.due
    set at = clock_timestamp() + make_interval(secs => least(
      v_queue.schedule_secs * 2 ^ least(v_queue.failed_calls, 20), v_queue.schedule_secs + c_longest_wait_secs))
    where queue = v_queue.queue;
  end loop;
  perform queues.cleanup_step();
  return v_calls;
end $$;
comment on function queues.dispatch() is
  'One tick: calls the workers of every queue that is due, not paused and has visible messages, one per full batch up to '
  'max_workers, less those at work. Answers how many it called. Two at once do not double up.';
revoke all on function queues.dispatch() from public;
