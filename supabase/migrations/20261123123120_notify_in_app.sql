-- In-app notifications: rows that several events share.

create function queues.open_notifications(p_events queues.notification_event[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.notifications (
    id, recipient_id, type, group_key, title, body, url, data, actor_count, created_at, updated_at)
  select n.notification_id, n.recipient_id, n.type, n.group_key, n.title,
    queues.phrase(n.bodies, n.actors, coalesce(queues.display_name(p.username), n.someone)),
    n.url, n.data, n.actors, now(), least(n.at, now())
  from (
    select distinct on (notification_id) *, (count(*) over (partition by notification_id))::integer as actors
    from unnest(p_events) where is_new
    order by notification_id, at desc, place
  ) n
  left join public.profiles p on p.id = n.profile_id
  -- The foreign key locks recipients as the rows are stored.
  order by n.recipient_id, n.notification_id;
end $$;
comment on function queues.open_notifications(queues.notification_event[]) is 'Stores the notifications that are new.';
revoke all on function queues.open_notifications(queues.notification_event[]) from public;

create function queues.record_actors(p_events queues.notification_event[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.notification_actors as a (
    recipient_id, group_key, actor, profile_id, is_active, at, notification_id)
  select recipient_id, group_key, actor, profile_id, not is_withdrawn, at, notification_id
  from unnest(p_events)
  where actor is not null
  order by recipient_id, group_key, actor
  on conflict (recipient_id, group_key, actor) do update
    set profile_id = excluded.profile_id, is_active = excluded.is_active, at = excluded.at,
      notification_id = excluded.notification_id;
end $$;
comment on function queues.record_actors(queues.notification_event[]) is 'Notes the latest of each actor.';
revoke all on function queues.record_actors(queues.notification_event[]) from public;

create function queues.refresh_notifications(p_events queues.notification_event[]) returns uuid[]
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array(
    select distinct notification_id from unnest(p_events) where not is_new and notification_id is not null);
begin
  if v_ids = '{}' then
    return v_ids;
  end if;

  with latest as materialized (
    select distinct on (notification_id) * from unnest(p_events)
    where not is_new and notification_id is not null order by notification_id, at desc, place
  ), latest_told as materialized (
    select distinct on (notification_id) * from unnest(p_events)
    where not is_new and not is_withdrawn order by notification_id, at desc, place
  ), refreshed as (
    update public.notifications n set
      actor_count = active.actors,
      withdrawn_at = case when active.actors = 0 then coalesce(n.withdrawn_at, now()) end,
      body = coalesce(queues.phrase(
        l.bodies, nullif(active.actors, 0), coalesce(queues.display_name(p.username), l.someone)), n.body),
      title = case when t.at >= n.updated_at then t.title else n.title end,
      url = case when t.at >= n.updated_at then t.url else n.url end,
      data = case when t.at >= n.updated_at then t.data else n.data end,
      updated_at = greatest(n.updated_at, least(coalesce(t.at, n.updated_at), now()))
    from latest l
    left join latest_told t on t.notification_id = l.notification_id
    cross join lateral (
      select count(*)::integer as actors from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active
    ) active
    left join lateral (
      select a.profile_id from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active order by a.at desc, a.actor limit 1
    ) last_actor on true
    left join public.profiles p on p.id = last_actor.profile_id
    -- One that was read says for ever what was read.
    where n.id = l.notification_id and n.read_at is null
    returning n.id
  )
  select array_agg(id) into v_ids from refreshed;
  return coalesce(v_ids, '{}');
end $$;
comment on function queues.refresh_notifications(queues.notification_event[]) is
  'Brings unread notifications up to date with their actors: without any they are withdrawn, and come back with the next '
  'one. Answers which were.';
revoke all on function queues.refresh_notifications(queues.notification_event[]) from public;
