-- The state of the providers of pushes, emails and opinions, and what to do about an open breaker or a wrong configuration.

create function queues.provider_remedy(p_provider text, p_service text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_service <> '' then
    return format(
      'this push service refuses the signature: see that VAPID_SUBJECT is an address that exists (Apple refuses localhost), '
      'then `select queues.close_breaker(%L, %L)`. Other push services are not affected', p_provider, p_service);
  end if;
  return format(
    'correct %s with `supabase secrets set`, then `select queues.close_breaker(%L)`',
    case p_provider
      when 'fcm' then 'the secret FCM_SERVICE_ACCOUNT (a service account''s key that may send messages of its project)'
      when 'apns' then 'the secrets APNS_PRIVATE_KEY, APNS_KEY_ID, APNS_TEAM_ID and APNS_TOPIC (one key of one team)'
      when 'web_push' then 'the secrets VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT (the pair that browsers subscribed with)'
      when 'resend' then 'the secrets RESEND_API_KEY and EMAIL_FROM (an address of a verified domain)'
      when 'sendgrid' then 'the secrets SENDGRID_API_KEY and EMAIL_FROM (a verified sender)'
      when 'openai' then 'the secret OPENAI_API_KEY (a key whose project may use moderations, with credit)'
      when 'http' then 'the secrets MODERATION_URL and MODERATION_SECRET'
      else 'its secrets' end,
    p_provider);
end $$;
comment on function queues.provider_remedy(text, text) is
  'What to do about a provider that refuses the credentials of the project.';
revoke all on function queues.provider_remedy(text, text) from public;

create function queues.delivery_health() returns table (
  provider text,
  state text,
  reason text,
  remedy text,
  open_until timestamptz,
  sent_60_min bigint,
  failed_60_min bigint,
  skipped_60_min bigint,
  uncertain_24_h bigint,
  service text
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
  with configured as materialized (
    select p.about, string_agg(p.problem, '; ' order by p.problem collate "C") as problem,
      string_agg(distinct p.remedy collate "C", '; ') as remedy
    from queues.configuration_problems p
    group by p.about
  ), hour as materialized (
    select coalesce(d.provider, v.provider) as provider,
      count(*) filter (where d.status = 'sent') as sent,
      count(*) filter (where d.status = 'failed') as failed,
      count(*) filter (where d.status = 'skipped') as skipped
    from queues.notification_deliveries d
    left join public.devices v on d.provider is null and v.id = d.device_id
    where d.settled_at > v_now - interval '1 hour'
    group by coalesce(d.provider, v.provider)
    union all
    select o.provider, o.given, o.failed, o.unneeded from queues.opinions_of_last_hour() o
  ), day as materialized (
    select d.provider, sum(d.uncertain_tries) as uncertain
    from queues.notification_deliveries d
    where d.uncertain_tries > 0 and d.claimed_at > v_now - interval '1 day'
    group by d.provider
  ), judged as (
    select b.*,
      case when b.open_until is null then 'closed' when b.open_until > v_now then 'open' else 'half_open' end as state
    from queues.circuit_breakers b
    where b.service = '' or b.open_until is not null
  )
  select j.provider, j.state,
    case
      -- The breaker says the same in other words.
      when j.state <> 'closed' and c.problem is not null and starts_with(j.reason, c_misconfigured) then c.problem
      else nullif(concat_ws('; ', case when j.state <> 'closed' then j.reason end, c.problem), '') end,
    case
      when c.problem is not null and j.state <> 'closed' then
        format('%s; then `select queues.close_breaker(%L)`', c.remedy, j.provider)
      when c.problem is not null or j.state = 'closed' then c.remedy
      when starts_with(j.reason, c_misconfigured) then queues.provider_remedy(j.provider, j.service)
      else 'no action is needed: its messages wait, and a worker probes it after open_until' end,
    j.open_until,
    coalesce(h.sent, 0), coalesce(h.failed, 0), coalesce(h.skipped, 0), coalesce(d.uncertain, 0),
    nullif(j.service, '')
  from judged j
  -- The numbers and the configuration are those of the provider as a whole.
  left join hour h on h.provider = j.provider and j.service = ''
  left join day d on d.provider = j.provider and j.service = ''
  left join configured c on c.about = j.provider and j.service = ''
  union all
  select c.about, 'closed', c.problem, c.remedy, null, 0, 0, 0, 0, null
  from configured c
  where not exists (select from judged j where j.provider = c.about)
  order by 1, 10 nulls first;
end $$;
comment on function queues.delivery_health() is
  'One row per provider, one per push service of the browsers whose breaker is not closed, and one, `all`, if a setting for '
  'all of them is wrong. state: closed (normal), open (nothing is sent until open_until) or half_open (one delivery at a '
  'time probes the provider), with the reason and what to do, also for what the last run found wrong with its environment. Sent is also '
  'an opinion that was given about a comment, and skipped one that was not needed any more. uncertain_24_h: tries of deliveries that may have been '
  'sent before, because a worker ended or no answer came. Each may have sent a delivery again, unless the provider '
  'keeps idempotency keys (resend).';
revoke all on function queues.delivery_health() from public;
grant execute on function queues.delivery_health() to service_role;

create function queues.close_breaker(p_provider text, p_service text default null) returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update queues.circuit_breakers set
    version = version + 1, failures = 0, trips = 0, open_until = null, probe_until = null, reason = null,
    updated_at = clock_timestamp()
  where provider = p_provider and (p_service is null or service = p_service);
  if not found then
    raise sqlstate 'PT404' using
      message = case when p_service is null then format('there is no provider `%s`', left(p_provider, 100))
        else format('there is no provider `%s` with the push service `%s`', left(p_provider, 100), left(p_service, 200)) end,
      hint = format('providers are %s', (
        select string_agg(provider, ', ' order by provider) from queues.circuit_breakers where service = ''));
  end if;
end $$;
comment on function queues.close_breaker(text, text) is
  'Closes the breaker of a provider after its problem is solved: the next claim tries it again. Deferred messages '
  'become visible at their own time. With a push service it closes that one alone, without one those of all.';
revoke all on function queues.close_breaker(text, text) from public;
grant execute on function queues.close_breaker(text, text) to service_role;
