-- Claiming messages. The comment on queues.lease says which.

create function queues.lease(
  p_settings queues.settings, p_limit integer, p_due_after timestamptz,
  out messages text, out leased integer, out expired integer, out crashed jsonb
)
language plpgsql
set search_path = ''
-- Whatever the statistics say, only the index over vt finds the next messages without reading others.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  -- The size of a reply, which PostgREST and the function hold in memory several times.
  c_claim_bytes constant integer := 4 * 1024 * 1024;
begin
  execute format($sql$
    with candidates as materialized (
      select msg_id, read_ct, enqueued_at, vt, message, coalesce(pg_column_size(message), 0) as stored_bytes
      from pgmq.%1$I
      where vt > $7 and vt <= $8
      order by vt
      limit $2
      for update skip locked
    ), judged as materialized (
      select c.*, f.failures, f.delivered, c.read_ct - coalesce(f.settlements, 0) as crashes,
        c.read_ct > 0 and f.settled_read_ct is distinct from c.read_ct as is_expired
      from candidates c
      left join queues.failures f on c.read_ct > 0 and f.queue = $1 and f.msg_id = c.msg_id
    ), worst as (
      select max(crashes) as crashes from judged where crashes < $3
    ), group_size as materialized (
      -- From p_limit without a crash down to one message at the last chance, in equal factors.
      select crashes, greatest(1, floor($2::float8 ^ (($3 - 1 - crashes) / ($3 - 1)::float8))) as messages from worst
    ), grouped as (
      select j.*, group_size.messages as group_size,
        row_number() over in_order as place,
        sum(stored_bytes) over in_order as stored_bytes_so_far
      from judged j
      join group_size using (crashes)
      window in_order as (order by vt, msg_id)
    ), written as materialized (
      select g.*,
        -- The text of a small body is kept for the reply; of a larger one only the size is kept.
        case when stored_bytes <= 2000 and pg_column_compression(message) is null then message::text end as text
      from grouped g
      where place <= group_size and stored_bytes_so_far - stored_bytes < $4
    ), weighed as materialized (
      select w.*, coalesce(octet_length(coalesce(text, message::text)), 4) as size_bytes
      from written w
    ), taken as (
      select * from (
        select w.*, sum(case when size_bytes <= $5 then size_bytes else 0 end) over (order by vt, msg_id) as bytes_so_far
        from weighed w
      ) w
      where place = 1 or bytes_so_far <= $4
    ), leased as (
      update pgmq.%1$I q
      -- Those whose leases expire keep their order.
      set vt = $6 + queues.spread(q.msg_id), read_ct = q.read_ct + 1
      from taken t
      where q.msg_id = t.msg_id
      returning q.msg_id, q.read_ct, q.vt, t.enqueued_at, t.failures, t.delivered, t.size_bytes, t.is_expired,
        case when t.size_bytes <= $5 then coalesce(t.text, t.message::text, 'null') end as text
    ), forgotten as (
      -- Of earlier messages that had the same ids. The range keeps this from reading the failures of others.
      delete from queues.failures f
      where f.queue = $1 and f.msg_id between (select min(msg_id) from leased) and (select max(msg_id) from leased)
        and f.msg_id in (select msg_id from leased where read_ct = 1)
    )
    select
      (select string_agg(
        concat(
          '{"msg_id":', msg_id, ',"read_ct":', read_ct, ',"enqueued_at":', to_json(enqueued_at), ',"vt":', to_json(vt),
          ',"failures":', coalesce(failures, 0), ',"size_bytes":', size_bytes,
          case when delivered <> '{}' then concat(',"delivered":', to_json(delivered)) end,
          case when text is null then ',"withheld":true' end,
          ',"message":', coalesce(text, 'null'), '}'),
        ',' order by msg_id) from leased),
      (select count(*) from leased),
      (select count(*) from leased where is_expired) + (select count(*) from judged where is_expired and crashes >= $3),
      (select jsonb_agg(jsonb_build_object('msg_id', msg_id, 'code', 'worker_crashed',
         'error', format('%%s workers ended while they held this message', crashes)))
       from judged where crashes >= $3)
    $sql$, 'q_' || p_settings.queue)
  into messages, leased, expired, crashed
  using p_settings.queue, p_limit, p_settings.max_crashes, c_claim_bytes, p_settings.max_message_bytes,
    clock_timestamp() + make_interval(secs => p_settings.visibility_timeout_secs),
    p_due_after, clock_timestamp();
