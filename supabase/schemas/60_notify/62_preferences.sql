-- Notification preferences, which are private to their person.

create function queues.check_preferences(p_preferences jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- As browsers, phones and POSIX spell it: es-MX, es_MX, es_MX.UTF-8, zh-Hant-TW, es-u-nu-latn.
  c_locale constant text := '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,8}([.@][A-Za-z0-9._@=;-]{1,40})?$';
  v_key text;
begin
  perform queues.check_keys('p_preferences', p_preferences, array[
    'language', 'time_zone', 'quiet_from', 'quiet_until', 'push_notifications', 'email_notifications']);

  if p_preferences ? 'language' and coalesce(p_preferences ->> 'language', '') !~ c_locale then
    perform queues.reject('p_preferences.language', 'is not a language', 'as in en, es, es-AR or es_MX');
  end if;
  if p_preferences ->> 'time_zone' is not null
    and not exists (select from pg_catalog.pg_timezone_names where name = p_preferences ->> 'time_zone') then
    perform queues.reject('p_preferences.time_zone', 'is not a time zone', 'as in America/Mexico_City; null for UTC');
  end if;
  foreach v_key in array array['quiet_from', 'quiet_until'] loop
    if p_preferences ->> v_key !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$' then
      perform queues.reject('p_preferences.' || v_key, 'is not a time of day', 'as in 22:30');
    end if;
  end loop;
  foreach v_key in array array['push_notifications', 'email_notifications'] loop
    if jsonb_typeof(p_preferences -> v_key) <> 'boolean' then
      perform queues.reject('p_preferences.' || v_key, 'is neither true nor false', 'leave it out to keep its value');
    end if;
  end loop;
end $$;
comment on function queues.check_preferences(jsonb) is
  'Rejects invalid preferences with an error that names the field.';
revoke all on function queues.check_preferences(jsonb) from public;

create function queues.notification_preferences() returns json
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.person();
begin
  return (
    select json_build_object(
      'language', p.language, 'time_zone', p.time_zone, 'quiet_from', p.quiet_from, 'quiet_until', p.quiet_until,
      'push_notifications', coalesce(p.push_notifications, true),
      'email_notifications', coalesce(p.email_notifications, true))
    from public.profiles p where p.id = v_person);
end $$;
comment on function queues.notification_preferences() is 'See public.notification_preferences, its only caller.';
revoke all on function queues.notification_preferences() from public;
grant execute on function queues.notification_preferences() to authenticated;

create function public.notification_preferences() returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return queues.notification_preferences();
end $$;
comment on function public.notification_preferences() is
  'The preferences of the caller: {language, time_zone, quiet_from, quiet_until, push_notifications, '
  'email_notifications}.';
revoke all on function public.notification_preferences() from public, anon, authenticated, service_role;
grant execute on function public.notification_preferences() to authenticated;

create function queues.set_notification_preferences(p_preferences jsonb) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.person();
  v_from time;
  v_until time;
begin
  perform queues.check_preferences(p_preferences);

  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles p set
    language = case when p_preferences ? 'language' then p_preferences ->> 'language' else p.language end,
    time_zone = case when p_preferences ? 'time_zone' then p_preferences ->> 'time_zone' else p.time_zone end,
    quiet_from = case when p_preferences ? 'quiet_from' then (p_preferences ->> 'quiet_from')::time else p.quiet_from end,
    quiet_until = case when p_preferences ? 'quiet_until' then (p_preferences ->> 'quiet_until')::time else p.quiet_until end,
    push_notifications = coalesce((p_preferences ->> 'push_notifications')::boolean, p.push_notifications),
    email_notifications = coalesce((p_preferences ->> 'email_notifications')::boolean, p.email_notifications)
  where p.id = v_person
  returning p.quiet_from, p.quiet_until into v_from, v_until;

  if (v_from is null) <> (v_until is null) then
    perform queues.reject(
      'p_preferences.' || case when v_from is null then 'quiet_from' else 'quiet_until' end, 'is missing',
      'quiet hours have a beginning and an end: set both to the same time for none, both to null for the default');
  end if;
  return queues.notification_preferences();
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('notifications', 'set the preferences');
    return null;
end $$;
comment on function queues.set_notification_preferences(jsonb) is
  'See public.set_notification_preferences, its only caller.';
revoke all on function queues.set_notification_preferences(jsonb) from public;
grant execute on function queues.set_notification_preferences(jsonb) to authenticated;

create function public.set_notification_preferences(p_preferences jsonb) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.set_notification_preferences(p_preferences);
end $$;
comment on function public.set_notification_preferences(jsonb) is
  'Changes the given preferences of the caller, keeps the others, and returns all of them.';
revoke all on function public.set_notification_preferences(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.set_notification_preferences(jsonb) to authenticated;
