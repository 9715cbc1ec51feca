-- What is to leave the database: rows of the ledger, each with its message.

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
      -- What was left out only because it had been taken back is made up for.
      on conflict on constraint one_row_per_target do update
        set status = excluded.status, reason = excluded.reason, settled_at = excluded.settled_at
        where l.status = 'skipped' and l.reason = 'withdrawn' and excluded.status = 'pending'
      returning l.id, l.notification_id, l.channel, l.device_id, l.status
    )
    select w.delay_secs, array_agg(jsonb_build_object('v', 1, 'delivery_id', a.id) order by a.id)
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
  'Adds what is not in the ledger yet, and sends a message for each row that is not skipped from the start.';
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
    -- The rows are the truth; who is not told at once finds them with the next look.
    raise warning 'notifications were not broadcast: %', sqlerrm;
end $$;
comment on function queues.broadcast_notifications(uuid[]) is
  'Tells the apps that their person is using right now, where the project has Realtime.';
revoke all on function queues.broadcast_notifications(uuid[]) from public;
