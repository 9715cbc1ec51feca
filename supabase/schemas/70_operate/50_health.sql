-- What is wrong with a queue, why, and what to do about it.

create function queues.call_remedy(p_settings queues.settings, p_outcome text) returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  v_status integer := (
    select status_code from queues.dispatches
    where queue = p_settings.queue and outcome = p_outcome order by requested_at desc, id desc limit 1);
begin
  return case
    when p_outcome = 'not_sent' then
      -- It may have been repaired by now.
      coalesce((select remedy from queues.project_access()), 'the next tick calls again, and so does `select queues.dispatch()`')
    when p_outcome = 'refused' and v_status in (401, 403) then
      'the secret `queues_secret_key` in Vault is not a valid secret key: `select vault.update_secret((select id from '
      'vault.secrets where name = ''queues_secret_key''), ''sb_secret_…'')`'
    when p_outcome = 'refused' and v_status = 404 then
      format('deploy the function `%s`, or correct queues.settings.function_name', p_settings.function_name)
    when p_outcome = 'refused' then
      format('read the logs of the function `%s`', p_settings.function_name)
    when p_outcome = 'timed_out' then
      format('the function `%s` did not answer in time: read its logs', p_settings.function_name)
    when p_outcome = 'failed' then
      'nothing answers at the address in the secret `queues_project_url` in Vault: `select vault.update_secret((select '
      'id from vault.secrets where name = ''queues_project_url''), ''https://….supabase.co'')`'
    else
      'the next tick calls again; if that call is lost too: `select net.worker_restart()`'
  end;
end $$;
comment on function queues.call_remedy(queues.settings, text) is
  'What to do about calls of a worker with this outcome.';
revoke all on function queues.call_remedy(queues.settings, text) from public;

create function queues.held_up_calls(p_queue text, out reason text, out remedy text)
language plpgsql
set search_path = ''
as $$
declare
  c_patience constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_since timestamptz := (select min(requested_at) from queues.open_calls(p_queue) where is_waiting);
begin
  if (v_since < v_now - c_patience) is not true then
    return;
  end if;
  reason := format('pg_net has held the call of its worker for %s seconds', round(extract(epoch from v_now - v_since)));
  if exists (
    select from pg_catalog.pg_stat_activity where backend_type ~ '^pg_net' or application_name ~ '^pg_net')
  then
    reason := format('%s: a slow request of this project holds up all others', reason);
    -- A restart of the worker waits for the same request.
    remedy := '`select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200` shows the '
      'batch; it ends when the slowest has answered or timed out: give slow requests a shorter timeout_milliseconds';
  else
    reason := format('%s: its background worker does not run', reason);
    remedy := '`select net.worker_restart()`; if that does not help, restart the database';
  end if;
end $$;
comment on function queues.held_up_calls(text) is 'Why calls of a worker wait in pg_net, if they have waited for long.';
revoke all on function queues.held_up_calls(text) from public;

create function queues.dying_runs(p_settings queues.settings) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_looked_at constant integer := 5;
  c_enough constant integer := 3;
  v_now timestamptz := clock_timestamp();
  v_silent_since timestamptz := queues.silent_since();
  v_runs record;
begin
  select count(*)::integer as ended, (count(*) filter (where finished_at is null))::integer as killed into v_runs
  from (
    select finished_at from queues.runs
    -- A restart of the server ends runs, too, or their record.
    where queue = p_settings.queue and last_seen_at > greatest(v_now - interval '1 hour', queues.started_at())
      and (finished_at is not null or last_seen_at < v_silent_since)
    order by last_seen_at desc limit c_looked_at
  ) r;
  return case when v_runs.ended >= c_enough and v_runs.killed = v_runs.ended then v_runs.killed end;
end $$;
comment on function queues.dying_runs(queues.settings) is
  'How many of the last runs were killed, if all of them were; null if one of them finished.';
revoke all on function queues.dying_runs(queues.settings) from public;

