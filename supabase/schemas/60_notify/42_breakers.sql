-- Circuit breakers: nothing is sent for a while to a provider that keeps failing, or to one push service of the browsers.

create table queues.circuit_breakers (
  provider text not null,
  version bigint not null default 0,
  failures integer not null default 0,
  trips integer not null default 0,
  open_until timestamptz,
  probe_until timestamptz,
  reason text,
  updated_at timestamptz not null default now(),
  service text not null default '',

  primary key (provider, service),
  constraint service_is_a_host check (service ~ '^[a-z0-9.:\[\]-]{0,255}$'),
  constraint counts_are_not_negative check (version >= 0 and failures >= 0 and trips >= 0)
);
comment on table queues.circuit_breakers is 'One row per provider of pushes and emails, and one per push service of the browsers that has failed of late.';
comment on column queues.circuit_breakers.service is
  'The host of a push service; empty for the provider as a whole.';
comment on column queues.circuit_breakers.version is
  'Grows with each change. A worker changes a breaker only if the version is still the one it read.';
comment on column queues.circuit_breakers.failures is 'Failures in a row.';
comment on column queues.circuit_breakers.trips is 'How many times in a row it was opened.';
comment on column queues.circuit_breakers.open_until is 'Nothing is sent until then; null while closed.';
comment on column queues.circuit_breakers.probe_until is 'Until then one worker has the permit to probe the provider.';
comment on column queues.circuit_breakers.reason is 'Why it was opened.';
revoke all on table queues.circuit_breakers from public, anon, authenticated, service_role;

create function queues.push_service(p_provider text, p_token text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return coalesce(case when p_provider = 'web_push' then
    regexp_replace(substring(p_token from '^https?://([a-z0-9.:\[\]-]{1,255})/'), ':443$', '') end, '');
end $$;
comment on function queues.push_service(text, text) is
  'The host of a browser''s push service, which has a circuit breaker of its own; empty for devices of other providers.';
revoke all on function queues.push_service(text, text) from public;

create function queues.breakers_for(p_providers text[], p_services text[] default '{}') returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- After this time, the permit of a worker that has ended is free again.
  c_permit constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_permits queues.circuit_breakers[];
begin
  with due as materialized (
    select provider, service from queues.circuit_breakers
    where (service = '' and provider = any(p_providers) or service <> '' and service = any(p_services))
      and open_until <= v_now and (probe_until <= v_now) is not false
    -- If the row is locked, another claim is taking the permit or a settlement sets the breaker.
    order by provider, service for update skip locked
  ), permitted as (
    update queues.circuit_breakers b set probe_until = v_now + c_permit
    from due where b.provider = due.provider and b.service = due.service
    returning b
  )
  select array_agg(b) into v_permits from permitted;

  return (
    with wanted as (
      select provider, '' as service from unnest(p_providers) provider
      union
      select 'web_push', service from unnest(p_services) service where service <> ''
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', w.provider,
      'version', coalesce(b.version, 0),
      'failures', coalesce(b.failures, 0),
      'trips', coalesce(b.trips, 0),
      'open_secs', case when b.open_until is not null then greatest(0, ceil(extract(epoch from b.open_until - v_now))) end,
      'may_probe', p.provider is not null,
      'reason', b.reason
    ) || case when w.service = '' then '{}' else jsonb_build_object('service', w.service) end
    order by w.provider, w.service), '[]')
    from wanted w
    left join queues.circuit_breakers b using (provider, service)
    left join unnest(v_permits) p using (provider, service)
    -- A push service that has not failed has no row.
    where b.provider is not null or w.service <> '');
end $$;
comment on function queues.breakers_for(text[], text[]) is
  'Breakers of providers, and of push services: [{provider, service, version, failures, trips, open_secs, may_probe, '
  'reason}]; without service it is that of the provider as a whole. open_secs is null '
  'while closed, and 0 after open_until: then one claim at a time may probe, and a permit that its worker neither used '
  'nor gave back is free again after 30 seconds.';
revoke all on function queues.breakers_for(text[], text[]) from public;

create function queues.update_breakers(p_breakers jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_breaker record;
begin
  perform queues.check_items('effects.breakers', p_breakers, jsonb_build_object(
    'provider', '^".{1,50}"$', 'service', '^(|"[a-z0-9.:\[\]-]{1,255}")$', 'version', '^\d{1,18}$', 'failures', '^\d{1,9}$', 'trips', '^\d{1,9}$',
    'open_secs', '^(|null|\d{1,7})$', 'reason', '^($|null$|")'));
  -- In the order of the key, so that two settlements cannot deadlock.
  insert into queues.circuit_breakers (provider, service)
  select 'web_push', service from jsonb_to_recordset(p_breakers) as b (provider text, service text, version bigint)
  where provider = 'web_push' and service <> '' and version = 0
  order by service
  on conflict do nothing;

  for v_breaker in
    select b.*, coalesce(b.service, '') as at_service
    from jsonb_to_recordset(p_breakers) as b (
      provider text, service text, version bigint, failures integer, trips integer, open_secs integer, reason text)
    order by provider, at_service
  loop
    update queues.circuit_breakers set
      version = version + 1,
      failures = v_breaker.failures,
      trips = v_breaker.trips,
      open_until = v_now + make_interval(secs => v_breaker.open_secs),
      probe_until = null,
      reason = left(v_breaker.reason, 500),
      updated_at = v_now
    where provider = v_breaker.provider and service = v_breaker.at_service and version = v_breaker.version;
  end loop;
end $$;
comment on function queues.update_breakers(jsonb) is
  'Sets breakers [{provider, service, version, failures, trips, open_secs, reason}], each only if its version is still the '
  'given one.';
revoke all on function queues.update_breakers(jsonb) from public;

create function queues.prune_breakers(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_kept constant interval := interval '1 day';
  v_removed integer;
begin
  delete from queues.circuit_breakers
  where (provider, service) in (
    select provider, service from queues.circuit_breakers
    where service <> '' and updated_at < clock_timestamp() - c_kept and (open_until < clock_timestamp()) is not false
    limit p_limit for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_breakers(integer) is
  'Removes breakers of push services that nothing was sent to for a day, or that work.';
revoke all on function queues.prune_breakers(integer) from public;
