-- What differs between queues is not in the engine: a feature registers functions by name, in rows that only the owner
-- writes. queues.effects, queues.settings, queues.housekeeping, queues.gauges and queues.console hold such rows.

create function queues.registered_function(p_kind text, p_key text, p_name text) returns regproc
language plpgsql
stable
set search_path = ''
as $$
declare
  v_arguments text;
  v_result text;
  v_function regproc;
begin
  select arguments, result into strict v_arguments, v_result
  from (values
    ('effect', 'jsonb', 'void'),
    ('claim_hook', 'jsonb', 'jsonb'),
    ('dead_letter_hook', 'jsonb', 'void'),
    ('fold', 'integer', 'integer'),
    ('gauge', '', 'jsonb'),
    ('action', 'jsonb', 'jsonb'),
    ('page', 'jsonb', 'jsonb'),
    ('hold', 'jsonb', 'boolean'),
    ('prune', 'integer', 'integer'),
    ('prune_queue', 'text, integer', 'integer'),
    -- The result of a report is not used.
    ('report', 'date', null)
  ) k (kind, arguments, result)
  where kind = p_kind;

  -- Looked up in the catalog, never parsed: a name can only be that of a function of this schema. Types are compared by
  -- their ids, because their names depend on settings of the session.
  select oid::regproc into v_function from pg_catalog.pg_proc
  where proname = p_name and pronamespace = 'queues'::regnamespace and proargtypes::text = array_to_string(string_to_array(v_arguments, ', ')::regtype[]::oid[], ' ')
    and prokind = 'f' and not proretset and (v_result is null or prorettype = v_result::regtype);
  if not found then
    raise sqlstate 'PT404' using
      message = format('%s `%s`: there is no function `queues.%s(%s)`%s', p_kind, left(p_key, 64), left(p_name, 64),
        v_arguments, ' that returns ' || v_result),
      hint = 'create the function, or correct the row that names it';
  end if;
  return v_function;
end $$;
comment on function queues.registered_function(text, text, text) is
  'The function of schema queues that a row names, with exactly the signature of its kind. Checked when the row is '
  'written and at each call; the error names the row. A worker treats the error as a misconfiguration, not as a '
  'failure of its messages.';
revoke all on function queues.registered_function(text, text, text) from public;
