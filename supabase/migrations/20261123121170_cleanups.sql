-- Housekeeping: what is old is removed a little at a time. A round is started once a day; every tick of the dispatcher
-- does one short step of it, in a transaction of its own, until nothing is left to remove.

create table queues.cleanups (
  id bigint generated always as identity primary key,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  removed jsonb not null default '{}',
  errors jsonb not null default '{}',

  constraint removed_is_an_object check (jsonb_typeof(removed) = 'object'),
  constraint errors_is_an_object check (jsonb_typeof(errors) = 'object')
);
create unique index cleanups_one_at_a_time_idx on queues.cleanups ((finished_at is null)) where finished_at is null;
comment on table queues.cleanups is 'One row per round of housekeeping.';
comment on column queues.cleanups.removed is 'How many rows of which table are gone.';
comment on column queues.cleanups.errors is 'What could not be done, by table or function: its last error.';
revoke all on table queues.cleanups from public, anon, authenticated, service_role;

create table queues.totals (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  counted text not null,
  label text not null,
  rows bigint not null,
  primary key (queue, counted, label),

  constraint counted_is_known check (counted in ('dispatches', 'runs')),
  constraint rows_is_not_negative check (rows >= 0)
);
comment on table queues.totals is
  'Rows that housekeeping has removed, so that counters which start with them never fall.';
comment on column queues.totals.label is
  'The outcome of the calls, or why the runs stopped; `killed` for runs that never said.';
revoke all on table queues.totals from public, anon, authenticated, service_role;
