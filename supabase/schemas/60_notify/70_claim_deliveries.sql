-- Claiming deliveries. From its claim until its settlement, it is unknown whether a delivery was made.

create type queues.claimed_delivery as (
  id uuid,
  is_open boolean,
  status text,
  channel text,
  notification_id uuid,
  recipient_id uuid,
  device_id uuid,
  age_secs integer,
  tries integer,
  sent_last_hour integer
);
comment on type queues.claimed_delivery is
  'A delivery as its claim found it. is_open: it was claimed, because it was not final.';

create function queues.claim_deliveries(p_ids uuid[]) returns setof queues.claimed_delivery
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz;
begin
  -- One claim per person at a time, so that each sees the deliveries of earlier claims within the hour.
  -- In the order of the keys, so that two claims cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct hashtextextended('queues.deliveries', 0) # hashtextextended(recipient_id::text, 0) as key
    from queues.notification_deliveries
    where id = any(p_ids) and status not in ('sent', 'skipped')
    order by key
  ) recipients;

  -- A new statement: it must see what was committed by the transactions that the previous one waited for.
  v_now := clock_timestamp();
  return query
  with before as materialized (
    select d.*, n.place, d.status not in ('sent', 'skipped') as is_open
    from queues.notification_deliveries d
    join unnest(p_ids) with ordinality n (id, place) on d.id = n.id
    order by d.id for update of d
  ), earlier as (
    select b.recipient_id, b.channel, (
        select count(*) from queues.notification_deliveries h
        where h.recipient_id = b.recipient_id and h.channel = b.channel and h.claimed_at > v_now - interval '1 hour'
          and h.status in ('sending', 'sent')
          and h.id <> all(array(select open.id from before open where open.is_open))) as sent
    from before b
    where b.is_open
    group by b.recipient_id, b.channel
  ), claimed as (
    update queues.notification_deliveries d
    set status = 'sending',
      reason = null,
      provider = coalesce(device.provider, d.provider),
      tries = d.tries + 1,
      uncertain_tries = d.uncertain_tries + (b.status = 'sending' or b.is_uncertain)::integer,
      is_uncertain = false,
      claimed_at = v_now,
      settled_at = null
    from before b left join public.devices device on device.id = b.device_id
    where d.id = b.id and b.is_open
  )
  select b.id, b.is_open,
    -- A failed delivery is in its queue again after a redrive.
    case b.status when 'failed' then 'pending' else b.status end,
    b.channel, b.notification_id, b.recipient_id, b.device_id,
    greatest(0, extract(epoch from v_now - b.created_at))::integer,
    b.tries,
    case when b.is_open
      then e.sent + count(*) filter (where b.is_open) over (partition by b.recipient_id, b.channel order by b.place) - 1
      else 0 end::integer
  from before b
  left join earlier e on e.recipient_id = b.recipient_id and e.channel = b.channel;
end $$;
comment on function queues.claim_deliveries(uuid[]) is
  'Claims deliveries in the given order and returns their previous state. One that was being sent, or failed without a '
  'definite answer, may have been sent: that counts as an uncertain try. Sent and skipped ones do not change. '
  'sent_last_hour counts the deliveries of the same person and channel that are sent or being sent within the hour, '
  'and those before it in p_ids.';
revoke all on function queues.claim_deliveries(uuid[]) from public;

create function queues.delivery_ids(p_messages jsonb) returns uuid[]
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- The forms of a uuid that the core accepts.
  c_uuid constant text := '^(?:urn:uuid:)?\{?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})\}?$';
begin
  return array(
    select id
    from (
      select (m ->> 'msg_id')::bigint as msg_id,
        substring(lower((m #>> '{message,delivery_id}') collate "C") from c_uuid)::uuid as id
      from jsonb_array_elements(p_messages) m
      -- A worker rejects other versions without looking up their delivery.
      where coalesce(m #> '{message,v}', '1') = '1'
    ) named
    where id is not null
    group by id
    order by min(msg_id));
end $$;
comment on function queues.delivery_ids(jsonb) is
  'The deliveries that messages name, each once, in the order of the messages. Messages that name none are skipped.';
revoke all on function queues.delivery_ids(jsonb) from public;

create function queues.claim_named_deliveries(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.notification_settings;
  v_claimed queues.claimed_delivery[];
  v_recipients uuid[];
  v_deliveries jsonb;
  v_providers text[];
  v_services text[];
begin
  select * into v_settings from queues.notification_settings;
  v_claimed := array(select c from queues.claim_deliveries(queues.delivery_ids(p_messages)) c);
  v_recipients := array(select distinct recipient_id from unnest(v_claimed));

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
        'id', r.profile_id,
        'language', r.language,
        'push_notifications', r.push_notifications,
        'email_notifications', r.email_notifications,
        'email', e.email,
        'unsubscribe_token', case when e.email is not null then queues.unsubscribe_token(r.profile_id) end,
        'quiet', r.quiet,
        'local_time', r.local_time,
        'sent_last_hour', c.sent_last_hour),
      'about', case when c.is_open and c.channel = 'email' then queues.email_details(n.data, r.profile_id) end,
      'service', queues.push_service(device.provider, device.token),
      'device', case
        when device.id is not null then jsonb_build_object(
          'id', device.id, 'provider', device.provider, 'token', device.token, 'p256dh', device.p256dh, 'auth', device.auth)
        when own.token is not null then jsonb_build_object(
          'id', null, 'provider', 'fcm', 'token', own.token, 'p256dh', null, 'auth', null) end)), '{}')
  into v_deliveries
  from unnest(v_claimed) c
  join public.notifications n on n.id = c.notification_id
  join queues.recipients(v_recipients) r on r.profile_id = c.recipient_id
  left join queues.email_addresses(v_recipients) e on e.profile_id = c.recipient_id and c.channel = 'email'
  -- Devices and tokens that somebody else has registered since are left out.
  left join public.devices device on device.id = c.device_id and device.profile_id = c.recipient_id
  left join lateral (
    select r.push_token
    where c.channel = 'push' and c.device_id is null and not queues.is_held_by_another(r.profile_id, r.push_token)
  ) own (token) on true;

  -- Only deliveries that may be sent need a provider. Only the worker knows which one emails use.
  select array_agg(distinct provider), array_agg(distinct v_deliveries #>> array[c.id::text, 'service'])
  into v_providers, v_services
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
    'breakers', queues.breakers_for(v_providers, v_services),
    'deliveries', v_deliveries);
end $$;
comment on function queues.claim_named_deliveries(jsonb) is
  'The claim hook of the queue deliveries: claims the deliveries that messages name, and returns what a worker needs '
  'to make them, {settings, breakers, deliveries: {id: {status, channel, age_secs, tries, notification, recipient, '
  'about, service, device}}}. A message that names none, or one that is gone, has no entry.';
revoke all on function queues.claim_named_deliveries(jsonb) from public;
