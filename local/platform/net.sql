-- Stand-in for pg_net 0.20, with the same tables and the functions that are used here; net.ts sends the requests after
-- commit, as the extension does. For development and tests only.
create schema net;
grant usage on schema net to postgres;

create domain net.http_method as text check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

-- Unlogged: after a crash of the server they are empty, and ids begin at 1 again.
create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);
create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
-- The only index: none on the id.
create index on net._http_response (created);

create function net.check_url(url text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  -- The extension parses the URL in the caller's transaction.
  if url ~ '[[:cntrl:][:space:]]' or url !~* '^[a-z][a-z0-9+.-]*://[^/?#]+' then
    raise exception 'URL using bad/illegal format or missing URL' using errcode = 'internal_error';
  end if;
  return url;
end $$;

create function net.http_post(
  url text,
  body jsonb default '{}',
  params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds integer default 5000
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id bigint;
begin
  if params <> '{}' then raise exception 'this stand-in for pg_net takes no params'; end if;
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values ('POST', net.check_url($1), '{"Content-Type": "application/json"}'::jsonb || coalesce($4, '{}'),
    convert_to($2::text, 'UTF8'), $5)
  returning id into v_id;
  -- Delivered at commit, as the extension wakes its worker.
  notify pg_net;
  return v_id;
end $$;

-- The worker reads the request to restart between two batches, so it does not end one that is stalled.
create function net.worker_restart() returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  notify pg_net;
  return true;
end $$;

grant all on all tables in schema net to postgres;
grant all on all sequences in schema net to postgres;
revoke all on all functions in schema net from public;
grant execute on all functions in schema net to postgres;
