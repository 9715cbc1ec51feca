-- A device token has one holder, the latest. Otherwise the pushes of a person who signed out of a phone would go to whoever
-- uses it now.

create index profiles_push_token_idx on public.profiles (md5(push_token)) where push_token is not null;

create function queues.release_push_token(p_holder uuid, p_token text) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Another statement, so that it sees the holder that the lock waited for.
  perform pg_advisory_xact_lock(hashtextextended('queues.push_token', 0) # hashtextextended(p_token, 0));
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles
  set push_token = null
  where id = any(array(
    select id from public.profiles
    where md5(push_token) = md5(p_token) and push_token = p_token and id <> p_holder
    order by id for no key update));
end $$;
comment on function queues.release_push_token(uuid, text) is 'Removes an FCM token from the profiles of all but its holder.';
revoke all on function queues.release_push_token(uuid, text) from public;

create function queues.take_push_token() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Profiles before devices, as queues.register_device locks them.
  perform queues.release_push_token(new.id, new.push_token);
  delete from public.devices
  where provider = 'fcm' and md5(token) = md5(new.push_token) and token = new.push_token and profile_id <> new.id;
  return null;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'set the token');
    return null;
end $$;
comment on function queues.take_push_token() is
  'Makes the profile whose push_token is written its only holder, also if another person registered it as a device.';
revoke all on function queues.take_push_token() from public;

-- Also if the token stays the same: an app that writes it at each start takes it back from others.
create trigger take_push_token after insert or update of push_token on public.profiles
  for each row when (new.push_token is not null) execute function queues.take_push_token();

create function queues.is_held_by_another(p_profile uuid, p_push_token text) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
      select from public.devices
      where provider = 'fcm' and md5(token) = md5(p_push_token) and token = p_push_token and profile_id <> p_profile)
    -- Profiles that were written before the trigger: nobody knows who was the latest.
    or exists (
      select from public.profiles
      where md5(push_token) = md5(p_push_token) and push_token = p_push_token and id <> p_profile);
end $$;
comment on function queues.is_held_by_another(uuid, text) is
  'Whether the FCM token of a profile may be the device of another person.';
revoke all on function queues.is_held_by_another(uuid, text) from public;
