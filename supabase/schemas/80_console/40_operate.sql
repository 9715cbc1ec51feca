-- What operators do: one function of the API for all actions, so that none escapes the check of the role and the log.

create function queues.operate(p_action text, p_arguments jsonb, p_dry_run boolean) returns jsonb
language plpgsql
security definer
set search_path = ''
set lock_timeout = '3s'
as $$
declare
  -- What an edited message may have, and a list of the ids of 10000.
  c_bytes constant integer := 1024 * 1024;
  v_operator uuid := queues.operator();
  v_function regproc := queues.console_function('action', p_action);
  v_result jsonb;
begin
  if jsonb_typeof(p_arguments) is distinct from 'object' then
    perform queues.reject('p_arguments', 'is not an object', 'docs/operate.md lists the arguments of each action');
  end if;
  if octet_length(p_arguments::text) > c_bytes then
    perform queues.reject('p_arguments', format('has more than %s bytes', c_bytes), 'act on fewer messages at once');
  end if;

  -- A dry run does it and takes it back, so that it cannot say anything else than the action does.
  begin
    execute format('select %s($1)', v_function) into v_result using p_arguments;
    if p_dry_run is distinct from false then
      raise sqlstate 'QUNDO' using message = 'a dry run';
    end if;
  exception
    when sqlstate 'QUNDO' then
      return v_result || jsonb_build_object('action', p_action, 'dry_run', true);
  end;

  insert into queues.operator_log (operator_id, action, queue, arguments, affected, result)
  values (v_operator, p_action, p_arguments ->> 'queue', p_arguments, (v_result ->> 'affected')::bigint, v_result - 'affected');
  return v_result || jsonb_build_object('action', p_action, 'dry_run', false);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise sqlstate 'PT409' using
      message = format('the action `%s` waits for a lock of another transaction: nothing was changed', left(p_action, 64)),
      hint = 'repeat the same call';
end $$;
comment on function queues.operate(text, jsonb, boolean) is 'See public.operate, its only caller.';
revoke all on function queues.operate(text, jsonb, boolean) from public;
grant execute on function queues.operate(text, jsonb, boolean) to authenticated;

create function public.operate(p_action text, p_arguments jsonb, p_dry_run boolean default true) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.operate(p_action, p_arguments, p_dry_run);
end $$;
comment on function public.operate(text, jsonb, boolean) is
  'For operators: does what docs/operate.md lists and writes it to the log. As a dry run, which is the default, it changes '
  'nothing and returns the same answer: {affected: how many, …}.';
revoke all on function public.operate(text, jsonb, boolean) from public, anon, authenticated, service_role;
grant execute on function public.operate(text, jsonb, boolean) to authenticated;
