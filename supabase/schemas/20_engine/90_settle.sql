-- Settling a claim: the fence, then outcomes and effects, in one transaction.

create function queues.lost_leases(p_queue text, p_settlement jsonb) returns bigint[]
language plpgsql
set search_path = ''
-- A plan cached while there are no failures is slow for many. Not set for the whole settlement: that would plan every
-- foreign key check of its effects anew, too.
set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_msg_ids bigint[];
  v_read_cts integer[];
  v_held_msg_ids bigint[];
  v_held_read_cts integer[];
  v_lost bigint[];
begin
  select array_agg(msg_id order by msg_id), array_agg(read_ct order by msg_id) into v_msg_ids, v_read_cts
  from (
    select (lease ->> 0)::bigint, (lease ->> 1)::integer
    from (values ('acks'), ('releases')) k (key), jsonb_array_elements(p_settlement -> key) lease
    union all
    select (item ->> 'msg_id')::bigint, (item ->> 'read_ct')::integer
    from (values ('drops'), ('retries'), ('deferrals'), ('dead_letters')) k (key), jsonb_array_elements(p_settlement -> key) item
  ) named (msg_id, read_ct);

  execute format($sql$
    select array_agg(msg_id), array_agg(read_ct)
    from (select msg_id, read_ct from pgmq.%I where msg_id = any($1) order by msg_id for update) held
    $sql$, 'q_' || p_queue)
  into v_held_msg_ids, v_held_read_cts using v_msg_ids;

  -- A new statement: it must see what was committed by the transactions whose locks the previous one waited for.
  v_lost := array(
    select f.msg_id from queues.failures f
    join unnest(v_msg_ids, v_read_cts) named (msg_id, read_ct) on f.msg_id = named.msg_id
    where f.queue = p_queue and f.settled_read_ct = named.read_ct);

  -- The lists are nearly always equal.
  if v_held_msg_ids is distinct from v_msg_ids or v_held_read_cts is distinct from v_read_cts then
    if cardinality(v_msg_ids) <> (select count(distinct msg_id) from unnest(v_msg_ids) msg_id) then
      perform queues.reject('settlement', 'names a message twice', 'give each message one outcome');
    end if;
    v_lost := v_lost || array(
      select msg_id from (
        select * from unnest(v_msg_ids, v_read_cts) except select * from unnest(v_held_msg_ids, v_held_read_cts)
      ) l (msg_id, read_ct));
  end if;
  return array(select distinct msg_id from unnest(v_lost) msg_id order by msg_id);
end $$;
comment on function queues.lost_leases(text, jsonb) is
  'Locks the messages of a settlement in the order of their ids, and returns those whose lease has ended: claimed '
  'again, already settled, or gone.';
revoke all on function queues.lost_leases(text, jsonb) from public;

create function queues.acknowledge(p_settings queues.settings, p_msg_ids bigint[]) returns void
language plpgsql
set search_path = ''
-- As in queues.lost_leases.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  if p_settings.retention_days is null then
    perform pgmq.delete(p_settings.queue, p_msg_ids);
  else
    perform queues.archive(p_settings.queue, p_msg_ids);
  end if;
  delete from queues.failures where queue = p_settings.queue and msg_id = any(p_msg_ids);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise;
  when others then
    -- Not the fault of a message, whatever its SQLSTATE says of other statements.
    raise sqlstate 'PT500' using
      message = format('messages of queue `%s` cannot be acknowledged: %s (%s)', p_settings.queue, sqlerrm, sqlstate),
      hint = format('look for a constraint or a trigger of pgmq.a_%s that pgmq did not make', p_settings.queue);
end $$;
comment on function queues.acknowledge(queues.settings, bigint[]) is
  'Archives acknowledged messages if the queue has a retention, else deletes them. An error is that of the queue, PT500.';
revoke all on function queues.acknowledge(queues.settings, bigint[]) from public;

create function queues.name_drops(p_queue text, p_drops jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    update pgmq.%I q
    set headers = case when jsonb_typeof(headers) = 'object' then headers else '{}' end
      || jsonb_build_object('dropped', jsonb_build_object('code', code, 'error', error))
    from jsonb_to_recordset($1) as d (msg_id bigint, code text, error text)
    where q.msg_id = d.msg_id
    $sql$, 'q_' || p_queue)
  using p_drops;
end $$;
comment on function queues.name_drops(text, jsonb) is
  'Keeps with messages that are dropped [{msg_id, code, error}] why: headers.dropped, which the archive takes over.';
revoke all on function queues.name_drops(text, jsonb) from public;