end $$;
comment on function queues.lease(queues.settings, integer, timestamptz) is
  'Leases the visible messages after a mark that were due first, up to p_limit and 4 MiB. A message whose lease expired (a crash of its worker) '
  'is a suspect. Suspects are leased apart from other messages, those with the most crashes first, in groups that '
  'shrink to one message at its last chance, so that a message that kills workers does not take others along. Messages '
  'without a chance left are returned in `crashed`. Candidates that do not fit are not changed. `expired` counts the '
  'earlier leases that expired.';
revoke all on function queues.lease(queues.settings, integer, timestamptz) from public;

create function queues.claim_context(p_settings queues.settings, p_messages text) returns text
language plpgsql
set search_path = ''
as $$
declare
  -- As in queues.lease.
  c_context_bytes constant integer := 4 * 1024 * 1024;
  v_context text;
begin
  execute format('select %s($1)::text', queues.registered_function('claim_hook', p_settings.queue, p_settings.claim_hook))
    into v_context using concat('[', p_messages, ']')::jsonb;
  if octet_length(v_context) > c_context_bytes then
    raise program_limit_exceeded using
      message = format('the context of this claim has %s bytes, more than the %s that a claim may have',
        octet_length(v_context), c_context_bytes),
      hint = 'claim fewer messages';
  end if;
  return coalesce(v_context, 'null');
end $$;
comment on function queues.claim_context(queues.settings, text) is
  'What the queue''s claim hook returns for leased messages, up to 4 MiB. An error of the hook fails the claim, and '
  'nothing is leased.';
revoke all on function queues.claim_context(queues.settings, text) from public;

create function queues.claim_context_alone(
  p_settings queues.settings, p_messages text, out context text, out error json
)
language plpgsql
set search_path = ''
as $$
begin
  context := queues.claim_context(p_settings, p_messages);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise;
  -- OTHERS does not include query_canceled, which is how the statement timeout ends a hook that takes too long.
  when query_canceled or others then
    error := json_build_object('code', sqlstate, 'message', sqlerrm);
end $$;
comment on function queues.claim_context_alone(queues.settings, text) is
  'What the queue''s claim hook returns for a message that is claimed alone, or its error {code, message}, which undoes '
  'what the hook did and keeps the lease.';
revoke all on function queues.claim_context_alone(queues.settings, text) from public;

create function queues.claim_policy(p_settings queues.settings) returns json
language plpgsql
immutable
set search_path = ''
as $$
begin
  return json_build_object(
    'visibility_timeout_secs', p_settings.visibility_timeout_secs,
    'batch_size', p_settings.batch_size,
    'max_retries', p_settings.max_retries,
    'backoff_base_secs', p_settings.backoff_base_secs,
    'backoff_cap_secs', p_settings.backoff_cap_secs,
    'max_message_bytes', p_settings.max_message_bytes,
    'delivery_concurrency', p_settings.delivery_concurrency);
end $$;
comment on function queues.claim_policy(queues.settings) is 'The settings that travel with a claim.';
revoke all on function queues.claim_policy(queues.settings) from public;

create function queues.claim_messages(
  p_queue text, p_limit integer, p_run uuid, p_alone boolean, p_needs_place boolean
) returns json
language plpgsql
security definer
set search_path = ''
-- Who waits for a lock is not at fault: that is a conflict, before it becomes a statement timeout.
set lock_timeout = '3s'
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_limit integer := case when p_alone then 1
    else least(1000, greatest(1, coalesce(p_limit, v_settings.batch_size))) end;
  v_messages text;
  v_leased integer := 0;
  v_expired integer;
  v_crashed jsonb;
  v_context text;
  v_context_error json;
  v_has_place boolean := true;
  v_due_after timestamptz;
