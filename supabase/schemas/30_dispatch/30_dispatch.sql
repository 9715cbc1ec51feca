-- The dispatcher, which pg_cron calls at each tick.

create function queues.wanted_workers(p_queue text, p_batch_size integer, p_max_workers integer) returns integer
language plpgsql
set search_path = ''
-- Until a queue that filled up is analyzed, Postgres would prefer to scan all delayed messages.
set enable_seqscan = off
as $$
declare
  v_wanted integer;
begin
  -- Counts no more messages than the workers could take.
  execute format(
    'select ceil(count(*) / $2::numeric) from (select from pgmq.%I where vt <= $1 limit $2::bigint * $3) visible',
    'q_' || p_queue)
    into v_wanted using clock_timestamp(), p_batch_size, p_max_workers;
  return v_wanted;
end $$;
comment on function queues.wanted_workers(text, integer, integer) is
  'How many workers the visible messages of a queue can keep busy with a full batch each, up to p_max_workers.';
revoke all on function queues.wanted_workers(text, integer, integer) from public;

create function queues.dispatch() returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- A tick may come a little early: a queue that is due every ten seconds is due at every tick.
  c_tolerance constant interval := interval '1 second';
  c_longest_wait_secs constant integer := 300;
  v_queue record;
  v_wanted integer;
  v_calls integer := 0;
begin
  perform queues.reconcile_dispatches();
  -- Only missing rows: an insert that conflicts with a row locked by another tick would wait for that tick.
  insert into queues.due (queue)
  select queue from queues.settings s where not exists (select from queues.due d where d.queue = s.queue)
  on conflict do nothing;

  for v_queue in
    select s.*, d.failed_calls
    from queues.due d join queues.settings s using (queue)
    where not s.paused and s.function_name is not null
      -- A time further ahead than the longest wait was set before the clock was put back.
      and d.at not between clock_timestamp() + c_tolerance
        and clock_timestamp() + make_interval(secs => s.schedule_secs + c_longest_wait_secs)
    order by s.queue
    for update of d skip locked
  loop
    -- A queue that was dropped must not stop the others.
    if to_regclass(format('pgmq.%I', 'q_' || v_queue.queue)) is null then
      raise warning 'queue `%` was dropped: select queues.create_queue(%L), or delete its row from queues.settings',
        v_queue.queue, v_queue.queue;
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
  'One tick: calls a worker for each full batch of visible messages, up to max_workers less the active ones, of every '
  'queue that is due and not paused. Returns the number of calls. Two ticks at once make no call twice.';
revoke all on function queues.dispatch() from public;
