-- pg_net, which makes the calls, if the project has it. It is shared by the whole project: it sends in batches, each in
-- one transaction, and a request stays in its queue until the slowest of its batch has ended.

create function queues.pg_net_problem(out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
begin
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    problem := 'pg_net is not enabled';
    remedy := 'create extension pg_net';
  elsif to_regclass('net.http_request_queue') is null or to_regclass('net._http_response') is null then
    problem := 'tables of pg_net are missing';
    remedy := 'drop extension pg_net cascade; create extension pg_net';
  end if;
end $$;
comment on function queues.pg_net_problem() is 'Why no worker can be called, and what to do about it; null if pg_net is there.';
revoke all on function queues.pg_net_problem() from public;

create function queues.project_access(out url text, out key text, out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
declare
  c_update constant text := 'select vault.update_secret((select id from vault.secrets where name = %L), %L)';
  v_secret record;
begin
  select p.problem, p.remedy into problem, remedy from queues.pg_net_problem() p;
  if problem is not null then
    return;
  end if;

  -- A problem is told without the value: somebody may have mixed up the two secrets.
  select * into v_secret from queues.read_secret('queues_project_url');
  url := rtrim(v_secret.secret, '/');
  if url is null then
    problem := v_secret.problem;
    remedy := v_secret.remedy;
    return;
  elsif url !~* '^https?://[a-z0-9.:_\[\]-]+(/[!-~]*)?$' then
    problem := 'the secret `queues_project_url` is not a URL that begins with https://';
    remedy := format(c_update, 'queues_project_url', 'https://….supabase.co');
    return;
  end if;

  select * into v_secret from queues.read_secret('queues_secret_key');
  key := v_secret.secret;
  if key is null then
    problem := v_secret.problem;
    remedy := v_secret.remedy;
  elsif key !~ '^[!-~]+$' then
    problem := 'the secret `queues_secret_key` contains characters that no key has';
    remedy := format(c_update, 'queues_secret_key', 'sb_secret_…');
  end if;
end $$;
comment on function queues.project_access() is
  'The URL and the key with which workers are called; or why none can be called, and what to do about it.';
revoke all on function queues.project_access() from public;

create function queues.open_calls(p_queue text) returns table (
  id bigint, requested_at timestamptz, is_waiting boolean, is_answered boolean, status_code integer, timed_out boolean,
  error_msg text, content text, run_id uuid
)
language plpgsql
stable
set search_path = ''
-- Whatever the statistics say, never scan the responses of the whole project.
set enable_seqscan = off
as $$
declare
  -- A batch that is under way may have begun a moment before the call was made.
  c_begun_earlier constant interval := interval '1 second';
  c_content_chars constant integer := 1000;
  v_open bigint[];
  v_since timestamptz;
  v_waiting bigint[] := array[]::bigint[];
  v_answers jsonb := jsonb_build_array();
begin
  select array_agg(d.request_id), min(d.requested_at) - c_begun_earlier into v_open, v_since
  from queues.dispatches d where d.queue = p_queue and d.outcome is null;
  if v_open is null then
    return;
  end if;
  begin
    select coalesce(array_agg(q.id), '{}') into v_waiting
    from net.http_request_queue q
    -- After a crash of the database, pg_net counts from 1 again: the request may be somebody else's.
    where q.id = any(v_open) and strpos(q.url, '/functions/v1/') > 0;
    -- The responses have an index on `created` only.
    with found as materialized (
      select r.id, r.created, r.status_code, r.timed_out, r.error_msg, left(r.content, c_content_chars) as content
      from net._http_response r
      where r.created >= v_since and r.id = any(v_open)
    )
    select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'status_code', f.status_code, 'timed_out', f.timed_out,
      'error_msg', f.error_msg, 'content', f.content)), '[]') into v_answers
    from queues.dispatches d
    join found f on f.id = d.request_id and f.created >= d.requested_at - c_begun_earlier
    where d.queue = p_queue and d.outcome is null;
  exception
    when undefined_table or invalid_schema_name then
      -- Without pg_net there is no answer. queues.pg_net_problem says so.
      v_waiting := array[]::bigint[];
      v_answers := jsonb_build_array();
  end;

  return query
  select distinct on (d.id) d.id, d.requested_at, a.id is null and d.request_id = any(v_waiting), a.id is not null, a.status_code,
    coalesce(a.timed_out, false), a.error_msg, a.content,
    case when a.status_code between 200 and 299 then
      substring(a.content from '"runId" *: *"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')::uuid end
  from queues.dispatches d
  left join jsonb_to_recordset(v_answers) as a (
    id bigint, status_code integer, timed_out boolean, error_msg text, content text) on a.id = d.id
  where d.queue = p_queue and d.outcome is null
  order by d.id;
end $$;
comment on function queues.open_calls(text) is
  'The calls of a worker whose outcome is not recorded yet: whether they wait in pg_net''s queue or are being sent, and '
  'the answer if there is one, with the run that the worker named in it.';
revoke all on function queues.open_calls(text) from public;
