-- In-app notifications. The rows are the truth; pushes and emails follow from the same message. Events of one group share
-- a notification while it is unread.

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  type text not null,
  data jsonb not null,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  group_key text,
  title text,
  body text,
  url text,
  actor_count integer not null default 1,
  updated_at timestamptz not null default now(),
  withdrawn_at timestamptz,

  -- Such as new_like, new_comment, new_follower.
  constraint type_is_a_name check (type ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint data_is_an_object check (jsonb_typeof(data) = 'object'),
  constraint group_key_is_short check (length(group_key) <= 200),
  constraint a_group_has_words check (group_key is null or (title is not null and body is not null)),
  constraint actor_count_is_not_negative check (actor_count >= 0)
);
-- One index per question: which are new, how many are unread, which one can an event join.
create index notifications_list_idx on public.notifications (recipient_id, updated_at desc, id desc)
  where withdrawn_at is null;
create index notifications_unread_idx on public.notifications (recipient_id, updated_at)
  where read_at is null and withdrawn_at is null;
create index notifications_group_idx on public.notifications (recipient_id, group_key, created_at desc);
create index notifications_created_at_idx on public.notifications (created_at);
comment on table public.notifications is 'Notifications in the app.';
comment on column public.notifications.read_at is 'When the recipient read it; null while unread.';
comment on column public.notifications.group_key is
  'The group whose events join it, such as new_like:<post>; null if none can.';
comment on column public.notifications.url is 'A path within the app.';
comment on column public.notifications.actor_count is 'The number of people it mentions.';
comment on column public.notifications.created_at is 'When the recipient was first notified.';
comment on column public.notifications.updated_at is 'The time of its latest event, or created_at if that is later.';
comment on column public.notifications.withdrawn_at is
  'When its last actor took the event back before it was read; null otherwise.';

alter table public.notifications enable row level security;
revoke all on table public.notifications from public, anon, authenticated, service_role;
-- mark_notifications_read and mark_all_notifications_read set read_at.
grant select on table public.notifications to authenticated;
grant select on table public.notifications to service_role;

create policy "people read their own notifications" on public.notifications
  for select to authenticated using (recipient_id = (select queues.user_id()) and withdrawn_at is null);
