-- Circuit breakers: nothing is sent for a while to a provider that keeps failing.

create table queues.circuit_breakers (
  provider text primary key,
  version bigint not null default 0,
  failures integer not null default 0,
  trips integer not null default 0,
  open_until timestamptz,
  probe_until timestamptz,
  reason text,
  updated_at timestamptz not null default now(),

  constraint counts_are_not_negative check (version >= 0 and failures >= 0 and trips >= 0)
);
comment on table queues.circuit_breakers is 'One row per provider of pushes and emails.';
comment on column queues.circuit_breakers.version is
  'Grows with each change. A worker changes a breaker only if the version is still the one it read.';
comment on column queues.circuit_breakers.failures is 'Failures in a row.';
comment on column queues.circuit_breakers.trips is 'How many times in a row it was opened.';
comment on column queues.circuit_breakers.open_until is 'Nothing is sent until then; null while closed.';
comment on column queues.circuit_breakers.probe_until is 'Until then one worker has the permit to probe the provider.';
comment on column queues.circuit_breakers.reason is 'Why it was opened.';
revoke all on table queues.circuit_breakers from public, anon, authenticated, service_role;

create function queues.breakers_for(p_providers text[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- After this time, the permit of a worker that has ended is free again.
  c_permit constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_permits text[];
begin
  with due as materialized (
    select provider from queues.circuit_breakers
    where provider = any(p_providers) and open_until <= v_now and (probe_until <= v_now) is not false
    -- If the row is locked, another claim is taking the permit or a settlement sets the breaker.
    order by provider for update skip locked
  ), permitted as (
    update queues.circuit_breakers b set probe_until = v_now + c_permit
    from due where b.provider = due.provider
    returning b.provider
  )
  select array_agg(provider) into v_permits from permitted;

  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', provider,
      'version', version,
      'failures', failures,
      'trips', trips,
      'open_secs', case when open_until is not null then greatest(0, ceil(extract(epoch from open_until - v_now))) end,
      'may_probe', coalesce(provider = any(v_permits), false),
      'reason', reason
    ) order by provider), '[]')
    from queues.circuit_breakers
    where provider = any(p_providers));
end $$;
comment on function queues.breakers_for(text[]) is
  'Breakers of providers: [{provider, version, failures, trips, open_secs, may_probe, reason}]. open_secs is null '
  'while closed, and 0 after open_until: then one claim at a time may probe, and a permit that its worker neither used '
  'nor gave back is free again after 30 seconds.';
revoke all on function queues.breakers_for(text[]) from public;

create function queues.update_breakers(p_breakers jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_breaker record;
begin
  perform queues.check_items('effects.breakers', p_breakers, jsonb_build_object(
    'provider', '^".{1,50}"$', 'version', '^\d{1,18}$', 'failures', '^\d{1,9}$', 'trips', '^\d{1,9}$',
    'open_secs', '^(|null|\d{1,7})$', 'reason', '^($|null$|")'));
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
  'Sets breakers [{provider, version, failures, trips, open_secs, reason}], each only if its version is still the '
  'given one.';
revoke all on function queues.update_breakers(jsonb) from public;
