-- The actors of notifications: who liked, commented or followed.

create table queues.notification_actors (
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  group_key text not null,
  actor text not null,
  name text,
  is_active boolean not null,
  at timestamptz not null,
  notification_id uuid references public.notifications (id) on delete cascade,
  primary key (recipient_id, group_key, actor),

  constraint group_key_is_short check (length(group_key) <= 200),
  constraint actor_is_short check (length(actor) between 1 and 300),
  constraint name_is_short check (length(name) <= 200)
);
create index notification_actors_notification_id_idx on queues.notification_actors (notification_id, is_active, at desc);
create index notification_actors_at_idx on queues.notification_actors (at);
comment on table queues.notification_actors is
  'The latest event of each actor in each group, in whatever order events are handled.';
comment on column queues.notification_actors.actor is
  'profile:<uuid>, session:<text>, or anonymous where neither is known. A session is a secret of its owner and never leaves this schema.';
comment on column queues.notification_actors.name is
  'The name as the core lets it be shown; null for someone without one.';
comment on column queues.notification_actors.is_active is 'False once the event is taken back.';
comment on column queues.notification_actors.at is
  'When the latest event happened. An older event that is handled later changes nothing.';
comment on column queues.notification_actors.notification_id is
  'The notification that mentions the actor; null if none did.';
revoke all on table queues.notification_actors from public, anon, authenticated, service_role;
