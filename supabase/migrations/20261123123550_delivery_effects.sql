-- What a settlement of deliveries brings about: the ledger, devices that are gone, and the providers' breakers.

create function queues.record_deliveries(p_deliveries jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  with answers as materialized (
    select distinct on (id) *
    from rows from (jsonb_to_recordset(p_deliveries) as (
      id uuid, status text, reason text, provider text, provider_message_id text))
      with ordinality as a (id, status, reason, provider, provider_message_id, place)
    order by id, place desc
  ),
  -- In the order of the key, so that two settlements or claims with the same rows cannot deadlock.
  locked as materialized (
    select d.id from queues.notification_deliveries d
    -- What was sent stays sent, whatever becomes of a second message about it.
    where d.id in (select id from answers) and d.status not in ('sent', 'skipped')
    order by d.id for update
  )
  update queues.notification_deliveries d
  set status = a.status,
    reason = left(a.reason, 500),
    provider = coalesce(a.provider, d.provider),
    provider_message_id = coalesce(left(a.provider_message_id, 500), d.provider_message_id),
    settled_at = case when a.status in ('sent', 'skipped', 'failed') then clock_timestamp() end
  from locked join answers a using (id)
  where d.id = locked.id;
end $$;
comment on function queues.record_deliveries(jsonb) is
  'Notes what became of deliveries [{id, status, reason, provider, provider_message_id}]; ids that are gone are passed over.';
revoke all on function queues.record_deliveries(jsonb) from public;

create function queues.remove_gone_devices(p_devices jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
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
comment on function queues.remove_gone_devices(jsonb) is
  'Forgets tokens [{recipient_id, device_id, token}] that a provider no longer knows; those replaced since are left.';
revoke all on function queues.remove_gone_devices(jsonb) from public;

create function queues.update_breakers(p_breakers jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_breaker record;
begin
  for v_breaker in
    select *
    from jsonb_to_recordset(p_breakers) as b (
      provider text, version bigint, failures integer, trips integer, open_secs integer, reason text)
    -- In the order of the key, so that two settlements cannot deadlock.
    order by provider
  loop
    update queues.circuit_breakers set
      version = version + 1,
      failures = v_breaker.failures,
      trips = v_breaker.trips,
      open_until = v_now + make_interval(secs => v_breaker.open_secs),
      probe_until = null,
      reason = left(v_breaker.reason, 500),
      updated_at = v_now
    where provider = v_breaker.provider and version = v_breaker.version;
  end loop;
end $$;
comment on function queues.update_breakers(jsonb) is
  'Sets breakers [{provider, version, failures, trips, open_secs, reason}], each only if nobody changed it since its '
  'version was read: what a worker decided upon an older state is of no use.';
revoke all on function queues.update_breakers(jsonb) from public;
