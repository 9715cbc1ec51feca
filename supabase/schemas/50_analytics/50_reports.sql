-- Daily reports, made from the daily counters, which are exact, and one pass over the events of the day. A report that is
-- made again includes events that arrived late.

create table public.analytics_reports (
  day date primary key,
  events bigint not null,
  events_by_type jsonb not null,
  active_sessions bigint not null,
  top_posts jsonb not null,
  events_growth_percent numeric,
  active_sessions_growth_percent numeric,
  reported_at timestamptz not null default now(),
  limited_calls jsonb not null default '{}',

  constraint numbers_are_not_negative check (events >= 0 and active_sessions >= 0),
  constraint events_by_type_is_an_object check (jsonb_typeof(events_by_type) = 'object'),
  constraint top_posts_is_an_array check (jsonb_typeof(top_posts) = 'array'),
  constraint limited_calls_is_an_object check (jsonb_typeof(limited_calls) = 'object')
);
comment on table public.analytics_reports is 'One row per day, in UTC.';
comment on column public.analytics_reports.events_by_type is '{event type: how many}';
comment on column public.analytics_reports.active_sessions is
  'The number of different sessions among the events of the day.';
comment on column public.analytics_reports.top_posts is
  'The ten posts with the most events, in that order: [{"post_id", "events", "events_by_type"}]. A post may have been '
  'deleted since.';
comment on column public.analytics_reports.events_growth_percent is
  'Compared to the day before; null if that day had no events.';
comment on column public.analytics_reports.active_sessions_growth_percent is
  'Compared to the day before; null if that day had no sessions or no report.';
comment on column public.analytics_reports.reported_at is
  'Events that arrived later are included when the report is made again.';
comment on column public.analytics_reports.limited_calls is
  'Calls of actions that have a rate limit: {action: {"allowed", "refused", "deferred"}}. What nobody got is left out.';

alter table public.analytics_reports enable row level security;
revoke all on table public.analytics_reports from public, anon, authenticated, service_role;
grant select on table public.analytics_reports to service_role;
create policy "the service reads reports" on public.analytics_reports
  for select to service_role using (true);

create function queues.growth_percent(p_now bigint, p_before bigint) returns numeric
language plpgsql
immutable
set search_path = ''
as $$
begin
  return round(100.0 * (p_now - p_before) / nullif(p_before, 0), 1);
end $$;
comment on function queues.growth_percent(bigint, bigint) is 'The growth in percent; null if p_before is 0 or null.';
revoke all on function queues.growth_percent(bigint, bigint) from public;

create function queues.report_day(p_day date) returns public.analytics_reports
language plpgsql
security definer
set search_path = ''
-- Enough to hash the sessions of a busy day instead of sorting them.
set work_mem = '64MB'
set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_report public.analytics_reports;
begin
  if p_day is null or p_day > (now() at time zone 'UTC')::date or not isfinite(p_day) then
    perform queues.reject('p_day', 'is not a day up to today', 'days are those of UTC');
  end if;
  v_report.day := p_day;

  select coalesce(sum(events), 0)::bigint, coalesce(jsonb_object_agg(event_type, events), '{}')
  into v_report.events, v_report.events_by_type
  from (
    select event_type, sum(count) as events from public.analytics_daily where day = p_day group by event_type
  ) types;

  select coalesce(jsonb_agg(to_jsonb(t) order by events desc, post_id), '[]') into v_report.top_posts
  from (
    select post_id, sum(count) as events, jsonb_object_agg(event_type, count) as events_by_type
    from public.analytics_daily where day = p_day and post_id is not null
    group by post_id
    order by events desc, post_id
    limit 10
  ) t;

  select count(*) into v_report.active_sessions
  from (
    select distinct session_id from public.analytics_events
    where created_at >= p_day::timestamp at time zone 'UTC' and created_at < (p_day + 1)::timestamp at time zone 'UTC'
      and session_id is not null
  ) sessions;

  v_report.limited_calls := queues.limited_calls(
    p_day::timestamp at time zone 'UTC', (p_day + 1)::timestamp at time zone 'UTC');

  -- Last, so that the row is locked only for a moment.
  insert into public.analytics_reports (day, events, events_by_type, active_sessions, top_posts, limited_calls)
  values (p_day, v_report.events, v_report.events_by_type, v_report.active_sessions, v_report.top_posts,
    v_report.limited_calls)
  on conflict (day) do update set
    events = excluded.events, events_by_type = excluded.events_by_type, active_sessions = excluded.active_sessions,
    top_posts = excluded.top_posts, limited_calls = excluded.limited_calls, reported_at = excluded.reported_at;

  -- The growth of the next day changes too, if it was reported before.
  update public.analytics_reports r set
    events_growth_percent = queues.growth_percent(
      r.events, (select sum(count)::bigint from public.analytics_daily where day = r.day - 1)),
    active_sessions_growth_percent = queues.growth_percent(
      r.active_sessions, (select active_sessions from public.analytics_reports where day = r.day - 1))
  where r.day in (p_day, p_day + 1);

  select * into v_report from public.analytics_reports where day = p_day;
  return v_report;
end $$;
comment on function queues.report_day(date) is
  'Makes the report of a day, or makes it again. Reads the counters and events of the day by their indexes, and holds '
  'no lock that a settlement waits for.';
revoke all on function queues.report_day(date) from public;
grant execute on function queues.report_day(date) to service_role;
