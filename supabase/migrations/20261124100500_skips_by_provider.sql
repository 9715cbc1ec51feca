-- What is skipped before a provider is chosen, as where its secrets are missing, counts for the provider of its device.

create or replace function queues.delivery_health() returns table (
  provider text,
  state text,
  reason text,
  remedy text,
  open_until timestamptz,
  sent_60_min bigint,
  failed_60_min bigint,
  skipped_60_min bigint,
  uncertain_24_h bigint
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_misconfigured constant text := 'provider_misconfigured';
  v_now timestamptz := clock_timestamp();
begin
  return query
  with hour as materialized (
    select coalesce(d.provider, v.provider) as provider,
      count(*) filter (where d.status = 'sent') as sent,
      count(*) filter (where d.status = 'failed') as failed,
      count(*) filter (where d.status = 'skipped') as skipped
    from queues.notification_deliveries d
    left join public.devices v on d.provider is null and v.id = d.device_id
    where d.settled_at > v_now - interval '1 hour'
    group by coalesce(d.provider, v.provider)
  ), day as materialized (
    select d.provider, sum(d.uncertain_tries) as uncertain
    from queues.notification_deliveries d
    where d.uncertain_tries > 0 and d.claimed_at > v_now - interval '1 day'
    group by d.provider
  ), judged as (
    select b.*,
      case when b.open_until is null then 'closed' when b.open_until > v_now then 'open' else 'half_open' end as state
    from queues.circuit_breakers b
  )
  select j.provider, j.state,
    case when j.state <> 'closed' then j.reason end,
    case
      when j.state = 'closed' then null
      when starts_with(j.reason, c_misconfigured) then queues.provider_remedy(j.provider)
      else 'none is needed: its messages wait, and it is tried again by itself' end,
    j.open_until,
    coalesce(h.sent, 0), coalesce(h.failed, 0), coalesce(h.skipped, 0), coalesce(d.uncertain, 0)
  from judged j
  left join hour h on h.provider = j.provider
  left join day d on d.provider = j.provider
  order by j.provider;
end $$;
