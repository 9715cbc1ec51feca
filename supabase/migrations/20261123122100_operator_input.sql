-- What the functions for operators are given, checked the same way in each.

create function queues.existing_queue(p_queue text) returns queues.settings
language plpgsql
stable
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_missing text := queues.missing_tables(p_queue);
begin
  if v_missing is not null then
    raise sqlstate 'PT404' using
      message = format('queue `%s` was dropped: %s missing', p_queue, v_missing),
      hint = format('select queues.create_queue(%L), or delete its row from queues.settings', p_queue);
  end if;
  return v_settings;
end $$;
comment on function queues.existing_queue(text) is
  'The settings of a queue; one that is unknown, or was dropped by hand, is an error of its own.';
revoke all on function queues.existing_queue(text) from public;

create function queues.check_range(p_field text, p_value numeric, p_min numeric, p_max numeric) returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_value is null or p_value not between p_min and p_max then
    perform queues.reject(p_field, format('is not between %s and %s', p_min, p_max), 'leave it out for the default');
  end if;
end $$;
comment on function queues.check_range(text, numeric, numeric, numeric) is 'Refuses a number out of its range, and null.';
revoke all on function queues.check_range(text, numeric, numeric, numeric) from public;
