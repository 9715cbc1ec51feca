-- The targets of pushes: one row per installed app or browser.

create table public.devices (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid not null references public.profiles (id) on delete cascade,
  provider text not null,
  token text not null,
  p256dh text,
  auth text,
  name text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),

  constraint provider_is_known check (provider in ('fcm', 'apns', 'web_push')),
  constraint token_has_a_length check (length(token) between 1 and 4096),
  constraint web_push_has_its_keys check (
    case provider when 'web_push' then p256dh is not null and auth is not null else p256dh is null and auth is null end),
  constraint name_is_short check (length(name) <= 100),
  -- Its spelling varies, and each device has one row.
  constraint apns_token_is_lower_case check (provider <> 'apns' or token = lower(token))
);
-- A token can be too long for an index entry.
create unique index devices_provider_token_idx on public.devices (provider, md5(token));
create index devices_profile_id_last_seen_at_idx on public.devices (profile_id, last_seen_at desc);
comment on table public.devices is
  'Apps and browsers that receive pushes. register_device and unregister_device write it.';
comment on column public.devices.token is
  'The registration token of the provider; for web_push the endpoint URL. Whoever knows it may be able to send to the '
  'device.';
comment on column public.devices.p256dh is 'web_push: the public key of the subscription.';
comment on column public.devices.auth is 'web_push: the shared secret of the subscription.';
comment on column public.devices.name is 'The name of the device in the app.';
comment on column public.devices.last_seen_at is 'When the app last registered it.';

alter table public.devices enable row level security;
revoke all on table public.devices from public, anon, authenticated, service_role;
-- By column: only the service reads tokens and keys.
grant select (id, provider, name, created_at, last_seen_at) on table public.devices to authenticated;
grant select on table public.devices to service_role;

create policy "people see their own devices" on public.devices
  for select to authenticated using (profile_id = (select queues.user_id()));

create function queues.devices_of(p_profile uuid, p_push_token text) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_devices constant integer := 20;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', id, 'provider', provider) order by last_seen_at desc, id), '[]')
    from (
      select d.id, d.provider, d.last_seen_at from public.devices d where d.profile_id = p_profile
      union all
      -- The token of an app that does not register devices, unless it has been registered since.
      select null, 'fcm', '-infinity'
      where p_push_token is not null and not queues.is_held_by_another(p_profile, p_push_token) and not exists (
        select from public.devices d
        where d.provider = 'fcm' and md5(d.token) = md5(p_push_token) and d.token = p_push_token)
      order by last_seen_at desc, id
      limit c_devices
    ) latest);
end $$;
comment on function queues.devices_of(uuid, text) is
  'The targets of a person''s pushes: the devices seen last, and the FCM token of their profile, which has no id.';
revoke all on function queues.devices_of(uuid, text) from public;