create function queues.retry(p_queue text, p_retries jsonb, p_run uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with retries as (
      select r.*, queues.failure(code, error, $3) as failure
      from jsonb_to_recordset($2) as r (
        msg_id bigint, read_ct integer, delay_secs integer, code text, error text, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs) + queues.spread(q.msg_id)
      from retries where q.msg_id = retries.msg_id
    )
    insert into queues.failures as f (
      queue, msg_id, failures, settlements, settled_read_ct, first_failed_at, last_failed_at, last_code, last_error,
      history, delivered, waiting_since)
    select
      $1, msg_id, 1, 1, read_ct, (failure ->> 'at')::timestamptz, (failure ->> 'at')::timestamptz, failure ->> 'code',
      failure ->> 'error', jsonb_build_array(failure), coalesce(delivered, '{}'),
      clock_timestamp() + make_interval(secs => delay_secs)
    from retries
    order by msg_id
    on conflict (queue, msg_id) do update set
      waiting_since = excluded.waiting_since,
      failures = f.failures + 1,
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      first_failed_at = coalesce(f.first_failed_at, excluded.first_failed_at),
      last_failed_at = excluded.last_failed_at,
      last_code = excluded.last_code,
      last_error = excluded.last_error,
      history = queues.append_failure(f.history, excluded.history -> 0),
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_retries, p_run;
end $$;
comment on function queues.retry(text, jsonb, uuid) is
  'Ends leases with a failure. The messages become visible again after their delay.';
revoke all on function queues.retry(text, jsonb, uuid) from public;

create function queues.defer(p_queue text, p_deferrals jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with deferrals as (
      select * from jsonb_to_recordset($2) as d (msg_id bigint, read_ct integer, delay_secs integer, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs) + queues.spread(q.msg_id)
      from deferrals where q.msg_id = deferrals.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct, delivered, waiting_since)
    select $1, msg_id, 1, read_ct, coalesce(delivered, '{}'), clock_timestamp() + make_interval(secs => delay_secs)
    from deferrals
    order by msg_id
    on conflict (queue, msg_id) do update set
      waiting_since = excluded.waiting_since,
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_deferrals;
end $$;
comment on function queues.defer(text, jsonb) is
  'Ends leases without a failure or crash. The messages become visible again after their delay. Their deliveries are '
  'kept, the reason is not.';
revoke all on function queues.defer(text, jsonb) from public;

create function queues.release(p_queue text, p_leases jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with leases as (
      select (lease ->> 0)::bigint as msg_id, (lease ->> 1)::integer as read_ct from jsonb_array_elements($2) lease
    ), shown as (
      -- When it was due. A clock that was put back must not hide it.
      update pgmq.%I q set vt = least(clock_timestamp(), coalesce(
        (select f.waiting_since from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id), q.enqueued_at) + queues.spread(q.msg_id))
      from leases where q.msg_id = leases.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct)
    select $1, msg_id, 1, read_ct
    from leases
    order by msg_id
    on conflict (queue, msg_id) do update set
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct
    $sql$, 'q_' || p_queue)
  using p_queue, p_leases;
end $$;
comment on function queues.release(text, jsonb) is
  'Ends leases unused, without a failure or crash. The messages are visible at once, and as far in front of others as they '
  'were due before them.';
revoke all on function queues.release(text, jsonb) from public;

create function queues.failed_messages(p_queue text, p_settlement jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- What fits into one line of the log of a function, which has 10,000 characters.
  c_named constant integer := 50;
  v_failed jsonb;
begin
  execute format($sql$
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'msg_id', msg_id, 'outcome', outcome, 'code', left(code, 50), 'correlation_id', queues.correlation_id_of(q.message))))
    from (
      select msg_id, 'dead_lettered' as outcome, code from jsonb_to_recordset($1 -> 'dead_letters') d (msg_id bigint, code text)
      union all
      select msg_id, 'retried', code from jsonb_to_recordset($1 -> 'retries') r (msg_id bigint, code text)
      limit $2
    ) f
    join pgmq.%I q using (msg_id)
    $sql$, 'q_' || p_queue)
  into v_failed using p_settlement, c_named;
  return v_failed;
end $$;
comment on function queues.failed_messages(text, jsonb) is
  'What the log of a worker says of messages that a settlement retries or dead-letters, while they are in their queue: [{msg_id, '
  'outcome, code, correlation_id}], at most 50.';
revoke all on function queues.failed_messages(text, jsonb) from public;

create function queues.settle_messages(p_queue text, p_settlement jsonb) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_run uuid;
  v_seq bigint;
  v_acks bigint[];
  v_lost bigint[];
  v_counts queues.settlements;
  v_gone text;
  v_failed jsonb;
