-- What is to be known about the people who are told something.

create function queues.email_addresses(p_profiles uuid[]) returns table (profile_id uuid, email text)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
    select u.id, u.email::text from auth.users u
    where u.id = any(p_profiles) and u.email_confirmed_at is not null and u.email is not null;
exception
  when undefined_table or undefined_column or invalid_schema_name then
    return;
end $$;
comment on function queues.email_addresses(uuid[]) is
  'The addresses that people have confirmed. Nobody has one where Supabase Auth is missing.';
revoke all on function queues.email_addresses(uuid[]) from public;

create function queues.local_time(p_time_zone text) returns text
language plpgsql
set search_path = ''
as $$
begin
  return to_char(clock_timestamp() at time zone coalesce(p_time_zone, 'UTC'), 'HH24:MI:SS');
exception
  when invalid_parameter_value then
    return to_char(clock_timestamp() at time zone 'UTC', 'HH24:MI:SS');
end $$;
comment on function queues.local_time(text) is 'The time of day in a time zone; in UTC where there is no such zone.';
revoke all on function queues.local_time(text) from public;

create function queues.recipients(p_profiles uuid[]) returns table (
  profile_id uuid, language text, push_notifications boolean, email_notifications boolean, quiet jsonb, local_time text,
  push_token text)
language plpgsql
set search_path = ''
as $$
begin
  return query
    select p.id, p.language::text, coalesce(p.push_notifications, true), coalesce(p.email_notifications, true),
      -- Hours that end as they begin are a person's way to say: none for me.
      case when q.quiet_from <> q.quiet_until then jsonb_build_object('from', q.quiet_from, 'until', q.quiet_until) end,
      queues.local_time(p.time_zone::text), nullif(p.push_token::text, '')
    from public.profiles p
    cross join queues.notification_settings s
    cross join lateral (
      select p.quiet_from, p.quiet_until where p.quiet_from is not null and p.quiet_until is not null
      union all
      select s.quiet_from, s.quiet_until where p.quiet_from is null or p.quiet_until is null
    ) q
    where p.id = any(p_profiles);
end $$;
comment on function queues.recipients(uuid[]) is
  'How people would like to be told. What they did not say is yes; for quiet hours the default of queues.notification_settings.';
revoke all on function queues.recipients(uuid[]) from public;

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
      -- The token of before there were devices, unless it was registered since, by whomever.
      select null, 'fcm', '-infinity'
      where p_push_token is not null and not exists (
        select from public.devices d
        where d.provider = 'fcm' and md5(d.token) = md5(p_push_token) and d.token = p_push_token)
      order by last_seen_at desc, id
      limit c_devices
    ) latest);
end $$;
comment on function queues.devices_of(uuid, text) is
  'Where a person''s pushes go: the devices seen last, and the FCM token of their profile, which has no id.';
revoke all on function queues.devices_of(uuid, text) from public;
