-- The ledger of deliveries: one row per notification and target.

create table queues.notification_deliveries (
  id uuid primary key default gen_random_uuid(),
  notification_id uuid not null references public.notifications (id) on delete cascade,
  recipient_id uuid not null,
  channel text not null,
  device_id uuid,
  status text not null default 'pending',
  reason text,
  provider text,
  provider_message_id text,
  tries integer not null default 0,
  uncertain_tries integer not null default 0,
  created_at timestamptz not null default now(),
  claimed_at timestamptz,
  settled_at timestamptz,
  is_uncertain boolean not null default false,

  constraint one_row_per_target unique nulls not distinct (notification_id, channel, device_id),
  constraint channel_is_known check (channel in ('push', 'email')),
  constraint status_is_known check (status in ('pending', 'sending', 'sent', 'skipped', 'failed')),
  constraint only_a_push_has_a_device check (device_id is null or channel = 'push'),
  constraint what_was_not_sent_has_a_reason check (status not in ('skipped', 'failed') or reason is not null),
  constraint tries_are_counted check (tries >= 0 and uncertain_tries between 0 and tries)
);
create index notification_deliveries_recipient_idx on queues.notification_deliveries (recipient_id, channel, claimed_at)
  where status in ('sending', 'sent');
create index notification_deliveries_created_at_idx on queues.notification_deliveries (created_at);
-- For queues.delivery_health.
create index notification_deliveries_settled_at_idx on queues.notification_deliveries (settled_at, provider, status)
  where settled_at is not null;
create index notification_deliveries_uncertain_idx on queues.notification_deliveries (claimed_at)
  where uncertain_tries > 0;
comment on table queues.notification_deliveries is
  'Pushes and emails. pending, then sending from a claim until its settlement, then sent, skipped or failed. Its id is '
  'the idempotency key of every try.';
comment on column queues.notification_deliveries.device_id is
  'The target of a push; null for profiles.push_token and for an email. No foreign key: the row outlives the device.';
comment on column queues.notification_deliveries.reason is 'Why it was skipped, failed, or will be tried again.';
comment on column queues.notification_deliveries.uncertain_tries is
  'Claims of a delivery that may have been sent before. Each may have sent it again, if the provider has no '
  'idempotency keys.';
comment on column queues.notification_deliveries.claimed_at is 'The latest claim.';
comment on column queues.notification_deliveries.settled_at is 'When it became sent, skipped or failed.';
comment on column queues.notification_deliveries.is_uncertain is
  'Whether the last try of a failed delivery may have been accepted.';
revoke all on table queues.notification_deliveries from public, anon, authenticated, service_role;
