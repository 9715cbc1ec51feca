-- When a queue is in trouble, and when that is over. Decided here and not in the core: that an alert is open and that its
-- message is sent must be one transaction, and the functions in which the core runs may be what is in trouble.

create table queues.alerts (
  id uuid primary key default gen_random_uuid(),
  queue text not null,
  verdict text not null,
  reason text,
  remedy text,
  since timestamptz not null,
  raised_at timestamptz not null default clock_timestamp(),
  over_at timestamptz,

  constraint verdict_is_trouble check (verdict in ('late', 'failing'))
);
create unique index alerts_open_idx on queues.alerts (queue) where over_at is null;
create index alerts_raised_at_idx on queues.alerts (raised_at);
comment on table queues.alerts is 'One row for each time that a queue was late or failing for longer than queues.alert_settings allow.';
comment on column queues.alerts.queue is 'No foreign key: the row outlives the queue.';
comment on column queues.alerts.since is 'The first sample of the trouble.';
comment on column queues.alerts.over_at is 'When it was over; null while it is open.';
revoke all on table queues.alerts from public, anon, authenticated, service_role;

create function queues.send_alert(p_alert queues.alerts) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- The queue of the alerts themselves.
  c_queue constant text := 'alerts';
  v_is_over boolean := p_alert.over_at is not null;
begin
  -- An alert about the queue of the alerts would wait in it, and cause the next.
  if p_alert.queue = c_queue or (select webhook_url from queues.alert_settings) is null then
    return;
  end if;
  perform queues.send(c_queue, jsonb_build_object(
    'v', 1,
    'id', format('%s.%s', p_alert.id, case when v_is_over then 'over' else 'raised' end),
    'type', 'queue.' || case when v_is_over then 'ok' else p_alert.verdict end,
    'timestamp', coalesce(p_alert.over_at, p_alert.raised_at),
    'data', jsonb_build_object('alert_id', p_alert.id, 'queue', p_alert.queue, 'verdict', p_alert.verdict, 'reason', p_alert.reason,
      'remedy', p_alert.remedy, 'since', p_alert.since, 'over_at', p_alert.over_at)));
end $$;
comment on function queues.send_alert(queues.alerts) is
  'Sends the message of an alert, or that it is over. Its id is the same for every try.';
revoke all on function queues.send_alert(queues.alerts) from public;

create function queues.trouble(out queue text, out verdict text, out since timestamptz, out ok_since timestamptz)
returns setof record
language plpgsql
stable
set search_path = ''
as $$
declare
  -- An older sample says nothing about now.
  c_recent constant interval := interval '5 minutes';
  v_now timestamptz := clock_timestamp();
begin
  return query
  select l.queue, l.verdict,
    (select min(s.at) from queues.samples s where s.queue = l.queue and s.at > coalesce(l.last_ok, '-infinity')),
    (select min(s.at) from queues.samples s where s.queue = l.queue and s.at > coalesce(l.last_trouble, '-infinity'))
  from (
    select s.queue, (array_agg(s.verdict order by s.at desc))[1] as verdict, max(s.at) as at,
      max(s.at) filter (where s.verdict = 'ok') as last_ok, max(s.at) filter (where s.verdict <> 'ok') as last_trouble
    from queues.samples s where s.at <= v_now group by s.queue
  ) l
  where l.at > v_now - c_recent;
end $$;
comment on function queues.trouble() is
  'The latest verdict of each queue, and since when it has been in trouble, or ok, without a break.';
revoke all on function queues.trouble() from public;

create function queues.raise_alerts(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_settings queues.alert_settings;
  v_trouble record;
  h queues.queue_health;
  v_alert queues.alerts;
begin
  -- Of two ticks at once, one decides.
  if not pg_try_advisory_xact_lock(hashtextextended('queues.raise_alerts', 0)) then
    return 0;
  end if;
  select * into v_settings from queues.alert_settings;

  for v_trouble in
    select t.* from queues.trouble() t
    where t.verdict <> 'ok'
      and t.since <= v_now - make_interval(secs => case t.verdict when 'failing' then v_settings.failing_secs else v_settings.late_secs end)
      and not exists (select from queues.alerts a where a.queue = t.queue and a.over_at is null)
    order by t.queue limit p_limit
  loop
    select m.* into h from queues.settings s cross join lateral queues.health_of(s) m where s.queue = v_trouble.queue;
    -- It may be over since its last sample.
    if h.verdict <> 'ok' then
      insert into queues.alerts (queue, verdict, reason, remedy, since)
      values (h.queue, h.verdict, left(h.reason, 2000), left(h.remedy, 2000), v_trouble.since)
      returning * into v_alert;
      perform queues.send_alert(v_alert);
    end if;
  end loop;

  for v_alert in
    update queues.alerts a set over_at = v_now
    where a.over_at is null and (
      not exists (select from queues.settings s where s.queue = a.queue)
      or exists (
        select from queues.trouble() t
        where t.queue = a.queue and t.verdict = 'ok' and t.ok_since <= v_now - make_interval(secs => v_settings.over_secs)))
    returning a.*
  loop
    perform queues.send_alert(v_alert);
  end loop;
  return 0;
end $$;
comment on function queues.raise_alerts(integer) is
  'Opens an alert for each queue that has been late or failing for long enough, and closes those that are over; sends a message '
  'once for each. Reads the samples of each minute. A queue that goes from late to failing, or back, is one alert.';
revoke all on function queues.raise_alerts(integer) from public;

create function queues.prune_alerts(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  delete from queues.alerts where id = any(array(
    select id from queues.alerts where raised_at < v_before and over_at is not null order by raised_at limit p_limit
    for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_alerts(integer) is 'Removes old alerts that are over.';
revoke all on function queues.prune_alerts(integer) from public;
