-- What operators read: one function of the API for all pages. A page is a row that names its function, so that each is
-- behind the same check of the role, and a feature adds its own.

create table queues.console (
  kind text not null,
  key text not null,
  function text not null,
  purpose text not null,
  primary key (kind, key),

  constraint kind_is_known check (kind in ('page', 'action')),
  constraint key_is_a_name check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint function_is_a_name check (function ~ '^[a-z][a-z0-9_]{0,62}$')
);
comment on table queues.console is 'The pages and actions of the console. Only the owner adds rows.';
comment on column queues.console.function is
  'A function (jsonb) returns jsonb of schema queues. It is given the arguments and checks them.';
revoke all on table queues.console from public, anon, authenticated, service_role;

create function queues.check_console() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function(new.kind, new.key, new.function) where new.kind in ('page', 'action');
  return new;
end $$;
comment on function queues.check_console() is 'Rejects a page or an action whose function does not exist.';
revoke all on function queues.check_console() from public;

create trigger check_console before insert or update on queues.console
  for each row execute function queues.check_console();

create function queues.console_function(p_kind text, p_key text) returns regproc
language plpgsql
stable
set search_path = ''
as $$
declare
  v_function text := (select function from queues.console where kind = p_kind and key = p_key);
begin
  if v_function is null then
    raise sqlstate 'PT404' using
      message = format('there is no %s `%s`', p_kind, left(p_key, 64)),
      hint = format('known: %s', (select string_agg(key, ', ' order by key) from queues.console where kind = p_kind));
  end if;
  return queues.registered_function(p_kind, p_key, v_function);
end $$;
comment on function queues.console_function(text, text) is 'The function of a page or an action. Raises PT404 if there is none.';
revoke all on function queues.console_function(text, text) from public;

create function queues.operator_page(p_page text, p_arguments jsonb) returns jsonb
language plpgsql
security definer
set search_path = ''
-- Better no answer than one that keeps an operator waiting.
set lock_timeout = '2s'
as $$
declare
  v_page jsonb;
begin
  perform queues.operator();
  execute format('select %s($1)', queues.console_function('page', p_page)) into v_page using coalesce(p_arguments, '{}');
  return v_page || jsonb_build_object('now', clock_timestamp());
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    raise sqlstate 'PT409' using
      message = format('the page `%s` waits for a lock of another transaction', left(p_page, 64)), hint = 'repeat the same call';
end $$;
comment on function queues.operator_page(text, jsonb) is 'See public.operator_page, its only caller.';
revoke all on function queues.operator_page(text, jsonb) from public;
grant execute on function queues.operator_page(text, jsonb) to authenticated;

create function public.operator_page(p_page text, p_arguments jsonb default '{}') returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.operator_page(p_page, p_arguments);
end $$;
comment on function public.operator_page(text, jsonb) is
  'For operators: a page of the console, with the arguments that docs/operate.md lists. Changes nothing.';
revoke all on function public.operator_page(text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.operator_page(text, jsonb) to authenticated;
