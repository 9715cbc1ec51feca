-- The id of a request, by which what it caused is found again. It travels in the bodies of messages: the core passes fields that it
-- does not know on to the messages that a message causes, one by one, however many are handled at once.

create function queues.read_correlation_id(p_text text) returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- A UUID, or the trace id of a traceparent (W3C Trace Context). Nothing else: it is shown to others, and logged.
  c_id constant text := '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$';
  v_id text := lower(p_text collate "C");
begin
  return case when v_id ~ c_id then v_id end;
end $$;
comment on function queues.read_correlation_id(text) is 'A correlation id in lower case; null for what is none.';
revoke all on function queues.read_correlation_id(text) from public;

create function queues.correlation_id_of(p_message jsonb) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return queues.read_correlation_id(p_message #>> '{metadata,correlation_id}');
end $$;
comment on function queues.correlation_id_of(jsonb) is 'The id of the request that caused a message; null if it names none.';
revoke all on function queues.correlation_id_of(jsonb) from public;

create function queues.set_correlation_id(p_id text) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform set_config('queues.correlation_id', coalesce(p_id, ''), true);
end $$;
comment on function queues.set_correlation_id(text) is
  'What follows in this transaction is caused by the request with this id; with null, by the request that calls.';
revoke all on function queues.set_correlation_id(text) from public;

create function queues.correlation_id() returns text
language plpgsql
set search_path = ''
as $$
declare
  v_id text := nullif(current_setting('queues.correlation_id', true), '');
  v_headers json := nullif(current_setting('request.headers', true), '')::json;
begin
  if v_id is not null or v_headers is null then
    return v_id;
  end if;
  v_id := queues.read_correlation_id(v_headers ->> 'x-correlation-id');
  if v_id is null then
    -- For people alone: a worker that settles acts for many requests at once.
    v_id := case when current_setting('role', true) in ('anon', 'authenticated') then gen_random_uuid()::text end;
  end if;
  perform queues.set_correlation_id(v_id);
  return v_id;
end $$;
comment on function queues.correlation_id() is
  'The id of the request that calls: its header x-correlation-id if that is a UUID or 32 hexadecimal digits, else a new one, the '
  'same for the whole transaction. Null for workers and for SQL that no request runs.';
revoke all on function queues.correlation_id() from public;
