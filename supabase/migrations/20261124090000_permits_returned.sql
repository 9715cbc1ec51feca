-- A worker that was allowed to probe a provider and had nothing to ask it gives the permit back by writing down the breaker
-- as it was, of which the reason is a part.

create or replace function queues.breakers_for(p_providers text[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- For a worker that is gone.
  c_permit constant interval := interval '30 seconds';
  v_now timestamptz := clock_timestamp();
  v_permits text[];
begin
  with due as materialized (
    select provider from queues.circuit_breakers
    where provider = any(p_providers) and open_until <= v_now and (probe_until <= v_now) is not false
    -- Whoever finds the row taken knows that another claim has the permit, or that the breaker is being set.
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
  'Breakers of providers: [{provider, version, failures, trips, open_secs, may_probe, reason}]. open_secs is null while '
  'closed, and 0 once its time is up: then one claim at a time may probe, and a permit that its worker neither used nor gave '
  'back returns after 30 seconds.';
