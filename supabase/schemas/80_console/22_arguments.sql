-- The arguments of pages and actions.

create function queues.text_argument(p_arguments jsonb, p_key text, p_pattern text default '^.{1,200}$') returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  if not p_arguments ? p_key or p_arguments -> p_key = 'null' then
    return null;
  end if;
  if jsonb_typeof(p_arguments -> p_key) <> 'string' or p_arguments ->> p_key !~ p_pattern then
    perform queues.reject(p_key, 'is not valid', format('a text that matches %s', p_pattern));
  end if;
  return p_arguments ->> p_key;
end $$;
comment on function queues.text_argument(jsonb, text, text) is 'A text; null if it is absent. Rejects what does not match the pattern.';
revoke all on function queues.text_argument(jsonb, text, text) from public;

create function queues.id_argument(p_arguments jsonb, p_key text) returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
  return queues.text_argument(p_arguments, p_key, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')::uuid;
end $$;
comment on function queues.id_argument(jsonb, text) is 'A UUID; null if it is absent. Rejects what is none.';
revoke all on function queues.id_argument(jsonb, text) from public;

create function queues.number_argument(
  p_arguments jsonb, p_key text, p_default numeric, p_min numeric, p_max numeric
) returns numeric
language plpgsql
immutable
set search_path = ''
as $$
begin
  if not p_arguments ? p_key or p_arguments -> p_key = 'null' then
    return p_default;
  end if;
  if jsonb_typeof(p_arguments -> p_key) <> 'number' or (p_arguments ->> p_key)::numeric not between p_min and p_max then
    perform queues.reject(p_key, format('is not a number between %s and %s', p_min, p_max), 'omit it for the default');
  end if;
  return (p_arguments ->> p_key)::numeric;
end $$;
comment on function queues.number_argument(jsonb, text, numeric, numeric, numeric) is
  'A number; the default if it is absent. Rejects what is out of range.';
revoke all on function queues.number_argument(jsonb, text, numeric, numeric, numeric) from public;

create function queues.queue_argument(p_arguments jsonb) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (queues.settings_of(coalesce(queues.text_argument(p_arguments, 'queue'), ''))).queue;
end $$;
comment on function queues.queue_argument(jsonb) is 'The queue. Raises PT404 if it is unknown.';
revoke all on function queues.queue_argument(jsonb) from public;

create function queues.place_of(p_at timestamptz, p_id text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return format('%s.%s', (extract(epoch from p_at) * 1000000)::bigint, p_id);
end $$;
comment on function queues.place_of(timestamptz, text) is
  'The place of a row in a list: <microseconds since 1970>.<id>. Clients must not rely on the format.';
revoke all on function queues.place_of(timestamptz, text) from public;

create function queues.place_argument(p_arguments jsonb, p_key text, p_id_pattern text, out at timestamptz, out id text)
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_place text := queues.text_argument(p_arguments, p_key);
  v_parts text[] := regexp_match(v_place, format('^(\d{1,17})\.(%s)$', p_id_pattern));
begin
  if v_place is not null and v_parts is null then
    perform queues.reject(p_key, 'is not a place in this list', 'pass the `next` of the previous page, or nothing for the first');
  end if;
  at := timestamptz '1970-01-01 00:00:00Z' + v_parts[1]::bigint * interval '1 microsecond';
  id := v_parts[2];
end $$;
comment on function queues.place_argument(jsonb, text, text) is 'The time and id of a place in a list; null for its beginning.';
revoke all on function queues.place_argument(jsonb, text, text) from public;
