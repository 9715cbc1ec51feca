create function queues.secret(p_name text) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select decrypted_secret from vault.decrypted_secrets where name = p_name);
exception
  when undefined_table or invalid_schema_name then
    return null;
end $$;
comment on function queues.secret(text) is 'A secret of Vault; null where it, or Vault, is missing.';
revoke all on function queues.secret(text) from public;

create function queues.call_worker(p_queue text, p_cause text) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- A worker answers at once; one that is cold takes a moment to start.
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

create function queues.active_workers(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- Values, not calls, so that the indexes can be used: there are many runs and calls of the past.
  v_now timestamptz := clock_timestamp();
  v_visibility_timeout_secs integer := (select visibility_timeout_secs from queues.settings where queue = p_queue);
begin
  return (
    select count(*)::integer from queues.runs r
    where r.queue = p_queue and r.finished_at is null
      -- One that was not heard of for so long has lost its leases.
      and r.last_seen_at > v_now - make_interval(secs => v_visibility_timeout_secs)
  ) + (
    -- On their way: not answered yet, or accepted by a run that has not claimed yet.
    select count(*)::integer from queues.dispatches d
    where d.queue = p_queue
      and d.requested_at > v_now - interval '15 seconds'
      and (d.outcome is null or d.outcome = 'accepted' and not exists (select from queues.runs r where r.id = d.run_id))
  );
end $$;
comment on function queues.active_workers(text) is 'Runs under way for a queue, and calls that are about to become one.';
revoke all on function queues.active_workers(text) from public;
