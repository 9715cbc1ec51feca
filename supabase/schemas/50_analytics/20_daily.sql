-- Counters per day.

create table public.analytics_daily (
  id bigint generated always as identity primary key,
  day date not null,
  event_type text not null,
  post_id uuid,
  count bigint not null default 0,

  constraint one_counter_per_key unique nulls not distinct (day, event_type, post_id),
  constraint count_is_not_negative check (count >= 0)
);
comment on table public.analytics_daily is
  'Counters per day, event type and post; post_id is null for events without one.';
comment on column public.analytics_daily.post_id is 'No foreign key: the counters of a deleted post remain.';
comment on column public.analytics_daily.count is 'The number of events.';

alter table public.analytics_daily enable row level security;
revoke all on table public.analytics_daily from public, anon, authenticated, service_role;
-- Older projects have default privileges for the roles of the API in public.
revoke all on sequence public.analytics_daily_id_seq from public, anon, authenticated, service_role;
grant select on table public.analytics_daily to service_role;
create policy "the service reads counters" on public.analytics_daily
  for select to service_role using (true);

create function queues.count_analytics_daily(p_counts jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_rows('effects.analytics_daily', p_counts, array['day', 'event_type', 'post_id', 'count']);
  -- In the order of the key, so that two settlements with the same counters cannot deadlock.
  insert into public.analytics_daily as d (day, event_type, post_id, count)
  select day, event_type, post_id, sum(count)
  from jsonb_to_recordset(p_counts) as c (day date, event_type text, post_id uuid, count bigint)
  group by day, event_type, post_id
  order by day, event_type, post_id
  on conflict on constraint one_counter_per_key do update
    set count = d.count + excluded.count;
end $$;
comment on function queues.count_analytics_daily(jsonb) is 'Adds to daily counters.';
revoke all on function queues.count_analytics_daily(jsonb) from public;
