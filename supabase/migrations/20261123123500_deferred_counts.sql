-- Messages put off without a fault of theirs, say while a provider is out of order: counted beside the others.

alter table queues.settlements
  add column deferred bigint not null default 0,
  add constraint deferred_is_not_negative check (deferred >= 0);
alter table queues.runs add column deferred bigint not null default 0;
comment on column queues.settlements.deferred is 'Messages put off: neither failures nor crashes.';
comment on column queues.runs.deferred is 'Messages put off: neither failures nor crashes.';

comment on table queues.failures is
  'One row per message that was retried, deferred or released and is still in its queue.';
comment on column queues.failures.settlements is
  'Claims that ended in a settled retry, deferral or release. A message''s read count less this is the number of its '
  'crashes.';

create or replace function queues.fold_settlements(p_queue text, p_from timestamptz, p_before timestamptz, p_limit integer)
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
      -- Of rows from which there are hours to make, those that are one already stay as they are.
      and (p_from = '-infinity' or at <> date_trunc('hour', at, 'UTC'))
    order by at limit p_limit
    for update skip locked
  ), removed as (
    delete from queues.settlements s using old
    where s.queue = old.queue and s.at = old.at and s.id = old.id
    returning s.*
  ), folded as (
    insert into queues.settlements (
      queue, at, processed, retried, deferred, dead_lettered, released, lost, expired, last_failure)
    select queue, case when p_from = '-infinity' then p_from else date_trunc('hour', at, 'UTC') end as hour,
      sum(processed), sum(retried), sum(deferred), sum(dead_lettered), sum(released), sum(lost), sum(expired),
      (array_agg(last_failure order by at desc, id desc) filter (where last_failure is not null))[1]
    from removed
    group by queue, hour
  )
  select count(*)::integer into v_folded from removed where at > '-infinity';
  return v_folded;
end $$;

create or replace function queues.counters(p_queue text) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'processed', coalesce(sum(processed), 0),
      'retried', coalesce(sum(retried), 0),
      'deferred', coalesce(sum(deferred), 0),
      'dead_lettered', coalesce(sum(dead_lettered), 0),
      'released', coalesce(sum(released), 0),
      'lost', coalesce(sum(lost), 0),
      'expired', coalesce(sum(expired), 0))
    from queues.settlements where queue = p_queue
  );
end $$;

comment on function queues.metrics() is
  '{queues: [{queue, gauges: {visible, in_flight, delayed, dead_letters, oldest_age_secs, workers_active, failed_calls, '
  'paused, late, failing}, counters: {processed, retried, deferred, dead_lettered, released, lost, expired}, dispatches: '
  '{outcome: number}, runs: {why it stopped: number}}]}. Gauges are numbers, those of messages null for a queue that was '
  'dropped; paused, late and failing are 0 or 1. Counters, dispatches and runs never fall, and a label appears with its first occurrence.';
