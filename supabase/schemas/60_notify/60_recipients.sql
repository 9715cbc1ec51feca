-- What a worker needs to know about the recipients of notifications.

create function queues.email_addresses(p_profiles uuid[]) returns table (profile_id uuid, email text)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
    select u.id, u.email::text from auth.users u
    where u.id = any(p_profiles) and u.email_confirmed_at is not null and u.email::text ~ '^[^@\s]+@[^@\s]+$'
      -- Supabase Auth keeps people who were deleted softly. Older versions lack the column.
      and to_jsonb(u) ->> 'deleted_at' is null;
exception
  when undefined_table or undefined_column or invalid_schema_name then
    return;
end $$;
comment on function queues.email_addresses(uuid[]) is
  'Confirmed email addresses of people who are not deleted. Without Supabase Auth there are none.';
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
comment on function queues.local_time(text) is 'The time of day in a time zone; in UTC if the zone is unknown.';
revoke all on function queues.local_time(text) from public;

create function queues.recipients(p_profiles uuid[]) returns table (
  profile_id uuid, language text, push_notifications boolean, email_notifications boolean, quiet jsonb, local_time text,
  push_token text)
language plpgsql
set search_path = ''
as $$
declare
  -- The constraints of profiles, for tables that the app made without them. octet_length does not read a long value.
  c_token_bytes constant integer := 4096;
  c_word_chars constant integer := 100;
  c_off constant text := '^(false|f|no|n|off|0|none|never)$';
  c_time constant text := '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$';
begin
  return query
    select p.id, left(p.language::text, c_word_chars), coalesce(p.push_notifications, true), coalesce(p.email_notifications, true),
      -- Equal times turn quiet hours off.
      case when q.quiet_from <> q.quiet_until then jsonb_build_object('from', q.quiet_from, 'until', q.quiet_until) end,
      queues.local_time(left(p.time_zone::text, c_word_chars)),
      case when octet_length(p.push_token::text) between 1 and c_token_bytes then p.push_token::text end
    from public.profiles p
    cross join queues.notification_settings s
    cross join lateral (
      select p.quiet_from, p.quiet_until where p.quiet_from is not null and p.quiet_until is not null
      union all
      select s.quiet_from, s.quiet_until where p.quiet_from is null or p.quiet_until is null
    ) q
    where p.id = any(p_profiles);
exception
  -- An app may rename a preference, or change its type: the others are kept, and a channel that was turned off stays off.
  when undefined_column or undefined_function or datatype_mismatch or cannot_coerce then
    return query
      select p.id, left(own.row ->> 'language', c_word_chars),
        own.row ->> 'push_notifications' ~* c_off is not true, own.row ->> 'email_notifications' ~* c_off is not true,
        case when q.quiet_from <> q.quiet_until then jsonb_build_object('from', q.quiet_from, 'until', q.quiet_until) end,
        queues.local_time(left(own.row ->> 'time_zone', c_word_chars)),
        case when octet_length(own.row ->> 'push_token') between 1 and c_token_bytes then own.row ->> 'push_token' end
      from public.profiles p
      cross join lateral (select to_jsonb(p) as row) own
      cross join queues.notification_settings s
      cross join lateral (
        select own.row ->> 'quiet_from' ~ c_time and own.row ->> 'quiet_until' ~ c_time as has_own
      ) k
      cross join lateral (
        select case when k.has_own then (own.row ->> 'quiet_from')::time else s.quiet_from end as quiet_from,
          case when k.has_own then (own.row ->> 'quiet_until')::time else s.quiet_until end as quiet_until
      ) q
      where p.id = any(p_profiles);
end $$;
comment on function queues.recipients(uuid[]) is
  'The preferences of people. Unset channels are on; unset quiet hours are those of queues.notification_settings.';
revoke all on function queues.recipients(uuid[]) from public;

create function queues.usernames(p_profiles uuid[]) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Bounds the work for absurdly long names.
  c_read constant integer := 1000;
begin
  return (
    select coalesce(jsonb_object_agg(id, left(username::text, c_read)), '{}')
    from public.profiles where id = any(p_profiles) and username is not null);
exception
  -- An app may rename it: people are then told of someone.
  when undefined_column then
    return jsonb_build_object();
end $$;
comment on function queues.usernames(uuid[]) is 'The names of people by profile, as they wrote them.';
revoke all on function queues.usernames(uuid[]) from public;

create function queues.named_profiles(p_messages jsonb, p_field text) returns uuid[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- The forms of a uuid that the core accepts. In Turkish, the lower case of `URN:UUID` has another letter.
  c_uuid constant text := '^(?:urn:uuid:)?\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?$';
begin
  return array(
    select distinct substring(lower((m.item -> 'message' ->> p_field) collate "C") from c_uuid)::uuid
    from jsonb_array_elements(p_messages) m (item)
    where lower((m.item -> 'message' ->> p_field) collate "C") ~ c_uuid);
end $$;
comment on function queues.named_profiles(jsonb, text) is
  'The profiles that messages name in a field. What is not the id of one is skipped.';
revoke all on function queues.named_profiles(jsonb, text) from public;

create function queues.notification_context(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_profiles uuid[] := queues.named_profiles(p_messages, 'recipient_id');
  v_actors uuid[] := queues.named_profiles(p_messages, 'actor_profile_id');
begin
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object('coalesce_secs', coalesce_secs, 'email_delay_secs', email_delay_secs)
      from queues.notification_settings),
    'actors', queues.usernames(v_actors),
    'silenced', queues.silenced(v_profiles, v_actors),
    'recipients', (
      select coalesce(jsonb_object_agg(r.profile_id, jsonb_build_object(
        'language', r.language,
        'push_notifications', r.push_notifications,
        'email_notifications', r.email_notifications,
        'has_email', e.email is not null,
        'devices', queues.devices_of(r.profile_id, r.push_token),
        'quiet', r.quiet,
        'local_time', r.local_time)), '{}')
      from queues.recipients(v_profiles) r
      left join queues.email_addresses(v_profiles) e on e.profile_id = r.profile_id));
end $$;
comment on function queues.notification_context(jsonb) is
  'The claim hook of the queue notifications: returns the settings, the names of actors, of whom recipients are not to hear, and the recipients that exist. Accepts any message.';
revoke all on function queues.notification_context(jsonb) from public;