create function queues.failing_runs(
  p_settings queues.settings, out runs integer, out stopped_because text, out error_code text, out error text
)
language plpgsql
set search_path = ''
as $$
declare
  c_looked_at constant integer := 5;
  c_enough constant integer := 2;
  v_now timestamptz := clock_timestamp();
  v_ended integer;
begin
  select count(*)::integer, (count(*) filter (where r.stopped_because in ('claim_failed', 'settle_failed')))::integer
  into v_ended, runs
  from (
    select r.stopped_because from queues.runs r
    where r.queue = p_settings.queue and r.last_seen_at between v_now - interval '1 hour' and v_now and r.finished_at is not null
    order by r.last_seen_at desc limit c_looked_at
  ) r;
  if runs < c_enough or runs < v_ended then
    runs := null;
    return;
  end if;
  select r.stopped_because, r.error_code, coalesce(r.error, 'no text') into stopped_because, error_code, error
  from queues.runs r
  where r.queue = p_settings.queue and r.finished_at is not null
  order by r.last_seen_at desc limit 1;
end $$;
comment on function queues.failing_runs(queues.settings) is
  'How many of the last runs ended with an error of the database, and the last error, if all of them did; null otherwise.';
revoke all on function queues.failing_runs(queues.settings) from public;

create function queues.rejected_letters(p_settings queues.settings) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  c_looked_at constant integer := 1000;
  v_rejected bigint;
begin
  -- Without retries, every dead letter is given up at its first try.
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
  'The dead letters of the last 5 minutes that were given up at their first try: the message is at fault, not the '
  'worker. Counted among the last 1000.';
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
      -- A run whose claim failed has a record of its end only.
      and not (claimed = 0 and coalesce(stopped_because, '') = 'claim_failed')
  ) then
    return 0::bigint;
  end if;
  return (
    select count(*) from queues.dispatches
    where queue = p_settings.queue and requested_at between v_since and v_now - c_on_their_way and outcome = 'accepted');
end $$;
comment on function queues.unheard_calls(queues.settings, numeric) is
  'The calls that a worker accepted within the last p_waited_secs seconds, if none of them claimed; 0 if one did.';
revoke all on function queues.unheard_calls(queues.settings, numeric) from public;

create function queues.notes(p_queue text, p_dead_letters bigint)
returns table (place integer, reason text, remedy text)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select 1, format('workers cannot be called: %s', p.problem), p.remedy
  from queues.pg_net_problem() p where p.problem is not null
  union all
  select 2, format('%s: %s', p.problem, string_agg(j.purpose, ', ' order by j.name)), p.remedy
  from queues.jobs j, queues.job_problem(j.name) p
  where p.problem is not null group by p.problem, p.remedy
  union all
  select 3, queues.one_or_many(p_dead_letters, '%s message was given up', '%s messages were given up'),
    format('`select * from queues.dead_letters(%L)`, then queues.redrive or queues.discard', p_queue)
  where p_dead_letters > 0;
end $$;
comment on function queues.notes(text, bigint) is
  'What an operator should know of a queue that is ok: what is missing for later, and dead letters.';
revoke all on function queues.notes(text, bigint) from public;

create function queues.diagnose(p_settings queues.settings, p_health queues.queue_health) returns queues.queue_health
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
  v_ids text := case when v_missing is null then queues.ids_problem(h.queue) end;
  v_tick_error text := (select last_error from queues.due where queue = h.queue);
  v_problem record;
  v_dying integer;
  v_failing record;
  v_rejected bigint;
  v_unheard bigint;
  v_started_at timestamptz := queues.started_at();
  -- How long the oldest message may wait, and has waited while the server ran.
  v_late_secs integer := c_late_schedules * greatest(p_settings.schedule_secs, queues.tick_secs());
  v_waited_secs numeric := case when h.oldest_age_secs is not null then
    least(h.oldest_age_secs, extract(epoch from clock_timestamp() - v_started_at)) end;
