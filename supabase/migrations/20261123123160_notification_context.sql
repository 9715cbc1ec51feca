create function queues.notification_context(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- The ways in which the core reads a uuid. What it refuses finds nobody here.
  c_uuid constant text := '^(?:urn:uuid:)?\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?$';
  v_profiles uuid[];
begin
  v_profiles := array(
    select distinct lower(substring(lower(m.item -> 'message' ->> 'recipient_id') from c_uuid))::uuid
    from jsonb_array_elements(p_messages) m (item)
    where lower(m.item -> 'message' ->> 'recipient_id') ~ c_uuid);

  return jsonb_build_object(
    'settings', (
      select jsonb_build_object('coalesce_secs', coalesce_secs, 'email_delay_secs', email_delay_secs)
      from queues.notification_settings),
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
  'What the core is told with a claim of the queue notifications: the settings, and the recipients that there are. Whatever '
  'a message holds, it is answered.';
revoke all on function queues.notification_context(jsonb) from public;
