-- Checks of input. An error names the field.

create function queues.check_keys(p_field text, p_value jsonb, p_known text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_unknown text;
begin
  if jsonb_typeof(p_value) is distinct from 'object' then
    perform queues.reject(p_field, 'is not an object', format('known keys: %s', array_to_string(p_known, ', ')));
  end if;
  select min(key) into v_unknown from jsonb_object_keys(p_value - p_known) key;
  if v_unknown is not null then
    perform queues.reject(
      format('%s.%s', p_field, left(v_unknown, 64)), 'is not known',
      format('known keys: %s', array_to_string(p_known, ', ')));
  end if;
end $$;
comment on function queues.check_keys(text, jsonb, text[]) is
  'Rejects a value that is not an object, or has unknown keys.';
revoke all on function queues.check_keys(text, jsonb, text[]) from public;

create function queues.check_array(p_field text, p_value jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  if jsonb_typeof(p_value) <> 'array' then
    perform queues.reject(p_field, 'is not an array', 'leave the key out if there is nothing to list');
  end if;
end $$;
comment on function queues.check_array(text, jsonb) is 'Rejects a value that is neither an array nor absent.';
revoke all on function queues.check_array(text, jsonb) from public;

create function queues.check_rows(p_field text, p_rows jsonb, p_keys text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_bad record;
begin
  perform queues.check_array(p_field, p_rows);
  select place - 1 as place, value into v_bad
  from jsonb_array_elements(p_rows) with ordinality r (value, place)
  where case when jsonb_typeof(value) = 'object' then value - p_keys <> '{}' else true end
  limit 1;
  if found then
    perform queues.check_keys(format('%s[%s]', p_field, v_bad.place), v_bad.value, p_keys);
  end if;
end $$;
comment on function queues.check_rows(text, jsonb, text[]) is
  'Rejects a value that is not an array of objects with known keys.';
revoke all on function queues.check_rows(text, jsonb, text[]) from public;

create function queues.check_items(p_field text, p_items jsonb, p_patterns jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_bad record;
begin
  perform queues.check_rows(p_field, p_items, array(select jsonb_object_keys(p_patterns)));

  select place - 1 as place, key, pattern into v_bad
  from jsonb_array_elements(p_items) with ordinality i (item, place)
  cross join jsonb_each_text(p_patterns) p (key, pattern)
  where coalesce((item -> key)::text, '') !~ pattern
  limit 1;
  if found then
    perform queues.reject(
      format('%s[%s].%s', p_field, v_bad.place, v_bad.key), 'is missing or has a wrong type',
      format('its JSON must match %s', v_bad.pattern));
  end if;
end $$;
comment on function queues.check_items(text, jsonb, jsonb) is
  'Rejects a value that is not an array of objects whose values, written as JSON, match the pattern of their key. The '
  'pattern of an optional key matches the empty string.';
revoke all on function queues.check_items(text, jsonb, jsonb) from public;

create function queues.check_range(p_field text, p_value numeric, p_min numeric, p_max numeric) returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_value is null or p_value not between p_min and p_max then
    perform queues.reject(p_field, format('is not between %s and %s', p_min, p_max), 'omit it for the default');
  end if;
end $$;
comment on function queues.check_range(text, numeric, numeric, numeric) is 'Rejects null and a number out of range.';
revoke all on function queues.check_range(text, numeric, numeric, numeric) from public;

create function queues.time_literal(p_time timestamptz) returns text
language plpgsql
stable
set search_path = ''
-- As text, a time depends on DateStyle, and its zone may have no unambiguous name.
set datestyle = 'ISO'
set timezone = 'UTC'
as $$
begin
  return format('%L::timestamptz', p_time);
end $$;
comment on function queues.time_literal(timestamptz) is
  'A time as SQL that means the same in every session, for a statement that cannot take it as a parameter.';
revoke all on function queues.time_literal(timestamptz) from public;

create function queues.refuse_session_id(p_session_id text) returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_session_id is null or p_session_id !~ '\S' or length(p_session_id) > 128 then
    return jsonb_build_object(
      'success', false, 'error', 'The session id must have 1 to 128 characters.', 'code', 'invalid_session_id');
  end if;
  return null;
end $$;
comment on function queues.refuse_session_id(text) is
  'The answer to a call of a client with this session id, a random text that the app keeps; null if it can be one.';
revoke all on function queues.refuse_session_id(text) from public;
