-- Removes what is old: actors and deliveries first, so that few rows go along with a notification.

create function queues.prune_notifications(p_table text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => retention_days) from queues.notification_settings);
  v_removed integer := 0;
begin
  case p_table
    when 'queues.notification_actors' then
      delete from queues.notification_actors
      where ctid = any(array(
        select ctid from queues.notification_actors
        where at < v_before order by at limit p_limit for update skip locked));
    when 'queues.notification_deliveries' then
      delete from queues.notification_deliveries
      where id = any(array(
        select id from queues.notification_deliveries
        where created_at < v_before order by created_at limit p_limit for update skip locked));
    when 'public.notifications' then
      delete from public.notifications
      where id = any(array(
        select id from public.notifications
        where created_at < v_before order by created_at limit p_limit for update skip locked));
  end case;
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_notifications(text, integer) is
  'Removes notifications, or what is known of them, that are older than queues.notification_settings keeps them.';
revoke all on function queues.prune_notifications(text, integer) from public;
