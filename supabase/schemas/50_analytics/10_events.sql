-- Analytics events.

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
-- For deleting a profile without reading every event. Most events have none.
create index analytics_events_profile_id_idx on public.analytics_events (profile_id) where profile_id is not null;
comment on table public.analytics_events is 'Events of the app. An event outlives its post and its profile.';
comment on column public.analytics_events.metadata is
  'Other data of the producer; also post_id or profile_id, if it no longer existed when the event was stored.';

alter table public.analytics_events enable row level security;
revoke all on table public.analytics_events from public, anon, authenticated, service_role;
grant select on table public.analytics_events to service_role;
create policy "the service reads events" on public.analytics_events
  for select to service_role using (true);

create function queues.insert_analytics_events(p_events jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_rows('effects.analytics_events', p_events,
    array['event_type', 'post_id', 'session_id', 'profile_id', 'metadata', 'created_at']);
  with events as materialized (
    select *
    from jsonb_to_recordset(p_events) as e (
      event_type text, post_id uuid, session_id text, profile_id uuid, metadata jsonb, created_at timestamptz)
  ),
  -- Locked against deletion until the events reference them, in the order of the ids so that two settlements cannot
  -- deadlock.
  posts as materialized (
    select id from public.posts_new
    where id in (select post_id from events) order by id for key share
  ), profiles as materialized (
    select id from public.profiles
    where id in (select profile_id from events) order by id for key share
  )
  insert into public.analytics_events (event_type, post_id, session_id, profile_id, metadata, created_at)
  select e.event_type, post.id, e.session_id, profile.id,
    case
      when post.id is not distinct from e.post_id and profile.id is not distinct from e.profile_id then e.metadata
      else coalesce(e.metadata, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'post_id', case when post.id is null then e.post_id end,
        'profile_id', case when profile.id is null then e.profile_id end))
    end,
    coalesce(e.created_at, now())
  from events e
  left join posts post on post.id = e.post_id
  left join profiles profile on profile.id = e.profile_id;
end $$;
comment on function queues.insert_analytics_events(jsonb) is
  'Stores events. The id of a post or profile that no longer exists is kept in the metadata.';
revoke all on function queues.insert_analytics_events(jsonb) from public;