begin
  h.verdict := 'failing';
  if v_missing is not null then
    h.reason := format('the queue was dropped: %s missing', v_missing);
    h.remedy := format('`select queues.create_queue(%L)`, or delete its row from queues.settings', h.queue);
    return h;
  end if;
  if v_ids is not null then
    h.reason := v_ids;
    h.remedy := format('`select queues.create_queue(%L)` moves it; so does the next message that is sent, unless the trigger '
      'keep_ids_fresh is missing', h.queue);
    return h;
  end if;
  if h.paused then
    h.verdict := 'ok';
    h.reason := queues.one_or_many(h.visible, 'paused, with %s visible message', 'paused, with %s visible messages');
    h.remedy := format('select queues.resume(%L)', h.queue);
    return h;
  end if;
  if p_settings.function_name is null then
    h.verdict := 'ok';
    select format('the database drains it at each tick, by queues.%s', k.function) into h.reason
    from queues.housekeeping k where k.drains = h.queue;
    h.reason := coalesce(h.reason, 'no function drains it: queues.settings.function_name is null');
    return h;
  end if;

  if v_tick_error is not null then
    h.reason := format('the last tick could not look at the queue: %s', v_tick_error);
    h.remedy := format('`select queues.dispatch_queue(%L)` shows the error; the next tick continues once it is fixed', h.queue);
    return h;
  end if;
  select * into v_problem from queues.clock_problem(h.queue);
  if v_problem.reason is not null then
    h.reason := v_problem.reason;
    h.remedy := v_problem.remedy;
    return h;
  end if;
  select * into v_problem from queues.pg_net_problem();
  if v_problem.problem is not null and h.visible > 0 then
    h.reason := format('its worker cannot be called: %s', v_problem.problem);
    h.remedy := v_problem.remedy;
    return h;
  end if;
  select * into v_problem from queues.held_up_calls(h.queue);
  if v_problem.reason is not null and h.visible > 0 then
    h.reason := v_problem.reason;
    h.remedy := v_problem.remedy;
    return h;
  end if;
  if h.visible > 0 and h.last_call_outcome <> 'accepted'
    -- Calls that pg_net lost when the server restarted are made again.
    and not (h.last_call_outcome = 'missing' and h.last_call_at < v_started_at)
  then
    h.reason := format('calls of its worker fail (%s): %s', h.last_call_outcome, h.last_call_error);
    h.remedy := queues.call_remedy(p_settings, h.last_call_outcome);
    return h;
  end if;
  v_dying := queues.dying_runs(p_settings);
  if v_dying is not null then
    h.reason := format('the last %s runs were killed before they could finish', v_dying);
    h.remedy := format('look for memory, CPU or time limits in the logs of the function `%s`; a smaller '
      'queues.settings.batch_size makes runs lighter', p_settings.function_name);
    return h;
  end if;
  if coalesce(h.visible + h.in_flight + h.delayed, 0) > 0 then
    select * into v_failing from queues.failing_runs(p_settings);
    if v_failing.runs is not null then
      h.reason := format('the last %s runs ended with an error, the last one with `%s`: %s', v_failing.runs,
        v_failing.stopped_because, left(v_failing.error, 500));
      h.remedy := case v_failing.error_code
        when 'misconfigured' then 'the database refuses what the worker asks for: correct what the error names, or deploy the '
          'migrations and functions of one version; the messages stay, and the next run continues'
        else 'fix the error; the messages stay, and the next run continues' end;
      return h;
    end if;
  end if;
  if h.failed_5_min >= c_few_tries and h.failed_5_min >= h.processed_5_min then
    v_rejected := queues.rejected_letters(p_settings);
    if h.failed_5_min - v_rejected >= greatest(c_few_tries, h.processed_5_min) then
      h.reason := format('%s of %s tries failed within 5 minutes, the last one with `%s`: %s',
        h.failed_5_min, h.failed_5_min + h.processed_5_min, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('fix the error; meanwhile, `select queues.pause(%L)` keeps messages from using up their retries, and '
        '`select * from queues.dead_letters(%L)` shows those given up', h.queue, h.queue);
      return h;
    end if;
    if v_rejected >= greatest(c_many_rejected, h.processed_5_min) then
      h.reason := format('%s messages were rejected within 5 minutes, the last one with `%s`: %s',
        v_rejected, h.last_error_code, left(h.last_error, 500));
      h.remedy := format('no retry can help: fix the producer, or deploy a worker that accepts them; `select * from '
        'queues.dead_letters(%L)` shows them, then queues.redrive or queues.discard', h.queue);
      return h;
    end if;
  end if;
  if v_waited_secs > v_late_secs and h.workers_active = 0 then
    v_unheard := queues.unheard_calls(p_settings, h.oldest_age_secs);
    if v_unheard >= c_unheard_calls then
      h.reason := format('its worker accepted %s calls while the oldest message waited for %s seconds, and none of the runs '
        'claimed anything', v_unheard, round(h.oldest_age_secs));
      h.remedy := format('the logs of the function `%s` say why it cannot claim', p_settings.function_name);
      return h;
    end if;
  end if;

  h.verdict := 'late';
  if v_waited_secs > v_late_secs then
    h.reason := queues.one_or_many(h.visible,
      '%s visible message has waited for %s seconds, with %s of %s workers active',
      'the oldest of %s visible messages has waited for %s seconds, with %s of %s workers active',
      round(h.oldest_age_secs)::text, h.workers_active::text, p_settings.max_workers::text);
    h.remedy := case when h.workers_active = 0
      then format('the next tick calls a worker; if that does not help, read the logs of the function `%s`',
        p_settings.function_name)
      else 'workers are draining it; a larger queues.settings.max_workers or batch_size drains it faster' end;
    return h;
  end if;

  h.verdict := 'ok';
  -- Of several remedies each shows where its statement begins and ends.
  select string_agg(n.reason, '; ' order by n.place), case when count(*) = 1 then min(n.remedy) else
    string_agg(case when strpos(n.remedy, '`') > 0 then n.remedy else format('`%s`', n.remedy) end, '; ' order by n.place) end
  into h.reason, h.remedy
  from queues.notes(h.queue, h.dead_letters) n;
  return h;
end $$;
comment on function queues.diagnose(queues.settings, queues.queue_health) is
  'Adds the verdict to the health of a queue, with its reason and remedy. Worse problems come first, and causes before '
  'their consequences.';
revoke all on function queues.diagnose(queues.settings, queues.queue_health) from public;

create function queues.health_of(p_settings queues.settings) returns queues.queue_health
language plpgsql
set search_path = ''
as $$
declare
  h queues.queue_health;
  v_hint text;
begin
  return queues.diagnose(p_settings, queues.measure(p_settings));
exception
  when others then
    get stacked diagnostics v_hint = pg_exception_hint;
    -- The others can be measured all the same.
    h.queue := p_settings.queue;
    h.verdict := 'failing';
    h.reason := format('the queue cannot be measured: %s', sqlerrm);
    h.remedy := coalesce(nullif(v_hint, ''),
      format('`select queues.measure(s) from queues.settings s where queue = %L` shows the error', h.queue));
    h.paused := p_settings.paused;
    return h;
end $$;
comment on function queues.health_of(queues.settings) is 'The health of a queue. An error becomes a verdict.';
revoke all on function queues.health_of(queues.settings) from public;

create function queues.health() returns setof queues.queue_health
language plpgsql
security definer
set search_path = ''
-- A lock on one queue must not hide the others.
set lock_timeout = '2s'
as $$
begin
  return query select h.* from queues.settings s cross join lateral queues.health_of(s) h order by s.queue;
end $$;
comment on function queues.health() is
  'One row per queue: its messages, throughput, failures, runs and calls, and a verdict (ok, late or failing) with the '
  'reason and the remedy. The cost does not depend on the size of the backlog.';
revoke all on function queues.health() from public;
grant execute on function queues.health() to service_role;
