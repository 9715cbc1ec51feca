-- Whoever changes a person's devices and profile locks the profile first: registering, signing out, and a token that is gone
-- may come together, and are not to wait for each other in a circle.

create or replace function queues.remove_gone_devices(p_devices jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- A person before their devices, as those do who register one.
  perform from public.profiles
  where id = any(array(select recipient_id from jsonb_to_recordset(p_devices) as g (recipient_id uuid)))
  order by id for no key update;

  -- Only while the token is still the one that was refused: the device may have registered anew since.
  delete from public.devices
  where id = any(array(
    select d.id
    from public.devices d
    join jsonb_to_recordset(p_devices) as g (device_id uuid, token text) on d.id = g.device_id and d.token = g.token
    order by d.id for update of d));

  -- Also where the refused token was a device's: without its row, the profile's token would be tried in its place.
  update public.profiles
  set push_token = null
  where id = any(array(
    select p.id
    from public.profiles p
    join jsonb_to_recordset(p_devices) as g (recipient_id uuid, token text)
      on p.id = g.recipient_id and p.push_token = g.token
    order by p.id for no key update of p));
end $$;

create or replace function queues.unregister_device(p_provider text, p_token text) returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.person();
  v_found boolean;
begin
  perform from public.profiles where id = v_person for no key update;
  delete from public.devices
  where provider = p_provider and md5(token) = md5(p_token) and token = p_token and profile_id = v_person;
  v_found := found;
  -- Or it would go on by the token of before there were devices.
  update public.profiles set push_token = null where id = v_person and p_provider = 'fcm' and push_token = p_token;
  return v_found or found;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'unregister');
    return null;
end $$;
