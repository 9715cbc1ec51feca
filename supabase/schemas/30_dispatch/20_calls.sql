-- A call of a worker, and its outcome.

create function queues.call_worker(p_queue text, p_cause text) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- A worker answers at once, but may have to start first.
  c_timeout_ms constant integer := 10000;
  v_function_name text := (select function_name from queues.settings where queue = p_queue);
  v_url text := queues.secret('queues_project_url');
  v_key text := queues.secret('queues_secret_key');
  v_missing text := case when v_url is null then 'queues_project_url' when v_key is null then 'queues_secret_key' end;
begin
  if v_missing is not null then
    insert into queues.dispatches (queue, cause, outcome, answered_at, error)
    values (p_queue, p_cause, 'not_sent', clock_timestamp(), format(
      'the secret `%s` is missing: select vault.create_secret(''…'', %L)', v_missing, v_missing));
    return;
  end if;
  insert into queues.dispatches (queue, cause, request_id)
  values (p_queue, p_cause, net.http_post(
    url => rtrim(v_url, '/') || '/functions/v1/' || v_function_name,
    headers => jsonb_build_object('apikey', v_key, 'Prefer', 'respond-async', 'Content-Type', 'application/json'),
    timeout_milliseconds => c_timeout_ms));
end $$;
comment on function queues.call_worker(text, text) is 'Calls the worker of a queue after commit, and records the call.';
revoke all on function queues.call_worker(text, text) from public;

create function queues.answered_run(p_status_code integer, p_content text) returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when p_status_code between 200 and 299 then
    substring(p_content from '"runId" *: *"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')::uuid end;
end $$;
comment on function queues.answered_run(integer, text) is 'The run that a worker named in its answer.';
revoke all on function queues.answered_run(integer, text) from public;

create function queues.active_workers(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- Variables: an index cannot be used with a volatile call, and there are many old runs and calls.
  v_now timestamptz := clock_timestamp();
  c_on_their_way constant interval := interval '15 seconds';
  v_visibility_timeout_secs integer := (select visibility_timeout_secs from queues.settings where queue = p_queue);
begin
  return (
    select count(*)::integer from queues.runs r
    where r.queue = p_queue and r.finished_at is null
      -- A run that is silent for longer has lost its leases.
      and r.last_seen_at > v_now - make_interval(secs => v_visibility_timeout_secs)
  ) + (
    -- Calls that are not answered yet, or whose run has not claimed yet. The answer is read from pg_net as soon as it is
    -- there: when the next tick records it, the run may have ended long ago.
    select count(*)::integer from queues.dispatches d
    left join lateral (
      select true as is_there, r.status_code, queues.answered_run(r.status_code, r.content) as run_id
      from net._http_response r
      where d.outcome is null and r.id = d.request_id and r.created > v_now - c_on_their_way - interval '1 second'
    ) answer on true
    where d.queue = p_queue
      and d.requested_at > v_now - c_on_their_way
      and coalesce(d.outcome = 'accepted', answer.is_there is null or answer.status_code between 200 and 299)
      and not exists (select from queues.runs r where r.id = coalesce(d.run_id, answer.run_id))
  );
end $$;
comment on function queues.active_workers(text) is
  'The number of active runs of a queue, with the calls that are about to start one.';
revoke all on function queues.active_workers(text) from public;

create function queues.reconcile_dispatches() returns void
language plpgsql
set search_path = ''
as $$
begin
  with answered as (
    update queues.dispatches d
    set answered_at = r.created, status_code = r.status_code,
      outcome = case
        when r.timed_out then 'timed_out'
        when r.status_code is null then 'failed'
        when r.status_code between 200 and 299 then 'accepted'
        else 'refused'
      end,
      error = case
        when r.status_code between 200 and 299 then null
        when r.status_code is null then coalesce(left(r.error_msg, 500), 'no answer')
        else format('HTTP %s: %s', r.status_code, left(r.content, 500))
      end,
      run_id = queues.answered_run(r.status_code, r.content)
    from net._http_response r
    -- After a crash of the database, pg_net counts from 1 again.
    where d.outcome is null and r.id = d.request_id and r.created >= d.requested_at - interval '1 second'
    returning d.queue, d.outcome
  ), missing as (
    update queues.dispatches d
    set outcome = 'missing', answered_at = clock_timestamp(),
      error = 'no answer within a minute: pg_net lost the call, or its worker does not run'
    where d.outcome is null and d.requested_at < clock_timestamp() - interval '1 minute'
      and not exists (
        select from net._http_response r where r.id = d.request_id and r.created >= d.requested_at - interval '1 second')
    returning d.queue, d.outcome
  ), known as (
    select queue, bool_or(outcome = 'accepted') as is_accepted
    from (select * from answered union all select * from missing) o
    group by queue
  )
  update queues.due
  set failed_calls = case when k.is_accepted then 0 else failed_calls + 1 end
  from known k where due.queue = k.queue;
end $$;
comment on function queues.reconcile_dispatches() is 'Records the outcome of open calls.';
revoke all on function queues.reconcile_dispatches() from public;
