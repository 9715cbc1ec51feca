-- Registering for pushes. Here and in queues.remove_gone_devices, profiles are locked before devices, so that concurrent
-- calls do not deadlock.

create function queues.device_token(p_provider text, p_token text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Hexadecimal digits, in upper case from some libraries.
  return case p_provider when 'apns' then lower(p_token) else p_token end;
end $$;
comment on function queues.device_token(text, text) is 'The one spelling of a token that is stored and compared.';
revoke all on function queues.device_token(text, text) from public;

create function queues.base64url_bytes(p_text text) returns integer
language plpgsql
immutable
set search_path = ''
as $$
declare
  v_text text := rtrim(p_text, '=');
begin
  if p_text !~ '^[A-Za-z0-9_-]+={0,2}$' then
    return null;
  end if;
  return length(decode(rpad(translate(v_text, '-_', '+/'), (length(v_text) + 3) / 4 * 4, '='), 'base64'));
exception
  when invalid_parameter_value then
    return null;
end $$;
comment on function queues.base64url_bytes(text) is
  'The number of bytes that a base64url text stands for; null if it is not base64url.';
revoke all on function queues.base64url_bytes(text) from public;

create function queues.check_device(p_provider text, p_token text, p_p256dh text, p_auth text, p_name text) returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_provider is null or p_provider not in ('fcm', 'apns', 'web_push') then
    perform queues.reject('p_provider', 'is not known', 'fcm, apns or web_push');
  end if;
  if p_token is null or length(p_token) not between 1 and 4096 or p_token ~ '[\u0001-\u001f\u007f-\u009f]' then
    perform queues.reject('p_token', 'is not a token', '1 to 4096 characters, none of them a control character');
  end if;
  if p_provider = 'apns' and p_token !~* '^([0-9a-f]{2})+$' then
    perform queues.reject(
      'p_token', 'is not an APNs token', 'the bytes of the device token as hexadecimal digits, without spaces');
  end if;
  if length(p_name) > 100 or p_name ~ '[\u0001-\u001f\u007f-\u009f]' then
    perform queues.reject('p_name', 'is not a name', 'at most 100 characters, none of them a control character');
  end if;

  if p_provider <> 'web_push' then
    if p_p256dh is not null then
      perform queues.reject('p_p256dh', 'does not apply to ' || p_provider, 'only web_push has keys');
    elsif p_auth is not null then
      perform queues.reject('p_auth', 'does not apply to ' || p_provider, 'only web_push has keys');
    end if;
    return;
  end if;
  if p_token !~* '^https://[^\s/?#@\\]+(/|$)' or p_token ~ '\s' then
    perform queues.reject('p_token', 'is not an https URL', 'the endpoint of the browser''s PushSubscription');
  end if;
  if queues.base64url_bytes(p_p256dh) is distinct from 65 then
    perform queues.reject('p_p256dh', 'is not 65 bytes in base64url', 'getKey("p256dh") of the PushSubscription');
  end if;
  if queues.base64url_bytes(p_auth) is distinct from 16 then
    perform queues.reject('p_auth', 'is not 16 bytes in base64url', 'getKey("auth") of the PushSubscription');
  end if;
end $$;
comment on function queues.check_device(text, text, text, text, text) is
  'Rejects a device that cannot receive pushes, with an error that names the field.';
revoke all on function queues.check_device(text, text, text, text, text) from public;

create function queues.register_device(p_provider text, p_token text, p_p256dh text, p_auth text, p_name text) returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_devices constant integer := 20;
  v_person uuid := queues.person();
  v_token text := queues.device_token(p_provider, p_token);
  v_id uuid;
begin
  perform queues.check_device(p_provider, p_token, p_p256dh, p_auth, p_name);
  -- One registration per person at a time, so that the limit below holds.
  perform from public.profiles where id = v_person for no key update;
  if p_provider = 'fcm' then
    perform queues.release_push_token(v_person, v_token);
  end if;

  -- The caller knows the token, so the device is theirs now, whoever had it before.
  insert into public.devices as d (profile_id, provider, token, p256dh, auth, name, last_seen_at)
  values (
    v_person, p_provider, v_token, rtrim(p_p256dh, '='), rtrim(p_auth, '='), nullif(btrim(p_name), ''), clock_timestamp())
  on conflict (provider, md5(token)) do update
    set profile_id = excluded.profile_id, p256dh = excluded.p256dh, auth = excluded.auth,
      last_seen_at = excluded.last_seen_at,
      name = case when d.profile_id = excluded.profile_id then coalesce(excluded.name, d.name) else excluded.name end,
      created_at = case when d.profile_id = excluded.profile_id then d.created_at else excluded.created_at end
  returning id into v_id;

  delete from public.devices where id in (
    select id from public.devices where profile_id = v_person and id <> v_id
    order by last_seen_at desc, id offset c_devices - 1);
  return v_id;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'register');
    return null;
end $$;
comment on function queues.register_device(text, text, text, text, text) is
  'See public.register_device, its only caller.';
revoke all on function queues.register_device(text, text, text, text, text) from public;
grant execute on function queues.register_device(text, text, text, text, text) to authenticated;

create function public.register_device(
  p_provider text, p_token text, p_p256dh text default null, p_auth text default null, p_name text default null
) returns uuid
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.register_device(p_provider, p_token, p_p256dh, p_auth, p_name);
end $$;
comment on function public.register_device(text, text, text, text, text) is
  'Registers a device for the caller''s pushes and returns its id: fcm or apns with the registration token, web_push '
  'with the endpoint and both keys of the subscription. Call it at each start of the app. A device of another person '
  'becomes the caller''s. The 20 devices of a person that were seen last are kept.';
revoke all on function public.register_device(text, text, text, text, text) from public, anon, authenticated, service_role;
grant execute on function public.register_device(text, text, text, text, text) to authenticated;

create function queues.unregister_device(p_provider text, p_token text) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.person();
  v_token text := queues.device_token(p_provider, p_token);
  v_found boolean;
begin
  perform from public.profiles where id = v_person for no key update;
  delete from public.devices
  where provider = p_provider and md5(token) = md5(v_token) and token = v_token and profile_id = v_person;
  v_found := found;
  -- Otherwise the token in the profile would still receive pushes.
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles set push_token = null where id = v_person and p_provider = 'fcm' and push_token = p_token;
  return v_found or found;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'unregister');
    return null;
end $$;
comment on function queues.unregister_device(text, text) is 'See public.unregister_device, its only caller.';
revoke all on function queues.unregister_device(text, text) from public;
grant execute on function queues.unregister_device(text, text) to authenticated;

create function public.unregister_device(p_provider text, p_token text) returns boolean
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.unregister_device(p_provider, p_token);
end $$;
comment on function public.unregister_device(text, text) is
  'Removes a device of the caller and returns whether there was one. Call it when a person signs out.';
revoke all on function public.unregister_device(text, text) from public, anon, authenticated, service_role;
grant execute on function public.unregister_device(text, text) to authenticated;
