-- What happened to comments, day by day.

create table public.comment_reports (
  day date primary key,
  posted bigint not null,
  by_decision jsonb not null,
  by_reason jsonb not null,
  overruled bigint not null,
  reports bigint not null,
  appeals bigint not null,
  bans bigint not null,
  waiting bigint not null,
  reported_at timestamptz not null default now(),
  waiting_by_reason jsonb not null default '{}',
  oldest_waiting_secs bigint not null default 0,

  constraint numbers_are_not_negative check (least(posted, overruled, reports, appeals, bans, waiting, oldest_waiting_secs) >= 0),
  constraint objects_are_objects check (jsonb_typeof(by_decision) = 'object' and jsonb_typeof(by_reason) = 'object'),
  constraint waiting_by_reason_is_an_object check (jsonb_typeof(waiting_by_reason) = 'object')
);
comment on table public.comment_reports is 'One row per day, in UTC.';
comment on column public.comment_reports.posted is 'Comments of that day that still exist.';
comment on column public.comment_reports.by_decision is
  '{machine: {approved, flagged, rejected}, moderators: {approved, rejected}}';
comment on column public.comment_reports.by_reason is 'How often each code was a reason of the machine: {code: number}';
comment on column public.comment_reports.overruled is 'Comments that a moderator approved after the machine had rejected them.';
comment on column public.comment_reports.waiting is 'Comments and posts that waited for a moderator when this was made.';
comment on column public.comment_reports.waiting_by_reason is 'Those, by why they wait: {flagged, reported, appealed}';
comment on column public.comment_reports.oldest_waiting_secs is 'For how long the oldest of them had waited.';

alter table public.comment_reports enable row level security;
revoke all on table public.comment_reports from public, anon, authenticated, service_role;
grant select on table public.comment_reports to service_role;
create policy "the service reads reports of comments" on public.comment_reports
  for select to service_role using (true);

create function queues.report_comments_of(p_day date) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz := p_day::timestamp at time zone 'UTC';
  v_until timestamptz := (p_day + 1)::timestamp at time zone 'UTC';
  v_report public.comment_reports;
begin
  select count(*) into v_report.posted from public.comments where created_at >= v_from and created_at < v_until;

  select
    coalesce(jsonb_object_agg(who, counts) filter (where who is not null), '{}')
  into v_report.by_decision
  from (
    select who, jsonb_object_agg(action, n) as counts
    from (
      select case when actor_id is null then 'machine' else 'moderators' end as who, action, count(*) as n
      from queues.moderation_log
      where at >= v_from and at < v_until and action in ('approved', 'flagged', 'rejected')
      group by 1, 2
    ) counted
    group by who
  ) deciders;

  select coalesce(jsonb_object_agg(code, n), '{}') into v_report.by_reason
  from (
    select reason ->> 'code' as code, count(*) as n
    from queues.moderation_log l cross join lateral jsonb_array_elements(l.reasons) reason
    where l.at >= v_from and l.at < v_until and l.action in ('flagged', 'rejected') and l.actor_id is null
      and reason ->> 'code' is not null
    group by 1
  ) codes;

  select
    count(*) filter (where action = 'approved' and actor_id is not null and exists (
      select from queues.moderation_log e
      where e.comment_id = l.comment_id and e.at < l.at and e.action = 'rejected' and e.actor_id is null)),
    count(*) filter (where action = 'reported'), count(*) filter (where action = 'appealed'),
    count(*) filter (where action = 'banned')
  into v_report.overruled, v_report.reports, v_report.appeals, v_report.bans
  from queues.moderation_log l where at >= v_from and at < v_until;

  select coalesce(sum(b.waiting), 0)::bigint, jsonb_object_agg(b.why, b.waiting), coalesce(max(b.oldest_secs), 0)
  into v_report.waiting, v_report.waiting_by_reason, v_report.oldest_waiting_secs
  from queues.comment_backlog() b where b.why <> 'pending';

  insert into public.comment_reports (
    day, posted, by_decision, by_reason, overruled, reports, appeals, bans, waiting, waiting_by_reason, oldest_waiting_secs)
  values (p_day, v_report.posted, v_report.by_decision, v_report.by_reason, v_report.overruled, v_report.reports,
    v_report.appeals, v_report.bans, v_report.waiting, v_report.waiting_by_reason, v_report.oldest_waiting_secs)
  on conflict (day) do update set
    posted = excluded.posted, by_decision = excluded.by_decision, by_reason = excluded.by_reason,
    overruled = excluded.overruled, reports = excluded.reports, appeals = excluded.appeals, bans = excluded.bans,
    reported_at = excluded.reported_at;
end $$;
comment on function queues.report_comments_of(date) is 'Makes the report about the comments of a day, or makes it again.';
revoke all on function queues.report_comments_of(date) from public;
