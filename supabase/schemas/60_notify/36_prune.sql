-- Old notifications. Actors and deliveries are removed first, so that few rows go along with a notification.

create function queues.notifications_since() returns timestamptz
language plpgsql
set search_path = ''
as $$
begin
  return (select clock_timestamp() - make_interval(days => retention_days) from queues.notification_settings);
end $$;
comment on function queues.notifications_since() is
  'The time since when notifications and the records of their delivery are kept.';
revoke all on function queues.notifications_since() from public;

create function queues.prune_notification_actors(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from queues.notification_actors
  where ctid = any(array(
    select ctid from queues.notification_actors
    where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_notification_actors(integer) is 'Removes old actors.';
revoke all on function queues.prune_notification_actors(integer) from public;

create function queues.prune_notification_deliveries(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from queues.notification_deliveries
  where id = any(array(
    select id from queues.notification_deliveries
    where created_at < v_before order by created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_notification_deliveries(integer) is 'Removes old rows of the ledger.';
revoke all on function queues.prune_notification_deliveries(integer) from public;

create function queues.prune_notifications(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.notifications_since();
  v_removed integer;
begin
  delete from public.notifications
  where id = any(array(
    select id from public.notifications
    where created_at < v_before order by created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_notifications(integer) is 'Removes old notifications.';
revoke all on function queues.prune_notifications(integer) from public;
