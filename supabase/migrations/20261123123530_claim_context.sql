-- A claim may bring along what its worker needs to know, and how many deliveries it may have under way.

create function queues.context_of(p_settings queues.settings, p_messages text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_context jsonb;
begin
  execute format('select queues.%I($1)', p_settings.context_function)
    into v_context using concat('[', p_messages, ']')::jsonb;
  return coalesce(v_context, 'null');
end $$;
comment on function queues.context_of(queues.settings, text) is
  'What the queue''s context function answers for leased messages. Its errors are the claim''s: nothing is leased then.';
revoke all on function queues.context_of(queues.settings, text) from public;

create or replace function queues.claim_messages(p_queue text, p_limit integer, p_run uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_limit integer := least(1000, greatest(1, coalesce(p_limit, v_settings.batch_size)));
  v_messages text;
  v_leased integer := 0;
  v_expired integer;
  v_crashed jsonb;
  v_context jsonb;
begin
  if p_run is not null then
    perform queues.touch_run(p_run, p_queue);
  end if;

  -- Where all candidates were given up there may be others behind them; bounded, because a claim has 8 seconds.
  for attempt in 1..10 loop
    exit when v_settings.paused;
    select messages, leased, expired, crashed into v_messages, v_leased, v_expired, v_crashed
    from queues.lease(v_settings, v_limit);
    if v_expired > 0 or v_crashed is not null then
      insert into queues.settlements (queue, dead_lettered, expired, last_failure)
      values (p_queue, coalesce(jsonb_array_length(v_crashed), 0), v_expired,
        queues.failure(
          coalesce(v_crashed #>> '{-1,code}', 'lease_expired'),
          coalesce(v_crashed #>> '{-1,error}', format('%s leases ran out: their worker ended or was too slow', v_expired))));
    end if;
    exit when v_crashed is null;
    perform queues.dead_letter(p_queue, v_crashed, p_was_tried => false);
    if p_run is not null then
      update queues.runs set dead_lettered = dead_lettered + jsonb_array_length(v_crashed) where id = p_run;
    end if;
    exit when v_leased > 0;
  end loop;

  if p_run is not null and v_leased > 0 then
    update queues.runs set claimed = claimed + v_leased, batches = batches + 1 where id = p_run;
  end if;
  if v_settings.context_function is not null and v_leased > 0 then
    v_context := queues.context_of(v_settings, v_messages);
  end if;

  return concat(
    '{"now":', to_json(clock_timestamp()),
    ',"policy":', json_build_object(
      'visibility_timeout_secs', v_settings.visibility_timeout_secs,
      'batch_size', v_settings.batch_size,
      'max_retries', v_settings.max_retries,
      'backoff_base_secs', v_settings.backoff_base_secs,
      'backoff_cap_secs', v_settings.backoff_cap_secs,
      'max_message_bytes', v_settings.max_message_bytes,
      'delivery_concurrency', v_settings.delivery_concurrency),
    ',"backlog":', queues.backlog(p_queue),
    case when v_context is not null then concat(',"context":', v_context) end,
    ',"messages":[', v_messages, ']}')::json;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'claim');
    return null;
end $$;

comment on function public.claim_messages(text, integer, uuid) is
  'Leases messages of a queue to a worker: {now, policy, backlog, context, messages}. The lease ends with the visibility '
  'timeout or with settle_messages. p_limit defaults to the queue''s batch size. The context is there for queues with a '
  'context function, if any message was leased.';
