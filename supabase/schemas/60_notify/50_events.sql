-- Which notification tells of what happened.

create type queues.notification_event as (
  place bigint,
  recipient_id uuid,
  type text,
  group_key text,
  actor text,
  profile_id uuid,
  at timestamptz,
  is_withdrawn boolean,
  title text,
  bodies text[],
  someone text,
  url text,
  data jsonb,
  deliveries jsonb,
  notification_id uuid,
  is_new boolean
);
comment on type queues.notification_event is
  'Something happened that somebody is told, or was taken back; and the notification that tells it, which may be a new one.';

create function queues.lock_groups(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- In one order, so that two settlements cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct
      hashtextextended('queues.notify', 0) # hashtextextended(concat_ws(' ', n.recipient_id, n."group"), 0) as key
    from jsonb_to_recordset(p_notifications) as n (recipient_id uuid, "group" text)
    order by key
  ) keys;
end $$;
comment on function queues.lock_groups(jsonb) is
  'Has everyone else who tells the same people of the same things wait until this transaction ends.';
revoke all on function queues.lock_groups(jsonb) from public;

create function queues.joins_since(p_since timestamptz, p_at timestamptz) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A clock that is ahead must not make what happened at about the same time look far apart.
  return p_since - greatest(interval '0', p_at - now());
end $$;
comment on function queues.joins_since(timestamptz, timestamptz) is
  'How old a notification may be for an event to join it.';
revoke all on function queues.joins_since(timestamptz, timestamptz) from public;

create function queues.lock_notifications(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Or one might be read between the decision that something joins it and its saying so: nobody would be told of that.
  -- In one order, as those do who mark them as read.
  perform from public.notifications
  where id = any(array(
    with events as materialized (
      select recipient_id, "group" as group_key, actor, queues.joins_since(since, at) as joins_since
      from jsonb_to_recordset(p_notifications) as e (
        recipient_id uuid, "group" text, actor text, since timestamptz, at timestamptz)
    )
    select n.id from events e
    join public.notifications n
      on n.recipient_id = e.recipient_id and n.group_key = e.group_key and n.created_at >= e.joins_since
    where n.read_at is null
    union
    select a.notification_id from events e
    join queues.notification_actors a
      on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor))
  order by id for no key update;
end $$;
comment on function queues.lock_notifications(jsonb) is
  'Keeps the notifications that events may join, or leave, from being marked as read until this transaction ends.';
revoke all on function queues.lock_notifications(jsonb) from public;

create function queues.notification_events(p_notifications jsonb) returns queues.notification_event[]
language plpgsql
set search_path = ''
as $$
begin
  return array(
    with events as materialized (
      select *
      from rows from (jsonb_to_recordset(p_notifications) as (
        recipient_id uuid, type text, "group" text, since timestamptz, actor text, actor_profile_id uuid, at timestamptz,
        withdrawn boolean, title text, bodies text[], someone text, url text, data jsonb, deliveries jsonb
      )) with ordinality as e (
        recipient_id, type, group_key, since, actor, profile_id, at, is_withdrawn, title, bodies, someone, url, data,
        deliveries, place)
    ), latest as materialized (
      -- Of each actor: what was taken back within a batch was never told.
      select distinct on (recipient_id, group_key, actor) *,
        queues.joins_since(since, at) as joins_since
      from events
      order by recipient_id, group_key, actor, at desc, place
    ), routed as (
      select e.*, gen_random_uuid() as fresh_id,
        -- Who is told of already is not told of again, not even if that was read.
        case when e.is_withdrawn or own.created_at >= e.joins_since then own.id else joined.id end as target_id
      from latest e
      left join queues.notification_actors a
        on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor
      left join public.notifications own on own.id = a.notification_id
      left join lateral (
        select n.id, n.read_at from public.notifications n
        where n.recipient_id = e.recipient_id and n.group_key = e.group_key and n.created_at >= e.joins_since
          -- What nobody did is told once, whether read or not.
          and (n.read_at is null or e.actor is null)
        order by n.created_at desc limit 1
      ) joined on true
      -- An older event that comes later changes nothing.
      where (a.at is null or a.at < e.at)
        and (e.actor is not null or (joined.id is null and e.is_withdrawn is not true))
    ), judged as (
      select *, is_withdrawn is not true and target_id is null as is_new from routed
    )
    select (
      place, recipient_id, type, group_key, actor, profile_id, at, coalesce(is_withdrawn, false), title, bodies, someone,
      url, data, deliveries,
      case when is_new then first_value(fresh_id) over (partition by recipient_id, group_key, is_new order by place)
        else target_id end,
      is_new)::queues.notification_event
    from judged);
end $$;
comment on function queues.notification_events(jsonb) is
  'The latest of each actor that is news, each with its notification: the one that tells of the actor already, else the '
  'newest of its group that is unread and new enough, else a new one for all of the batch.';
revoke all on function queues.notification_events(jsonb) from public;
