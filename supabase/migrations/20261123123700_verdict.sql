-- Two causes told apart: messages that are refused as they are, from work that fails; and workers that answer and do
-- nothing, from workers that are busy.

create function queues.rejected_letters(p_settings queues.settings) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  c_looked_at constant integer := 1000;
  v_rejected bigint;
begin
  -- Without retries every failure ends at the first try.
  if p_settings.max_retries = 0 then
    return 0::bigint;
  end if;
  execute format($sql$
    select count(*)
    from (select enqueued_at, message from pgmq.%I order by msg_id desc limit $1) l
    where enqueued_at > $2 and message @> '{"attempts": 1, "crashes": 0}'
    $sql$, 'q_' || p_settings.queue || '_dlq')
  into v_rejected using c_looked_at, clock_timestamp() - interval '5 minutes';
  return v_rejected;
end $$;
comment on function queues.rejected_letters(queues.settings) is
  'Dead letters of the last 5 minutes that were given up at their first try: they are at fault, not what is done with them. '
  'Counted among the last 1000.';
revoke all on function queues.rejected_letters(queues.settings) from public;

create function queues.unheard_calls(p_settings queues.settings, p_waited_secs numeric) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  c_on_their_way constant interval := interval '15 seconds';
  v_now timestamptz := clock_timestamp();
  v_since timestamptz := v_now - make_interval(secs => p_waited_secs::float8);
begin
  if exists (
    select from queues.runs
    where queue = p_settings.queue and last_seen_at > v_since
      -- A run that could not even claim leaves a record only of its end.
      and not (claimed = 0 and coalesce(stopped_because, '') = 'claim_failed')
  ) then
    return 0::bigint;
  end if;
  return (
    select count(*) from queues.dispatches
    where queue = p_settings.queue and requested_at between v_since and v_now - c_on_their_way and outcome = 'accepted');
end $$;
comment on function queues.unheard_calls(queues.settings, numeric) is
  'Calls that a worker accepted within so many seconds, where none of them came to claim; 0 where one did.';
revoke all on function queues.unheard_calls(queues.settings, numeric) from public;

create or replace function queues.judge(p_settings queues.settings, p_health queues.queue_health) returns queues.queue_health
language plpgsql
set search_path = ''
as $$
declare
  c_late_schedules constant integer := 3;
  c_few_tries constant integer := 3;
  c_many_rejected constant integer := 10;
  c_unheard_calls constant integer := 2;
  h queues.queue_health := p_health;
  v_missing text := queues.missing_tables(h.queue);
  v_clock record;
  v_dying integer;
  v_rejected bigint;
  v_unheard bigint;
begin
  h.verdict := 'failing';
  if v_missing is not null then
    h.reason := format('it was dropped: %s missing', v_missing);
    h.remedy := format('select queues.create_queue(%L), or delete its row from queues.settings', h.queue);
    return h;
  end if;
  if h.paused then
    h.verdict := 'ok';
    h.reason := format('paused, with %s visible messages', h.visible);
    h.remedy := format('select queues.resume(%L)', h.queue);
    return h;
  end if;
  if p_settings.function_name is null then
    h.verdict := 'ok';
    h.reason := 'no function drains it: queues.settings.function_name is null';
    return h;
  end if;

  select * into v_clock from queues.clock_problem(h.queue);
  if v_clock.reason is not null then
    h.reason := v_clock.reason;
    h.remedy := v_clock.remedy;
    return h;
  end if;
  if h.visible > 0 and h.last_call_outcome <> 'accepted' then
    h.reason := format('its worker cannot be called (%s): %s', h.last_call_outcome, h.last_call_error);
    h.remedy := queues.call_remedy(p_settings, h.last_call_outcome);
    return h;
  end if;
  v_dying := queues.dying_runs(p_settings);
  if v_dying is not null then
    h.reason := format('the last %s runs were killed before they could finish', v_dying);
    h.remedy := format('look for memory, CPU or time limits in the logs of the function `%s`; a smaller '
      'queues.settings.batch_size asks less of a run', p_settings.function_name);
    return h;
  end if;
  if h.failed_5_min >= c_few_tries and h.failed_5_min >= h.processed_5_min then
    v_rejected := queues.rejected_letters(p_settings);
    if h.failed_5_min - v_rejected >= greatest(c_few_tries, h.processed_5_min) then
      h.reason := format('%s of %s tries failed within 5 minutes, the last one with `%s`: %s',
        h.failed_5_min, h.failed_5_min + h.processed_5_min, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('fix what the error names; select queues.pause(%L) keeps the messages from using up their '
        'retries meanwhile, select * from queues.dead_letters(%L) shows those given up', h.queue, h.queue);
      return h;
    end if;
    if v_rejected >= greatest(c_many_rejected, h.processed_5_min) then
      h.reason := format('%s messages were refused within 5 minutes, the last one with `%s`: %s',
        v_rejected, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('no retry would help: correct whoever sends them, or deploy a worker that takes them; select * from '
        'queues.dead_letters(%L) shows them, then queues.redrive or queues.discard', h.queue);
      return h;
    end if;
  end if;
  if h.oldest_age_secs > c_late_schedules * p_settings.schedule_secs and h.workers_active = 0 then
    v_unheard := queues.unheard_calls(p_settings, h.oldest_age_secs);
    if v_unheard >= c_unheard_calls then
      h.reason := format('%s calls of its worker were accepted while the oldest message waited for %s seconds, and none of '
        'them claimed anything', v_unheard, round(h.oldest_age_secs));
      h.remedy := format('look into the logs of the function `%s` for why it cannot claim', p_settings.function_name);
      return h;
    end if;
  end if;

  h.verdict := 'late';
  if h.oldest_age_secs > c_late_schedules * p_settings.schedule_secs then
    h.reason := format('the oldest of %s visible messages has waited for %s seconds, and %s of %s workers are at work',
      h.visible, round(h.oldest_age_secs), h.workers_active, p_settings.max_workers);
    h.remedy := case when h.workers_active = 0
      then format('the next tick calls one; if that does not help, look into the logs of the function `%s`',
        p_settings.function_name)
      else 'it is being drained; a larger queues.settings.max_workers or batch_size drains it faster' end;
    return h;
  end if;

  h.verdict := 'ok';
  if h.dead_letters > 0 then
    h.reason := format('%s messages were given up', h.dead_letters);
    h.remedy := format('select * from queues.dead_letters(%L), then queues.redrive or queues.discard', h.queue);
  end if;
  return h;
end $$;
