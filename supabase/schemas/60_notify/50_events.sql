-- Which notification an event joins.

create type queues.notification_event as (
  place bigint,
  recipient_id uuid,
  type text,
  group_key text,
  actor text,
  actor_name text,
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
  'An event that somebody is notified of, or that was taken back, with its notification, which may be new.';

create function queues.lock_recipients(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_wanted uuid[] := array(
    select distinct recipient_id from jsonb_to_recordset(p_notifications) as n (recipient_id uuid)
    where recipient_id is not null);
  v_held uuid[];
begin
  -- In the order of the ids, and before their notifications, as a deletion locks them.
  v_held := array(select id from public.profiles where id = any(v_wanted) order by id for key share);
  if cardinality(v_held) < cardinality(v_wanted) then
    perform queues.raise_gone(array(select unnest(v_wanted) except select unnest(v_held)));
  end if;
end $$;
comment on function queues.lock_recipients(jsonb) is
  'Keeps recipients from being deleted until this transaction ends. Raises QGONE if one is gone already.';
revoke all on function queues.lock_recipients(jsonb) from public;

create function queues.lock_groups(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- In the order of the keys, so that two settlements cannot deadlock.
  perform pg_advisory_xact_lock(key)
  from (
    select distinct
      hashtextextended('queues.notify', 0) # hashtextextended(concat_ws(' ', n.recipient_id, n."group"), 0) as key
    from jsonb_to_recordset(p_notifications) as n (recipient_id uuid, "group" text)
    order by key
  ) keys;
end $$;
comment on function queues.lock_groups(jsonb) is
  'Locks groups of notifications against other transactions until this one ends.';
revoke all on function queues.lock_groups(jsonb) from public;

create function queues.joins_since(p_since timestamptz, p_at timestamptz) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A producer's clock that is ahead must not make simultaneous events look far apart.
  return p_since - greatest(interval '0', p_at - now());
end $$;
comment on function queues.joins_since(timestamptz, timestamptz) is
  'The earliest creation time of a notification that an event may join.';
revoke all on function queues.joins_since(timestamptz, timestamptz) from public;

create function queues.lock_notifications(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Otherwise a notification could be marked as read after an event has joined it and before it shows the event.
  -- In the order of the ids, as those that mark them as read lock them.
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
    -- As queues.notification_events chooses them.
    where n.read_at is null or starts_with(e.actor, 'anonymous') is not false
    union
    select a.notification_id from events e
    join queues.notification_actors a
      on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor))
  order by id for no key update;
end $$;
comment on function queues.lock_notifications(jsonb) is
  'Locks the notifications that events may join or leave, so that they are not marked as read until this transaction '
  'ends.';
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
        recipient_id uuid, type text, "group" text, since timestamptz, actor text, actor_name text, at timestamptz,
        withdrawn boolean, title text, bodies text[], someone text, url text, data jsonb, deliveries jsonb
      )) with ordinality as e (
        recipient_id, type, group_key, since, actor, actor_name, at, is_withdrawn, title, bodies, someone, url, data,
        deliveries, place)
    ), latest as materialized (
      -- The latest event of each actor: an event that is taken back within the batch notifies nobody.
      select distinct on (recipient_id, group_key, actor) *,
        queues.joins_since(since, at) as joins_since
      from events
      order by recipient_id, group_key, actor, at desc, place
    ), routed as (
      select e.*, gen_random_uuid() as fresh_id,
        -- An actor is mentioned once, even if that notification was read.
        case when e.is_withdrawn or own.created_at >= e.joins_since then own.id else joined.id end as target_id
      from latest e
      left join queues.notification_actors a
        on a.recipient_id = e.recipient_id and a.group_key = e.group_key and a.actor = e.actor
      left join public.notifications own on own.id = a.notification_id
      left join lateral (
        select n.id, n.read_at from public.notifications n
        where n.recipient_id = e.recipient_id and n.group_key = e.group_key and n.created_at >= e.joins_since
          -- An event whose actor is not known notifies once, whether that notification was read or not.
          and (n.read_at is null or starts_with(e.actor, 'anonymous') is not false)
        order by n.created_at desc limit 1
      ) joined on true
      -- An older event that is handled later changes nothing.
      where (a.at is null or a.at < e.at)
        and (e.actor is not null or (joined.id is null and e.is_withdrawn is not true))
    ), judged as (
      select *, is_withdrawn is not true and target_id is null as is_new from routed
    )
    select (
      place, recipient_id, type, group_key, actor, actor_name, at, coalesce(is_withdrawn, false), title, bodies, someone,
      url, data, deliveries,
      case when is_new then first_value(fresh_id) over (partition by recipient_id, group_key, is_new order by place)
        else target_id end,
      is_new)::queues.notification_event
    from judged);
end $$;
comment on function queues.notification_events(jsonb) is
  'The latest new event of each actor with its notification: the one that already mentions the actor, else the newest '
  'one of the group that is unread and new enough, else a new one for the whole batch.';
revoke all on function queues.notification_events(jsonb) from public;
