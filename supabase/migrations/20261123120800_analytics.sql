-- Where the analytics queue ends: every event, and its daily counters.

create table public.analytics_events (
  id uuid primary key default gen_random_uuid(),
  event_type text not null,
  post_id uuid references public.posts_new (id) on delete set null,
  session_id text,
  profile_id uuid references public.profiles (id) on delete set null,
  metadata jsonb,
  created_at timestamptz default now(),

  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object')
);
create index analytics_events_event_type_idx on public.analytics_events (event_type);
create index analytics_events_post_id_idx on public.analytics_events (post_id);
create index analytics_events_created_at_idx on public.analytics_events (created_at);
-- Most events have no profile; the index is for deleting one without reading every event.
create index analytics_events_profile_id_idx on public.analytics_events (profile_id) where profile_id is not null;
comment on table public.analytics_events is 'What happened in the app. An event outlives its post and its profile.';
comment on column public.analytics_events.metadata is
  'What else the producer said; also post_id or profile_id where these were gone before the event was stored.';

alter table public.analytics_events enable row level security;
revoke all on table public.analytics_events from public, anon, authenticated, service_role;
grant select on table public.analytics_events to service_role;
create policy "the service reads events" on public.analytics_events
  for select to service_role using (true);

create table public.analytics_daily (
  id bigint generated always as identity primary key,
  day date not null,
  event_type text not null,
  post_id uuid,
  count bigint not null default 0,

  constraint one_counter_per_key unique nulls not distinct (day, event_type, post_id),
  constraint count_is_not_negative check (count >= 0)
);
comment on table public.analytics_daily is 'Counters per day, event type and post; post_id is null for events without one.';
comment on column public.analytics_daily.post_id is 'No foreign key: the counters of a deleted post remain.';
comment on column public.analytics_daily.count is 'How many events.';

alter table public.analytics_daily enable row level security;
revoke all on table public.analytics_daily from public, anon, authenticated, service_role;
grant select on table public.analytics_daily to service_role;
create policy "the service reads counters" on public.analytics_daily
  for select to service_role using (true);
