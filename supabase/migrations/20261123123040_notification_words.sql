-- What a notification says, and what it is about: several events become one as long as it is unread.

alter table public.notifications
  add column group_key text,
  add column title text,
  add column body text,
  add column url text,
  add column actor_count integer not null default 1,
  add column updated_at timestamptz default now(),
  add column withdrawn_at timestamptz,
  add constraint group_key_is_short check (length(group_key) <= 200),
  -- Those of before have neither.
  add constraint a_group_has_words check (group_key is null or (title is not null and body is not null)),
  add constraint actor_count_is_not_negative check (actor_count >= 0);

update public.notifications
set created_at = coalesce(created_at, now()), updated_at = coalesce(created_at, now());
alter table public.notifications
  alter column created_at set not null,
  alter column updated_at set not null;

comment on column public.notifications.group_key is
  'What it is about, as in new_like:<post>; null for one that nothing joins.';
comment on column public.notifications.url is 'Where it leads: a path within the app.';
comment on column public.notifications.actor_count is 'How many people it tells of.';
comment on column public.notifications.created_at is 'When its recipient was told first.';
comment on column public.notifications.updated_at is 'When the latest thing that it tells happened.';
comment on column public.notifications.withdrawn_at is 'When it ceased to be so before it was read; null while it is.';

-- Each serves one question, for one person among millions: what is new, how much is unread, what can be joined.
drop index public.notifications_unread_idx;
create index notifications_list_idx on public.notifications (recipient_id, updated_at desc, id desc) where withdrawn_at is null;
create index notifications_unread_idx on public.notifications (recipient_id, updated_at)
  where read_at is null and withdrawn_at is null;
create index notifications_group_idx on public.notifications (recipient_id, group_key, created_at desc);
create index notifications_created_at_idx on public.notifications (created_at);

alter policy "people read their own notifications" on public.notifications
  using (recipient_id = (select auth.uid()) and withdrawn_at is null);