begin
  perform queues.check_settlement(p_settlement);
  v_run := (p_settlement ->> 'run_id')::uuid;
  v_seq := (p_settlement ->> 'seq')::bigint;

  if v_run is not null and queues.touch_run(v_run, p_queue) >= v_seq then
    return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue));
  end if;

  v_lost := queues.lost_leases(p_queue, p_settlement);
  if v_lost <> '{}' then
    update queues.runs set lost = lost + cardinality(v_lost) where id = v_run;
    insert into queues.settlements (queue, run_id, lost) values (p_queue, v_run, cardinality(v_lost));
    return jsonb_build_object('applied', false, 'lost', v_lost, 'backlog', queues.backlog(p_queue));
  end if;

  v_failed := queues.failed_messages(p_queue, p_settlement) where p_settlement ?| array['retries', 'dead_letters'];
  v_acks := array(
    select (lease ->> 0)::bigint from jsonb_array_elements(p_settlement -> 'acks') lease
    union all
    select (dropped ->> 'msg_id')::bigint from jsonb_array_elements(p_settlement -> 'drops') dropped);
  perform queues.name_drops(p_queue, p_settlement -> 'drops')
    where p_settlement ? 'drops' and v_settings.retention_days is not null;
  perform queues.acknowledge(v_settings, v_acks) where v_acks <> '{}';
  perform queues.retry(p_queue, p_settlement -> 'retries', v_run) where p_settlement ? 'retries';
  perform queues.defer(p_queue, p_settlement -> 'deferrals') where p_settlement ? 'deferrals';
  perform queues.release(p_queue, p_settlement -> 'releases') where p_settlement ? 'releases';

  insert into queues.settlements as s (queue, run_id, processed, retried, deferred, dead_lettered, released, last_failure)
  values (
    p_queue,
    v_run,
    cardinality(v_acks),
    coalesce(jsonb_array_length(p_settlement -> 'retries'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'deferrals'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'dead_letters'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'releases'), 0),
    (select queues.failure(f ->> 'code', f ->> 'error')
     from coalesce(p_settlement #> '{dead_letters,-1}', p_settlement #> '{retries,-1}') f where f is not null))
  returning s.* into v_counts;

  update queues.runs set
    processed = processed + v_counts.processed,
    retried = retried + v_counts.retried,
    deferred = deferred + v_counts.deferred,
    released = released + v_counts.released,
    dead_lettered = dead_lettered + v_counts.dead_lettered,
    settled_seq = v_seq,
    stopped_because = p_settlement ->> 'stopped_because',
    error_code = p_settlement #>> '{error,code}',
    error = p_settlement #>> '{error,error}',
    finished_at = case when p_settlement ->> 'stopped_because' is not null then clock_timestamp() end
  where id = v_run;

  -- After the outcomes above, because other settlements may wait for rows of effects until this one commits; before the
  -- dead letters, because an effect knows more about a message than the hook of the queue.
  perform queues.apply_effects(p_settlement -> 'effects') where p_settlement ? 'effects';
  perform queues.dead_letter(v_settings, p_settlement -> 'dead_letters', p_was_tried => true, p_run => v_run)
    where p_settlement ? 'dead_letters';
  -- It left messages that another worker can handle now.
  perform queues.wake(p_queue)
    where p_settlement ->> 'stopped_because' in ('cpu_budget', 'memory_budget', 'wall_budget') and queues.backlog(p_queue) > 0;

  return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue))
    || case when v_failed is not null then jsonb_build_object('failed', v_failed) else '{}' end;
exception
  when sqlstate 'QGONE' then
    get stacked diagnostics v_gone = pg_exception_detail;
    return jsonb_build_object('applied', false, 'lost', '[]'::jsonb, 'gone', v_gone::jsonb, 'backlog', queues.backlog(p_queue));
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'settle');
    return null;
end $$;
comment on function queues.settle_messages(text, jsonb) is 'See public.settle_messages, its only caller.';
revoke all on function queues.settle_messages(text, jsonb) from public;
grant execute on function queues.settle_messages(text, jsonb) to service_role;

create function public.settle_messages(p_queue text, p_settlement jsonb) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.settle_messages(p_queue, p_settlement);
end $$;
comment on function public.settle_messages(text, jsonb) is
  'Settles claimed messages: acks, drops, retries, deferrals, releases, dead_letters and effects together or not at all. '
  'Returns {applied, lost, backlog, failed}; failed, for the log of the worker, has up to 50 of the messages that were retried or '
  'dead-lettered, with the ids of their requests. If a lease is lost nothing is applied, and lost has the ids to leave out. If what '
  'effects need was deleted since the claim, nothing is applied either, and gone has its ids: drop those messages. A '
  'settlement repeated with the same run_id and seq has no further effect.';
revoke all on function public.settle_messages(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.settle_messages(text, jsonb) to service_role;
