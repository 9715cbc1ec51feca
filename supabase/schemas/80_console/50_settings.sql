-- The settings of a queue: their bounds, which are those of the constraints of the table, and changing them.

create function queues.setting_bounds() returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Names of functions belong to whoever deploys them.
  c_fixed constant text[] := array['queue', 'paused', 'function_name', 'claim_hook', 'dead_letter_hook'];
begin
  return (
    with texts as (
      select replace(pg_get_constraintdef(c.oid), '"', '') as text from pg_catalog.pg_constraint c
      where c.conrelid = 'queues.settings'::regclass and c.contype = 'c'
    ), numbers as (
      -- A constraint compares a setting with a number: (max_workers > 0), ((batch_size >= 1) AND (batch_size <= 1000)).
      select m[1] as setting, m[2] as operator, m[3]::bigint as number
      from texts t, regexp_matches(t.text, '\(([a-z_]+) (<=?|>=?) (\d+)\)', 'g') m
    ), bounds as (
      select * from numbers
      union all
      -- Or with another one: (backoff_cap_secs >= backoff_base_secs).
      select case n.operator when '>' then m[1] when '>=' then m[1] else m[2] end, n.operator, n.number
      from texts t, regexp_matches(t.text, '\(([a-z_]+) >= ([a-z_]+)\)', 'g') m
      join numbers n on n.setting = case when n.operator in ('>', '>=') then m[2] else m[1] end
    )
    select jsonb_object_agg(a.attname, jsonb_build_object(
      'type', case a.atttypid when 'boolean'::regtype then 'boolean' else 'integer' end,
      'default', nullif(pg_get_expr(d.adbin, d.adrelid), '')::jsonb,
      'nullable', not a.attnotnull,
      'min', (select max(number + (operator = '>')::integer) from bounds where setting = a.attname and operator in ('>', '>=')),
      'max', (select min(number - (operator = '<')::integer) from bounds where setting = a.attname and operator in ('<', '<=')),
      'means', col_description(a.attrelid, a.attnum)))
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'queues.settings'::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> all(c_fixed));
end $$;
comment on function queues.setting_bounds() is
  'The settings that an operator may change: {setting: {type, default, nullable, min, max, means}}, read from the table.';
revoke all on function queues.setting_bounds() from public;

create function queues.check_setting(p_setting text, p_bounds jsonb, p_value jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_value = 'null' then
    if (p_bounds ->> 'nullable')::boolean then
      return;
    end if;
    perform queues.reject('changes.' || p_setting, 'is null', 'this setting needs a value');
  elsif p_bounds ->> 'type' = 'boolean' then
    if jsonb_typeof(p_value) <> 'boolean' then
      perform queues.reject('changes.' || p_setting, 'is neither true nor false', 'JSON: true or false, without quotes');
    end if;
    return;
  elsif p_value::text !~ '^\d{1,18}$' then
    perform queues.reject('changes.' || p_setting, 'is not a whole number', 'JSON: digits, without quotes');
  end if;
  perform queues.check_range('changes.' || p_setting, p_value::text::numeric, (p_bounds ->> 'min')::numeric,
    coalesce((p_bounds ->> 'max')::numeric, 2147483647));
end $$;
comment on function queues.check_setting(text, jsonb, jsonb) is 'Rejects a value that its setting cannot have.';
revoke all on function queues.check_setting(text, jsonb, jsonb) from public;

create function queues.change_settings(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_bounds jsonb := queues.setting_bounds();
  v_queue text := queues.queue_argument(p_arguments);
  v_changes jsonb := p_arguments -> 'changes';
  v_expected jsonb := coalesce(p_arguments -> 'expected', '{}');
  v_old jsonb;
  v_new queues.settings;
  v_constraint text;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'changes', 'expected']);
  perform queues.check_keys('changes', v_changes, array(select jsonb_object_keys(v_bounds)));
  perform queues.check_keys('expected', v_expected, array(select jsonb_object_keys(v_bounds)));
  perform queues.check_setting(key, v_bounds -> key, value) from jsonb_each(v_changes);

  select s.* into v_new from queues.settings s where queue = v_queue for no key update;
  v_old := to_jsonb(v_new);
  if not v_old @> v_expected then
    raise sqlstate 'PT409' using
      message = format('the settings of queue `%s` were changed by somebody else meanwhile', v_queue), detail = 'settings_changed',
      hint = 'look at them again';
  end if;
  v_new := jsonb_populate_record(v_new, v_changes);
  update queues.settings set
    visibility_timeout_secs = v_new.visibility_timeout_secs, batch_size = v_new.batch_size, max_retries = v_new.max_retries,
    max_crashes = v_new.max_crashes, backoff_base_secs = v_new.backoff_base_secs, backoff_cap_secs = v_new.backoff_cap_secs,
    max_message_bytes = v_new.max_message_bytes, retention_days = v_new.retention_days, schedule_secs = v_new.schedule_secs,
    max_workers = v_new.max_workers, wakes = v_new.wakes, delivery_concurrency = v_new.delivery_concurrency
  where queue = v_queue;
  return (
    select jsonb_build_object('affected', count(*), 'before', coalesce(jsonb_object_agg(key, v_old -> key), '{}'),
      'after', coalesce(jsonb_object_agg(key, value), '{}'))
    from jsonb_each(v_changes) where v_old -> key is distinct from value);
exception
  -- What compares two settings.
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    perform queues.reject('changes', format('break the rule `%s`', v_constraint), 'change the settings that belong together at once');
    return null;
end $$;
comment on function queues.change_settings(jsonb) is
  'Changes settings of a queue: {queue, changes: {setting: value}, expected: {setting: value}}. If one of them is not as '
  'expected, nothing is changed. Returns {affected, before, after}; `before` as changes is the undo.';
revoke all on function queues.change_settings(jsonb) from public;
