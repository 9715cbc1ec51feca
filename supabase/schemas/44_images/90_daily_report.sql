-- What happened to pictures, day by day.

create table public.image_reports (
  day date primary key,
  uploaded bigint not null,
  by_status jsonb not null,
  by_reason jsonb not null,
  uploaded_bytes bigint not null,
  published_bytes bigint not null,
  processing_secs_p95 numeric,
  reported_at timestamptz not null default now(),

  constraint numbers_are_not_negative check (least(uploaded, uploaded_bytes, published_bytes, processing_secs_p95) >= 0),
  constraint objects_are_objects check (jsonb_typeof(by_status) = 'object' and jsonb_typeof(by_reason) = 'object')
);
comment on table public.image_reports is 'One row per day, in UTC: uploads of that day that still exist.';
comment on column public.image_reports.by_status is '{pending, held, ready, failed}, as they were when this was made.';
comment on column public.image_reports.by_reason is 'Why uploads failed: {reason: number}';
comment on column public.image_reports.processing_secs_p95 is
  'From an upload until its variants were there, for 95 of 100; null without any.';

alter table public.image_reports enable row level security;
revoke all on table public.image_reports from public, anon, authenticated, service_role;
grant select on table public.image_reports to service_role;
create policy "the service reads reports of pictures" on public.image_reports
  for select to service_role using (true);

create function queues.report_images_of(p_day date) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz := p_day::timestamp at time zone 'UTC';
  v_until timestamptz := (p_day + 1)::timestamp at time zone 'UTC';
begin
  insert into public.image_reports as r (
    day, uploaded, by_status, by_reason, uploaded_bytes, published_bytes, processing_secs_p95)
  select
    p_day, count(*),
    (select coalesce(jsonb_object_agg(s.status, s.n), '{}') from (
      select status, count(*) as n from public.post_images where created_at >= v_from and created_at < v_until group by 1) s),
    (select coalesce(jsonb_object_agg(f.reason, f.n), '{}') from (
      select reason, count(*) as n from public.post_images
      where created_at >= v_from and created_at < v_until and reason is not null group by 1) f),
    coalesce(sum(i.size_bytes), 0),
    coalesce(sum((select sum((v ->> 'size_bytes')::bigint) from jsonb_array_elements(i.variants) v)), 0),
    percentile_cont(0.95) within group (order by extract(epoch from i.processed_at - i.created_at))
      filter (where i.status = 'ready' and i.revision = 1)
  from public.post_images i
  where i.created_at >= v_from and i.created_at < v_until
  on conflict (day) do update set
    uploaded = excluded.uploaded, by_status = excluded.by_status, by_reason = excluded.by_reason,
    uploaded_bytes = excluded.uploaded_bytes, published_bytes = excluded.published_bytes,
    processing_secs_p95 = excluded.processing_secs_p95, reported_at = excluded.reported_at;
end $$;
comment on function queues.report_images_of(date) is 'Makes the report of a day, or makes it again.';
revoke all on function queues.report_images_of(date) from public;
