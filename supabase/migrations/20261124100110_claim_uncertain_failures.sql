-- As before, and what was given up without a clear answer counts as one more uncertain try when it is claimed again.

create or replace function queues.claim_deliveries(p_ids uuid[]) returns setof queues.claimed_delivery
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz;
begin
  -- One claim of a person's deliveries at a time, so that each sees what those before it count towards the hour.
  -- In the order of the keys, so that two claims cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct hashtextextended('queues.deliveries', 0) # hashtextextended(recipient_id::text, 0) as key
    from queues.notification_deliveries
    where id = any(p_ids) and status not in ('sent', 'skipped')
    order by key
  ) recipients;

  -- A statement of its own: it must see what those committed whom the one above waited for.
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
    -- Failed for good, and yet in its queue again: an operator wants it tried again.
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
  'Claims deliveries, in the order given, and answers how they were before. One that was being sent already, or was given '
  'up without a clear answer, may have been sent: that is counted as an uncertain try. What is sent or skipped stays as it '
  'is. sent_last_hour counts the claims of the same person and channel within the hour that were not taken back, and those '
  'before it in p_ids.';
