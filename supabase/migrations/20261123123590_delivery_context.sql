-- What a worker is told about the deliveries that it claimed.

create function queues.delivery_ids(p_messages jsonb) returns uuid[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_uuid constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
begin
  return array(
    select id
    from (
      select (m ->> 'msg_id')::bigint as msg_id,
        case when jsonb_typeof(m #> '{message,delivery_id}') = 'string' and m #>> '{message,delivery_id}' ~ c_uuid
          then (m #>> '{message,delivery_id}')::uuid end as id
      from jsonb_array_elements(p_messages) m
      -- A worker refuses other versions without looking for their delivery.
      where coalesce(m #> '{message,v}', '1') = '1'
    ) named
    where id is not null
    group by id
    order by min(msg_id));
end $$;
comment on function queues.delivery_ids(jsonb) is
  'The deliveries that messages name, each once, in the order of the messages. What names none is passed over.';
revoke all on function queues.delivery_ids(jsonb) from public;

create function queues.delivery_context(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.notification_settings;
  v_claimed queues.claimed_delivery[];
  v_deliveries jsonb;
  v_providers text[];
begin
  select * into v_settings from queues.notification_settings;
  v_claimed := array(select c from queues.claim_deliveries(queues.delivery_ids(p_messages)) c);

  select
    coalesce(jsonb_object_agg(c.id, jsonb_build_object(
      'status', c.status,
      'channel', c.channel,
      'age_secs', c.age_secs,
      'tries', c.tries,
      'notification', jsonb_build_object(
        'id', n.id,
        'type', n.type,
        'title', n.title,
        'body', n.body,
        'url', n.url,
        'data', n.data,
        'actor_count', n.actor_count,
        'is_read', n.read_at is not null,
        'is_withdrawn', n.withdrawn_at is not null),
      'recipient', jsonb_build_object(
        'id', p.id,
        'language', p.language,
        'push_notifications', coalesce(p.push_notifications, true),
        'email_notifications', coalesce(p.email_notifications, true),
        'email', address.email,
        'unsubscribe_token', case when address.email is not null then queues.unsubscribe_token(p.id) end,
        'quiet', case
          when p.quiet_from is not null and p.quiet_until is not null
            then jsonb_build_object('from', p.quiet_from, 'until', p.quiet_until)
          when v_settings.quiet_from is not null
            then jsonb_build_object('from', v_settings.quiet_from, 'until', v_settings.quiet_until) end,
        'local_time', queues.local_time(p.time_zone),
        'sent_last_hour', c.sent_last_hour),
      'device', case
        when device.id is not null then jsonb_build_object(
          'id', device.id, 'provider', device.provider, 'token', device.token, 'p256dh', device.p256dh, 'auth', device.auth)
        when own.token is not null then jsonb_build_object(
          'id', null, 'provider', 'fcm', 'token', own.token, 'p256dh', null, 'auth', null) end)), '{}')
  into v_deliveries
  from unnest(v_claimed) c
  join public.notifications n on n.id = c.notification_id
  join public.profiles p on p.id = c.recipient_id
  -- A device or token that somebody else uses by now is gone for this person.
  left join public.devices device on device.id = c.device_id and device.profile_id = c.recipient_id
  left join lateral (
    select p.push_token
    where c.channel = 'push' and c.device_id is null and not exists (
      select from public.devices d
      where d.provider = 'fcm' and md5(d.token) = md5(p.push_token) and d.token = p.push_token and d.profile_id <> p.id)
  ) own (token) on true
  left join lateral (select case c.channel when 'email' then queues.email_of(p.id) end offset 0) address (email) on true;

  -- Only what is still to be sent needs its provider; which one an email has the worker alone knows.
  select array_agg(distinct provider) into v_providers
  from unnest(v_claimed) c
  cross join lateral unnest(case c.channel
    when 'email' then array['resend', 'sendgrid']
    else array[v_deliveries #>> array[c.id::text, 'device', 'provider']] end) provider
  where c.is_open and v_deliveries #> array[c.id::text, 'notification', 'is_withdrawn'] = 'false';

  return jsonb_build_object(
    'settings', jsonb_build_object(
      'hourly_caps', jsonb_build_object('push', v_settings.hourly_cap_push, 'email', v_settings.hourly_cap_email),
      'max_age_secs', v_settings.max_age_secs,
      'breaker_failures', v_settings.breaker_failures,
      'breaker_base_secs', v_settings.breaker_base_secs,
      'breaker_cap_secs', v_settings.breaker_cap_secs),
    'breakers', queues.breakers_for(v_providers),
    'deliveries', v_deliveries);
end $$;
comment on function queues.delivery_context(jsonb) is
  'Claims the deliveries that messages name, and answers all that a worker needs to know to make them: {settings, breakers, '
  'deliveries: {id: {status, channel, age_secs, tries, notification, recipient, device}}}. A message that names none, or '
  'one that is gone, has no entry.';
revoke all on function queues.delivery_context(jsonb) from public;
