-- How moderation is doing, for whoever operates it. The health of the queue itself is in queues.health.

create function queues.comment_health() returns table (
  status text, reason text, remedy text, pending bigint, oldest_pending_secs numeric, waiting bigint,
  oldest_waiting_secs numeric, moderators bigint, decided_24h jsonb
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  -- What an author may have to wait for the machine, and what for a moderator.
  c_machine_secs constant integer := 900;
  c_moderator_secs constant integer := 86400;
  v_now timestamptz := clock_timestamp();
  v_provider record;
begin
  -- edited_at, because an edit makes an old comment wait anew.
  select count(*), extract(epoch from v_now - min(coalesce(c.edited_at, c.created_at)))::numeric(20, 1)
  into pending, oldest_pending_secs from public.comments c where c.status = 'pending';
  select count(*), extract(epoch from v_now - min(r.opened_at))::numeric(20, 1)
  into waiting, oldest_waiting_secs from queues.reviews r;
  select count(*) into moderators from queues.moderators;
  select coalesce(jsonb_object_agg(d.action, d.n), '{}') into decided_24h
  from (
    select l.action, count(*) as n from queues.moderation_log l
    where l.at > v_now - interval '1 day' and l.action in ('approved', 'flagged', 'rejected') group by l.action
  ) d;

  status := 'ok';
  if oldest_pending_secs > c_machine_secs then
    status := 'late';
    reason := queues.one_or_many(pending, '%s comment has waited to be judged for %s s',
      '%s comments wait to be judged, the oldest for %s s', round(oldest_pending_secs)::text);
    remedy := 'select * from queues.health() where queue = ''comment_moderation''';
  elsif waiting > 0 and moderators = 0 then
    status := 'failing';
    reason := queues.one_or_many(waiting, '%s comment or post waits for a moderator, and there is none',
      '%s comments and posts wait for a moderator, and there is none');
    remedy := 'insert into queues.moderators (profile_id) values (''…'')';
  elsif oldest_waiting_secs > c_moderator_secs then
    status := 'late';
    reason := queues.one_or_many(waiting, '%s comment or post has waited for a moderator for %s h',
      '%s comments and posts wait for a moderator, the oldest for %s h', round(oldest_waiting_secs / 3600)::text);
    remedy := 'have moderators work through list_reviews(), or add some to queues.moderators';
  else
    select h.* into v_provider
    from queues.delivery_health() h join queues.comment_settings s on s.opinion_provider = h.provider
    where h.reason is not null;
    if found then
      status := 'late';
      reason := format('`%s` is not asked about flagged comments: %s', v_provider.provider, v_provider.reason);
      remedy := v_provider.remedy;
    end if;
  end if;
  return next;
end $$;
comment on function queues.comment_health() is
  'How moderation is doing: ok, late or failing, the reason, and what to do, also about the service that is asked for opinions; '
  'what waits for the machine and for moderators, and the decisions of the last 24 hours.';
revoke all on function queues.comment_health() from public;
grant execute on function queues.comment_health() to service_role;
