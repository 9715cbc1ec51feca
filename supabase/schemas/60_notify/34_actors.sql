-- Who did what a notification tells of.

create table queues.notification_actors (
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  group_key text not null,
  actor text not null,
  profile_id uuid,
  is_active boolean not null,
  at timestamptz not null,
  notification_id uuid references public.notifications (id) on delete cascade,
  primary key (recipient_id, group_key, actor),

  constraint group_key_is_short check (length(group_key) <= 200),
  constraint actor_is_short check (length(actor) between 1 and 300)
);
create index notification_actors_notification_id_idx on queues.notification_actors (notification_id, is_active, at desc);
create index notification_actors_at_idx on queues.notification_actors (at);
comment on table queues.notification_actors is
  'The latest that is known of each actor about each thing, whatever the order in which it became known.';
comment on column queues.notification_actors.actor is
  'profile:<uuid> or session:<text>. A session is a secret of its owner and never leaves this schema.';
comment on column queues.notification_actors.profile_id is
  'Whose name is told. No foreign key: a person without a profile is someone.';
comment on column queues.notification_actors.is_active is 'False once taken back.';
comment on column queues.notification_actors.at is
  'When the latest event happened; an older one that comes later changes nothing.';
comment on column queues.notification_actors.notification_id is
  'The notification that tells of it; null where none ever did.';
revoke all on table queues.notification_actors from public, anon, authenticated, service_role;
