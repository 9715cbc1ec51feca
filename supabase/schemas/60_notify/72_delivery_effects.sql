-- The effects `deliveries` and `gone_devices`, and what a dead letter of a delivery causes.

create function queues.record_deliveries(p_deliveries jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- A key that may be null may also be absent.
  c_text_or_null constant text := '^($|null$|")';
begin
  perform queues.check_items('effects.deliveries', p_deliveries, jsonb_build_object(
    'id', '^"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"$',
    'status', '^"(pending|sending|sent|skipped|failed)"$', 'reason', c_text_or_null,
    'provider', c_text_or_null, 'provider_message_id', c_text_or_null, 'is_uncertain', '^(|null|true|false)$'));
  with answers as materialized (
    select distinct on (id) *
    from rows from (jsonb_to_recordset(p_deliveries) as (
      id uuid, status text, reason text, provider text, provider_message_id text, is_uncertain boolean))
      with ordinality as a (id, status, reason, provider, provider_message_id, is_uncertain, place)
    order by id, place desc
  ),
  -- In the order of the ids, so that two settlements or claims with the same rows cannot deadlock.
  locked as materialized (
    select d.id from queues.notification_deliveries d
    -- A sent delivery stays sent, whatever a second message of it says.
    where d.id in (select id from answers) and d.status not in ('sent', 'skipped')
    order by d.id for update
  )
  update queues.notification_deliveries d
  set status = a.status,
    reason = left(a.reason, 500),
    provider = coalesce(a.provider, d.provider),
    provider_message_id = coalesce(left(a.provider_message_id, 500), d.provider_message_id),
    -- Workers of older versions do not say.
    is_uncertain = a.status = 'failed' and coalesce(a.is_uncertain, true),
    settled_at = case when a.status in ('sent', 'skipped', 'failed') then clock_timestamp() end
  from locked join answers a using (id)
  where d.id = locked.id;
end $$;
comment on function queues.record_deliveries(jsonb) is
  'Records the outcome of deliveries [{id, status, reason, provider, provider_message_id, is_uncertain}]. Unknown ids '
  'are skipped. is_uncertain: a failed delivery may have been accepted.';
revoke all on function queues.record_deliveries(jsonb) from public;

create function queues.remove_gone_devices(p_devices jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_id constant text := '"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"';
begin
  perform queues.check_items('effects.gone_devices', p_devices, jsonb_build_object(
    'recipient_id', format('^%s$', c_id), 'device_id', format('^(|null|%s)$', c_id), 'token', '^"'));

  -- Profiles before devices, like queues.register_device.
  perform from public.profiles
  where id = any(array(select recipient_id from jsonb_to_recordset(p_devices) as g (recipient_id uuid)))
  order by id for no key update;

  -- Only if the token is still the rejected one: the device may have registered again since.
  delete from public.devices
  where id = any(array(
    select d.id
    from public.devices d
    join jsonb_to_recordset(p_devices) as g (device_id uuid, token text) on d.id = g.device_id and d.token = g.token
    order by d.id for update of d));

  perform set_config('search_path', queues.app_search_path(), true);
  -- Also if a device had the rejected token: without its row, the token of the profile would be used instead.
  update public.profiles
  set push_token = null
  where id = any(array(
    select p.id
    from public.profiles p
    join jsonb_to_recordset(p_devices) as g (recipient_id uuid, token text)
      on p.id = g.recipient_id and p.push_token = g.token
    order by p.id for no key update of p));
end $$;
comment on function queues.remove_gone_devices(jsonb) is
  'Removes tokens [{recipient_id, device_id, token}] that a provider no longer knows, unless they were replaced since.';
revoke all on function queues.remove_gone_devices(jsonb) from public;

create function queues.fail_deliveries(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  with given_up as materialized (
    select distinct on (id) id, m ->> 'code' as code
    from jsonb_array_elements(p_messages) m
    cross join lateral unnest(queues.delivery_ids(jsonb_build_array(m))) id
    order by id, m -> 'msg_id' desc
  ),
  -- In the order of the ids, as everywhere.
  locked as materialized (
    select d.id, d.status from queues.notification_deliveries d
    -- The worker's own effects, which come first, usually say more than is known here.
    where d.id in (select id from given_up) and d.status in ('pending', 'sending')
    order by d.id for update
  )
  update queues.notification_deliveries d
  set status = 'failed',
    reason = coalesce(g.code, 'dead_lettered'),
    is_uncertain = locked.status = 'sending',
    settled_at = clock_timestamp()
  from locked join given_up g using (id)
  where d.id = locked.id;
end $$;
comment on function queues.fail_deliveries(jsonb) is
  'The dead-letter hook of the queue deliveries: the deliveries that messages [{msg_id, message, code}] name have '
  'failed, unless they are settled. One that was being sent may have been accepted.';
revoke all on function queues.fail_deliveries(jsonb) from public;
