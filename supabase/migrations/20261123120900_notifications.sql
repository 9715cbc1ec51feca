-- In-app notifications: the rows are the truth; pushes and emails follow from the same message.

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  type text not null,
  data jsonb not null,
  read_at timestamptz,
  created_at timestamptz default now(),

  -- new_like, new_comment, new_follower, and more to come.
  constraint type_is_a_name check (type ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint data_is_an_object check (jsonb_typeof(data) = 'object')
);
create index notifications_unread_idx on public.notifications (recipient_id, created_at) where read_at is null;
comment on table public.notifications is 'What people are told in the app.';
comment on column public.notifications.read_at is 'When the recipient saw it; null is unread.';

alter table public.notifications enable row level security;
revoke all on table public.notifications from public, anon, authenticated, service_role;
grant select, update (read_at) on table public.notifications to authenticated;
grant select on table public.notifications to service_role;

create policy "people read their own notifications" on public.notifications
  for select to authenticated using (recipient_id = (select auth.uid()));
create policy "people mark their own notifications" on public.notifications
  for update to authenticated
  using (recipient_id = (select auth.uid())) with check (recipient_id = (select auth.uid()));
