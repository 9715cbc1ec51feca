-- Stand-in for pg_net, with the same tables and the one function that is used here;
-- net.ts sends the requests after commit, as the extension does. For development and tests only.
create schema net;
grant usage on schema net to postgres;

create unlogged table net.http_request_queue (
  id bigserial,
  method text not null,
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
create index on net._http_response (created);

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
  values ('POST', $1, '{"Content-Type": "application/json"}'::jsonb || coalesce($4, '{}'), convert_to($2::text, 'UTF8'), $5)
  returning id into v_id;
  -- Delivered at commit, as the extension wakes its worker.
  notify pg_net;
  return v_id;
end $$;

grant all on all tables in schema net to postgres;
revoke all on all functions in schema net from public;
grant execute on all functions in schema net to postgres;
