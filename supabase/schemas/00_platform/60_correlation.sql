-- The id of a request, by which what it caused is found again. It travels in the bodies of messages: the core passes fields that it
-- does not know on to the messages that a message causes, one by one, however many are handled at once.

create function queues.correlation_id() returns text
language plpgsql
set search_path = ''
as $$
declare
  c_setting constant text := 'queues.correlation_id';
  -- A UUID, or the trace id of a traceparent (W3C Trace Context). Nothing else: it is shown to others.
  c_id constant text := '^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$';
  v_id text := nullif(current_setting(c_setting, true), '');
  v_headers json := nullif(current_setting('request.headers', true), '')::json;
begin
  if v_id is not null or v_headers is null then
    return v_id;
  end if;
  v_id := lower((v_headers ->> 'x-correlation-id') collate "C");
  if (v_id ~ c_id) is not true then
    -- For people alone: a worker that settles acts for many requests at once.
    v_id := case when current_setting('role', true) in ('anon', 'authenticated') then gen_random_uuid()::text end;
  end if;
  perform set_config(c_setting, v_id, true);
  return v_id;
end $$;
comment on function queues.correlation_id() is
  'The id of the request that calls: its header x-correlation-id if that is a UUID or 32 hexadecimal digits, else a new one, the '
  'same for the whole transaction. Null for workers and for SQL that no request runs.';
revoke all on function queues.correlation_id() from public;
