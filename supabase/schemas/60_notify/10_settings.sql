-- How people are notified: when, how often, and what happens while a provider is down.

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
  -- Notifications must be kept for as long as events may join them.
  constraint retention_covers_the_window check (retention_days > 0 and retention_days * 86400::bigint >= coalesce_secs),
  constraint hourly_caps_are_at_most_10000 check (hourly_cap_push <= 10000 and hourly_cap_email <= 10000),
  -- Push services keep a push for no longer.
  constraint max_age_is_at_most_28_days check (max_age_secs <= 2419200),
  constraint breaker_failures_is_at_most_1000 check (breaker_failures <= 1000),
  constraint breaker_is_at_most_a_day check (breaker_cap_secs <= 86400),
  constraint retention_is_at_most_ten_years check (retention_days <= 3650)
);
comment on table queues.notification_settings is
  'How people are notified. One row; a change takes effect with the next batch.';
comment on column queues.notification_settings.coalesce_secs is
  'For how long after a notification further events of its group join it, while it is unread.';
comment on column queues.notification_settings.email_delay_secs is
  'How long an email waits. It is not sent if the notification was read by then.';
comment on column queues.notification_settings.hourly_cap_push is
  'The most pushes to one person within an hour, on all devices together.';
comment on column queues.notification_settings.hourly_cap_email is 'The most emails to one person within an hour.';
comment on column queues.notification_settings.quiet_from is
  'When quiet hours begin, in the time zone of the recipient, for people who have not set their own; null for none.';
comment on column queues.notification_settings.quiet_until is
  'When quiet hours end; earlier than quiet_from if they last past midnight.';
comment on column queues.notification_settings.max_age_secs is 'The age at which an undelivered delivery is given up.';
comment on column queues.notification_settings.breaker_failures is
  'The number of failures in a row that opens the circuit breaker of a provider.';
comment on column queues.notification_settings.breaker_base_secs is
  'How long a breaker stays open at first. The time doubles with each trip.';
comment on column queues.notification_settings.breaker_cap_secs is 'The longest time that a breaker stays open.';
comment on column queues.notification_settings.retention_days is
  'When notifications and the records of their delivery are removed.';
revoke all on table queues.notification_settings from public, anon, authenticated, service_role;
