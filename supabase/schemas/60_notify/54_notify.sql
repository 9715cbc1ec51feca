-- The effect `notifications`: notifications that several events share, and their deliveries.

create function queues.open_notifications(p_events queues.notification_event[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.notifications (
    id, recipient_id, type, group_key, title, body, url, data, actor_count, created_at, updated_at)
  select n.notification_id, n.recipient_id, n.type, n.group_key, n.title,
    queues.phrase(n.bodies, n.actors, coalesce(n.actor_name, n.someone)),
    n.url, n.data, n.actors, now(), now()
  from (
    select distinct on (notification_id) *, (count(*) over (partition by notification_id))::integer as actors
    from unnest(p_events) where is_new
    order by notification_id, at desc, place
  ) n
  -- In this order, the foreign key locks recipients without a deadlock.
  order by n.recipient_id, n.notification_id;
end $$;
comment on function queues.open_notifications(queues.notification_event[]) is 'Stores new notifications.';
revoke all on function queues.open_notifications(queues.notification_event[]) from public;

create function queues.record_actors(p_events queues.notification_event[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.notification_actors as a (
    recipient_id, group_key, actor, name, is_active, at, notification_id)
  select recipient_id, group_key, actor, actor_name, not is_withdrawn, at, notification_id
  from unnest(p_events)
  where actor is not null
  order by recipient_id, group_key, actor
  on conflict (recipient_id, group_key, actor) do update
    set name = excluded.name, is_active = excluded.is_active, at = excluded.at,
      notification_id = excluded.notification_id;
end $$;
comment on function queues.record_actors(queues.notification_event[]) is 'Records the latest event of each actor.';
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
  ), latest_active as materialized (
    select distinct on (notification_id) * from unnest(p_events)
    where not is_new and not is_withdrawn order by notification_id, at desc, place
  ), refreshed as (
    update public.notifications n set
      actor_count = active.actors,
      withdrawn_at = case when active.actors = 0 then coalesce(n.withdrawn_at, now()) end,
      body = coalesce(queues.phrase(
        l.bodies, nullif(active.actors, 0), coalesce(last_actor.name, l.someone)), n.body),
      title = case when t.at >= last_actor.at then t.title else n.title end,
      url = case when t.at >= last_actor.at then t.url else n.url end,
      data = case when t.at >= last_actor.at then t.data else n.data end,
      updated_at = greatest(n.updated_at, least(coalesce(t.at, n.updated_at), now()))
    from latest l
    left join latest_active t on t.notification_id = l.notification_id
    cross join lateral (
      select count(*)::integer as actors from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active
    ) active
    left join lateral (
      select a.name, a.at from queues.notification_actors a
      where a.notification_id = l.notification_id and a.is_active order by a.at desc, a.actor limit 1
    ) last_actor on true
    -- A notification does not change after it was read.
    where n.id = l.notification_id and n.read_at is null
    returning n.id
  )
  select array_agg(id) into v_ids from refreshed;
  return coalesce(v_ids, '{}');
end $$;
comment on function queues.refresh_notifications(queues.notification_event[]) is
  'Updates unread notifications after changes of their actors. Without actors they are withdrawn, and the next actor '
  'restores them. Returns the ids of those that changed.';
revoke all on function queues.refresh_notifications(queues.notification_event[]) from public;

create function queues.add_deliveries(p_events queues.notification_event[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_delay_secs integer;
  v_messages jsonb[];
  v_is_urgent boolean := false;
begin
  for v_delay_secs, v_messages in
    with wanted as materialized (
      select distinct on (e.notification_id, d.channel, d.device_id)
        gen_random_uuid() as id, e.notification_id, e.recipient_id, d.channel, d.device_id, d.skipped,
        n.data #> '{metadata,correlation_id}' as correlation_id,
        greatest(coalesce(d.delay_secs, 0), 0) as delay_secs
      from unnest(p_events) e
      join public.notifications n on n.id = e.notification_id and n.read_at is null
      cross join lateral jsonb_to_recordset(e.deliveries) as d (
        channel text, device_id uuid, delay_secs integer, skipped text)
      where not e.is_withdrawn
      order by e.notification_id, d.channel, d.device_id, e.at desc, e.place
    ), added as (
      insert into queues.notification_deliveries as l (
        id, notification_id, recipient_id, channel, device_id, status, reason, settled_at)
      select id, notification_id, recipient_id, channel, device_id,
        case when skipped is null then 'pending' else 'skipped' end, skipped, case when skipped is not null then now() end
      from wanted
      order by notification_id, channel, device_id
      -- A delivery that was skipped as withdrawn is added again.
      on conflict on constraint one_row_per_target do update
        set status = excluded.status, reason = excluded.reason, settled_at = excluded.settled_at
        where l.status = 'skipped' and l.reason = 'withdrawn' and excluded.status = 'pending'
      returning l.id, l.notification_id, l.channel, l.device_id, l.status
    )
    select w.delay_secs, array_agg(jsonb_strip_nulls(
      jsonb_build_object('v', 1, 'delivery_id', a.id, 'correlation_id', w.correlation_id)) order by a.id)
    from added a
    join wanted w on w.notification_id = a.notification_id and w.channel = a.channel
      and w.device_id is not distinct from a.device_id
    where a.status = 'pending'
    group by w.delay_secs
    order by w.delay_secs
  loop
    perform pgmq.send_batch('deliveries', v_messages, v_delay_secs);
    v_is_urgent := v_is_urgent or v_delay_secs = 0;
  end loop;
  if v_is_urgent then
    perform queues.wake('deliveries');
  end if;
end $$;
comment on function queues.add_deliveries(queues.notification_event[]) is
  'Adds missing rows to the ledger, and sends a message for each that is not skipped.';
revoke all on function queues.add_deliveries(queues.notification_event[]) from public;

create function queues.broadcast_notifications(p_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', id, 'type', type, 'title', title, 'body', body, 'url', url, 'actor_count', actor_count,
      'is_withdrawn', withdrawn_at is not null, 'updated_at', updated_at),
    'notification', 'notifications:' || recipient_id, true)
  from public.notifications
  where id = any(p_ids)
  order by updated_at, id;
exception
  when others then
    -- A broadcast is only a hint: apps read the rows later.
    raise warning 'notifications were not broadcast: %', sqlerrm;
end $$;
comment on function queues.broadcast_notifications(uuid[]) is
  'Broadcasts notifications to the apps of their recipients, if the project has Realtime.';
revoke all on function queues.broadcast_notifications(uuid[]) from public;

create function queues.check_notifications(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_targets constant text[] := array['channel', 'device_id', 'delay_secs', 'skipped'];
  v_bad record;
begin
  perform queues.check_rows('effects.notifications', p_notifications, array[
    'recipient_id', 'type', 'group', 'since', 'actor', 'actor_name', 'at', 'withdrawn', 'title', 'bodies', 'someone',
    'url', 'data', 'deliveries']);
  -- All at once first, as in queues.check_rows.
  select place - 1 as place, value -> 'deliveries' as targets into v_bad
  from jsonb_array_elements(p_notifications) with ordinality n (value, place)
  where case when jsonb_typeof(value -> 'deliveries') = 'array' then exists (
      select from jsonb_array_elements(value -> 'deliveries') target
      where case when jsonb_typeof(target) = 'object' then target - c_targets <> '{}' else true end)
    else value ? 'deliveries' end
  limit 1;
  if found then
    perform queues.check_rows(format('effects.notifications[%s].deliveries', v_bad.place), v_bad.targets, c_targets);
  end if;
end $$;
comment on function queues.check_notifications(jsonb) is 'Rejects notifications of a wrong shape.';
revoke all on function queues.check_notifications(jsonb) from public;

create function queues.notify(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_events queues.notification_event[];
  v_refreshed uuid[];
begin
  perform queues.check_notifications(p_notifications);
  perform queues.lock_recipients(p_notifications);
  perform queues.lock_groups(p_notifications);
  -- Separate statements, so that each sees what was committed before the previous lock was granted.
  perform queues.lock_notifications(p_notifications);
  v_events := queues.notification_events(p_notifications);

  perform queues.open_notifications(v_events);
  perform queues.record_actors(v_events);
  v_refreshed := queues.refresh_notifications(v_events);
  perform queues.add_deliveries(v_events);
  perform queues.broadcast_notifications(
    v_refreshed || array(select distinct notification_id from unnest(v_events) where is_new));
end $$;
comment on function queues.notify(jsonb) is
  'Notifies people of events and of events that were taken back: once, whatever the order of the events, and however '
  'many sessions handle events of the same group.';
revoke all on function queues.notify(jsonb) from public;
