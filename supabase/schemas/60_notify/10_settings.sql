-- How people are told: when, how often, and what happens while a provider is down.

create table queues.notification_settings (
  is_only boolean primary key default true,
  coalesce_secs integer not null default 3600,
  email_delay_secs integer not null default 600,
  hourly_cap_push integer not null default 20,
  hourly_cap_email integer not null default 6,
  quiet_from time,
  quiet_until time,
  max_age_secs integer not null default 86400,
  breaker_failures integer not null default 5,
  breaker_base_secs integer not null default 30,
  breaker_cap_secs integer not null default 900,
  retention_days integer not null default 90,

  constraint there_is_one_row check (is_only),
  constraint coalesce_is_at_most_a_week check (coalesce_secs between 0 and 604800),
  constraint email_delay_is_at_most_a_week check (email_delay_secs between 0 and 604800),
  constraint hourly_caps_are_not_negative check (hourly_cap_push >= 0 and hourly_cap_email >= 0),
  constraint quiet_hours_begin_and_end check ((quiet_from is null) = (quiet_until is null)),
  constraint max_age_is_positive check (max_age_secs > 0),
  constraint breaker_failures_is_positive check (breaker_failures > 0),
  constraint breaker_grows check (breaker_base_secs > 0 and breaker_cap_secs >= breaker_base_secs),
  -- What was told within the window must be known as long as that lasts.
  constraint retention_covers_the_window check (retention_days > 0 and retention_days * 86400::bigint >= coalesce_secs)
);
comment on table queues.notification_settings is
  'How people are notified; one row. A change holds from the next batch on.';
comment on column queues.notification_settings.coalesce_secs is
  'What happens to the same thing within so long after a notification joins it, while it is unread.';
comment on column queues.notification_settings.email_delay_secs is
  'An email waits so long, and is not sent if the notification was read by then.';
comment on column queues.notification_settings.hourly_cap_push is
  'Pushes to one person, on all devices together, within an hour.';
comment on column queues.notification_settings.hourly_cap_email is 'Emails to one person within an hour.';
comment on column queues.notification_settings.quiet_from is
  'When quiet hours begin, in the recipient''s time zone, for people who have not chosen their own; null for none.';
comment on column queues.notification_settings.quiet_until is
  'When they end; before quiet_from where they last over midnight.';
comment on column queues.notification_settings.max_age_secs is
  'What could not be delivered for so long is not delivered any more.';
comment on column queues.notification_settings.breaker_failures is
  'So many failures of a provider in a row, and nothing is sent to it for a while.';
comment on column queues.notification_settings.breaker_base_secs is 'How long that is at first; it doubles each time.';
comment on column queues.notification_settings.breaker_cap_secs is 'And how long at most.';
comment on column queues.notification_settings.retention_days is
  'After so long notifications, and what is known of their delivery, are removed.';
revoke all on table queues.notification_settings from public, anon, authenticated, service_role;
