-- A call of a worker, and its outcome.

create function queues.call_worker(p_queue text, p_cause text) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- A worker answers at once, but may have to start first.
  c_timeout_ms constant integer := 10000;
  v_function_name text := (select function_name from queues.settings where queue = p_queue);
  v_access record;
  v_request_id bigint;
begin
  select * into v_access from queues.project_access();
  if v_access.problem is null then
    begin
      v_request_id := net.http_post(
        url => v_access.url || '/functions/v1/' || v_function_name,
        headers => jsonb_build_object(
          'apikey', v_access.key, 'Prefer', 'respond-async', 'Content-Type', 'application/json'),
        timeout_milliseconds => c_timeout_ms);
    exception
      when others then
        v_access.problem := format('pg_net refused the call (%s)', left(sqlerrm, 500));
        v_access.remedy := 'check the secret `queues_project_url` in Vault, then select net.worker_restart()';
    end;
  end if;
  if v_access.problem is not null then
    insert into queues.dispatches (queue, cause, outcome, answered_at, error)
    values (p_queue, p_cause, 'not_sent', clock_timestamp(), format('%s: %s', v_access.problem, v_access.remedy));
  else
    insert into queues.dispatches (queue, cause, request_id) values (p_queue, p_cause, v_request_id);
  end if;
end $$;
comment on function queues.call_worker(text, text) is
  'Calls the worker of a queue after commit, and records the call. A call that cannot be sent is recorded with its remedy.';
revoke all on function queues.call_worker(text, text) from public;

create function queues.calls_on_their_way(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- Variables: an index cannot be used with a volatile call, and there are many old calls.
  v_now timestamptz := clock_timestamp();
  c_until_claim constant interval := interval '15 seconds';
  -- How long pg_net may have held a call that was answered just now.
  c_held_up constant interval := interval '5 minutes';
begin
  return (
    -- The answer is read from pg_net as soon as it is there: when the next tick records it, the run may have ended long
    -- ago. A call that waits in pg_net counts for as long as it waits: another would wait behind it.
    select count(*)::integer from queues.open_calls(p_queue) c
    where (c.is_waiting or c.status_code between 200 and 299 or not c.is_answered
        and c.requested_at between v_now - c_until_claim and v_now + c_until_claim)
      and not exists (select from queues.runs r where r.id = c.run_id)
  ) + (
    select count(*)::integer from queues.dispatches d
    where d.queue = p_queue and d.outcome = 'accepted'
      and d.answered_at between v_now - c_until_claim and v_now + c_until_claim and d.requested_at > v_now - c_held_up
      and not exists (select from queues.runs r where r.id = d.run_id)
  );
end $$;
comment on function queues.calls_on_their_way(text) is 'Calls of a worker that are about to start a run.';
revoke all on function queues.calls_on_their_way(text) from public;

create function queues.active_workers(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- As in queues.take_place.
  c_clock_set_back constant interval := interval '1 minute';
  v_silent_since timestamptz := queues.silent_since();
begin
  return (
    select count(*)::integer from queues.runs r
    where r.queue = p_queue and r.finished_at is null
      and r.last_seen_at between v_silent_since and v_silent_since + c_clock_set_back
  ) + queues.calls_on_their_way(p_queue);
end $$;
comment on function queues.active_workers(text) is
  'The number of active runs of a queue, with the calls that are about to start one.';
revoke all on function queues.active_workers(text) from public;

create function queues.reconcile_calls(p_queue text) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_lost_after constant interval := interval '1 minute';
  v_now timestamptz := clock_timestamp();
  v_pg_net_problem text := (select problem from queues.pg_net_problem());
begin
  with known as (
    update queues.dispatches d
    set answered_at = v_now, requested_at = least(d.requested_at, v_now), status_code = c.status_code, run_id = c.run_id,
      outcome = case
        when not c.is_answered then 'missing'
        when c.timed_out then 'timed_out'
        when c.status_code is null then 'failed'
        when c.status_code between 200 and 299 then 'accepted'
        else 'refused'
      end,
      error = case
        when not c.is_answered then
          coalesce(v_pg_net_problem, 'pg_net has lost the call, as it does when the database crashes')
        when c.status_code between 200 and 299 then null
        when c.status_code is null then coalesce(left(c.error_msg, 500), 'no answer')
        else format('HTTP %s: %s', c.status_code, left(c.content, 500))
      end
    from queues.open_calls(p_queue) c
    where d.id = c.id and d.outcome is null
      and (c.is_answered or not c.is_waiting
        -- A call of later than now was made before the clock was set back.
        and c.requested_at not between v_now - c_lost_after and v_now + c_lost_after)
    returning d.outcome
  ), judged as (
    select bool_or(outcome = 'accepted') as is_accepted from known having count(*) > 0
  )
  update queues.due
  set failed_calls = case when judged.is_accepted then 0 else least(failed_calls + 1, 1000) end
  from judged where due.queue = p_queue;
end $$;
comment on function queues.reconcile_calls(text) is
  'Records the outcome of the open calls of a queue. A call that pg_net has not sent yet stays open.';
revoke all on function queues.reconcile_calls(text) from public;
