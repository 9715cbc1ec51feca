-- What became of messages, as numbers over time: inserted by every settlement and never updated, so that settlements
-- do not wait for each other.

create table queues.settlements (
  -- No foreign key: each insert would lock the settings' row.
  queue text not null,
  at timestamptz not null default clock_timestamp(),
  id bigint generated always as identity,
  processed bigint not null default 0,
  retried bigint not null default 0,
  dead_lettered bigint not null default 0,
  released bigint not null default 0,
  lost bigint not null default 0,
  expired bigint not null default 0,
  last_failure jsonb,
  primary key (queue, at, id),

  constraint counts_are_not_negative check (least(processed, retried, dead_lettered, released, lost, expired) >= 0)
);
create index settlements_last_failure_idx on queues.settlements (queue, at) where last_failure is not null;
comment on table queues.settlements is
  'What became of leases: a row per settlement for some hours, then one per hour for 30 days, then one for all the time '
  'before. The sum over all rows of a queue never falls.';
comment on column queues.settlements.at is
  'When it was settled; the start of the hour in a row for an hour; -infinity in the row for the time before.';
comment on column queues.settlements.lost is 'Leases that a settlement named and no longer held.';
comment on column queues.settlements.expired is
  'Leases that ran out unsettled, noticed by the next claim: a worker crashed or was too slow.';
comment on column queues.settlements.dead_lettered is 'Messages given up, by a settlement or by a claim.';
comment on column queues.settlements.last_failure is 'The last failure among them: {at, code, error}.';

revoke all on table queues.settlements from public, anon, authenticated, service_role;