begin
  if p_needs_place and p_run is not null then
    v_has_place := queues.take_place(p_run, p_queue, v_settings.max_workers);
  elsif p_run is not null then
    perform queues.touch_run(p_run, p_queue);
  end if;

  v_due_after := queues.advance_mark(p_queue);
  -- If all candidates are given up, there may be others behind them. Bounded by the statement timeout of 8 seconds.
  for attempt in 1..10 loop
    exit when v_settings.paused or not v_has_place;
    select messages, leased, expired, crashed into v_messages, v_leased, v_expired, v_crashed
    from queues.lease(v_settings, v_limit, v_due_after);
    if v_expired > 0 or v_crashed is not null then
      insert into queues.settlements (queue, run_id, dead_lettered, expired, last_failure)
      values (p_queue, p_run, coalesce(jsonb_array_length(v_crashed), 0), v_expired,
        queues.failure(
          coalesce(v_crashed #>> '{-1,code}', 'lease_expired'),
          coalesce(
            v_crashed #>> '{-1,error}', format('%s leases expired: their worker crashed or was too slow', v_expired))));
    end if;
    exit when v_crashed is null;
    perform queues.dead_letter(v_settings, v_crashed, p_was_tried => false, p_run => p_run);
    if p_run is not null then
      update queues.runs set dead_lettered = dead_lettered + jsonb_array_length(v_crashed) where id = p_run;
    end if;
    exit when v_leased > 0;
  end loop;

  if p_run is not null and v_leased > 0 then
    update queues.runs set claimed = claimed + v_leased, batches = batches + 1 where id = p_run;
  end if;
  if v_settings.claim_hook is not null and v_leased > 0 then
    if p_alone then
      select context, error into v_context, v_context_error from queues.claim_context_alone(v_settings, v_messages);
    else
      v_context := queues.claim_context(v_settings, v_messages);
    end if;
  end if;

  return concat(
    '{"now":', to_json(clock_timestamp()),
    ',"policy":', queues.claim_policy(v_settings),
    ',"backlog":', queues.backlog(p_queue, v_due_after),
    ',"context":' || v_context,
    ',"context_error":' || v_context_error::text,
    ',"messages":[', v_messages, ']}')::json;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'claim');
    return null;
end $$;
comment on function queues.claim_messages(text, integer, uuid, boolean, boolean) is 'See public.claim_messages, its only caller.';
revoke all on function queues.claim_messages(text, integer, uuid, boolean, boolean) from public;
grant execute on function queues.claim_messages(text, integer, uuid, boolean, boolean) to service_role;

-- plpgsql, like every wrapper: a plain SQL function can be inlined into a cached plan, which skips the EXECUTE check.
create function public.claim_messages(
  p_queue text, p_limit integer default null, p_run uuid default null, p_alone boolean default false,
  p_needs_place boolean default false
) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.claim_messages(p_queue, p_limit, p_run, coalesce(p_alone, false), coalesce(p_needs_place, false));
end $$;
comment on function public.claim_messages(text, integer, uuid, boolean, boolean) is
  'Leases messages of a queue to a worker: {now, policy, backlog, context, messages}. The lease ends with the '
  'visibility timeout or with settle_messages. p_limit defaults to the batch size of the queue. The context is what '
  'the claim hook of the queue returns, up to 4 MiB; it is absent without a hook or without messages. With p_alone one '
  'message is leased, and an error of the hook is returned as context_error instead of failing the claim: a worker '
  'finds the message that makes claims fail. With p_needs_place a run that has not begun gets no messages while '
  'max_workers others are active.';
revoke all on function public.claim_messages(text, integer, uuid, boolean, boolean) from public, anon, authenticated, service_role;
grant execute on function public.claim_messages(text, integer, uuid, boolean, boolean) to service_role;
