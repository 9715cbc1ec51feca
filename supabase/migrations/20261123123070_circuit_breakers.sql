-- What all workers know of the providers: one that keeps failing is left alone for a while.

create table queues.circuit_breakers (
  provider text primary key,
  version bigint not null default 0,
  failures integer not null default 0,
  trips integer not null default 0,
  open_until timestamptz,
  probe_until timestamptz,
  reason text,
  updated_at timestamptz not null default now(),

  constraint counts_are_not_negative check (version >= 0 and failures >= 0 and trips >= 0)
);
comment on table queues.circuit_breakers is 'One row per provider of pushes and emails.';
comment on column queues.circuit_breakers.version is
  'Grows with each change: a worker changes only the state that it decided upon.';
comment on column queues.circuit_breakers.failures is 'Failures in a row.';
comment on column queues.circuit_breakers.trips is 'How often it was opened in a row.';
comment on column queues.circuit_breakers.open_until is 'Nothing is sent until then; null while it is closed.';
comment on column queues.circuit_breakers.probe_until is
  'Until then one worker tries whether the provider works again.';
comment on column queues.circuit_breakers.reason is 'What it was opened for.';
insert into queues.circuit_breakers (provider) values ('fcm'), ('apns'), ('web_push'), ('resend'), ('sendgrid');
revoke all on table queues.circuit_breakers from public, anon, authenticated, service_role;
