-- How leases ended, as numbers over time. Every settlement inserts a row and none is updated, so settlements do not wait
-- for each other.

create table queues.settlements (
  -- No foreign key: each insert would lock the row of queues.settings.
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
  deferred bigint not null default 0,
  run_id uuid,
  began_at timestamptz default now(),
  primary key (queue, at, id),

  constraint counts_are_not_negative check (least(processed, retried, dead_lettered, released, lost, expired) >= 0),
  constraint deferred_is_not_negative check (deferred >= 0)
);
create index settlements_last_failure_idx on queues.settlements (queue, at) where last_failure is not null;
comment on table queues.settlements is
  'How leases ended: a row per settlement for some hours, then one per hour for 30 days, then one for all earlier '
  'time. The sum over all rows of a queue never falls.';
comment on column queues.settlements.at is
  'The time of the settlement; the start of the hour in a row for an hour; -infinity in the row for all earlier time.';
comment on column queues.settlements.lost is 'Leases that had ended before they were settled.';
comment on column queues.settlements.expired is
  'Leases that expired unsettled, found by the next claim: a worker crashed or was too slow.';
comment on column queues.settlements.dead_lettered is 'Messages dead-lettered, by a settlement or by a claim.';
comment on column queues.settlements.last_failure is 'The last failure among them: {at, code, error}.';
comment on column queues.settlements.deferred is 'Messages that were deferred, which is neither a failure nor a crash.';
comment on column queues.settlements.run_id is 'The run that settled, or whose claim found what expired. Null in a row for an hour.';
comment on column queues.settlements.began_at is
  'When its transaction began, which is the archived_at of what it acknowledged. Null in a row for an hour.';
revoke all on table queues.settlements from public, anon, authenticated, service_role;

create function queues.fold_settlements(p_queue text, p_from timestamptz, p_before timestamptz, p_limit integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_folded integer;
begin
  with old as materialized (
    select queue, at, id from queues.settlements
    where queue = p_queue and at >= p_from and at < p_before
      -- A row that stands for an hour stays as it is.
      and (p_from = '-infinity' or at <> date_trunc('hour', at, 'UTC'))
    order by at limit p_limit
    for update skip locked
  ), removed as (
    delete from queues.settlements s using old
    where s.queue = old.queue and s.at = old.at and s.id = old.id
    returning s.*
  ), folded as (
    insert into queues.settlements (
      queue, at, processed, retried, deferred, dead_lettered, released, lost, expired, last_failure, began_at)
    select queue, case when p_from = '-infinity' then p_from else date_trunc('hour', at, 'UTC') end as hour,
      sum(processed), sum(retried), sum(deferred), sum(dead_lettered), sum(released), sum(lost), sum(expired),
      (array_agg(last_failure order by at desc, id desc) filter (where last_failure is not null))[1], null
    from removed
    group by queue, hour
  )
  select count(*)::integer into v_folded from removed where at > '-infinity';
  return v_folded;
end $$;
comment on function queues.fold_settlements(text, timestamptz, timestamptz, integer) is
  'Folds the rows between two times into one row per hour; from -infinity, into a single row.';
revoke all on function queues.fold_settlements(text, timestamptz, timestamptz, integer) from public;

create function queues.acknowledged_by(p_queue text, p_archived_at timestamptz) returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Longer than a settlement may take.
  c_longest constant interval := interval '1 minute';
begin
  return (
    select run_id from queues.settlements
    where queue = p_queue and at between p_archived_at and p_archived_at + c_longest and began_at = p_archived_at
    limit 1);
end $$;
comment on function queues.acknowledged_by(text, timestamptz) is
  'The run that acknowledged a message, by its archived_at. Null if no run did, or once the settlement is folded, after an hour.';
revoke all on function queues.acknowledged_by(text, timestamptz) from public;
