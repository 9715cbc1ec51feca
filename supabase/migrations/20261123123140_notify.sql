create function queues.notify(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_events queues.notification_event[];
  v_refreshed uuid[];
begin
  perform queues.lock_groups(p_notifications);
  -- Statements of their own, so that each sees what those committed whom the lock before it waited for.
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
  'Tells people what happened, or that it was taken back: once, whatever the order in which the events come and however '
  'many sessions tell of the same thing at the same time.';
revoke all on function queues.notify(jsonb) from public;

drop function queues.insert_notifications(jsonb);
