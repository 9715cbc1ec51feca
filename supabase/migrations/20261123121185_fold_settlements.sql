-- The log of settlements is not cut off but folded: the sum over a queue's rows stays what it was.

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
      queue, at, processed, retried, dead_lettered, released, lost, expired, last_failure)
    select queue, case when p_from = '-infinity' then p_from else date_trunc('hour', at, 'UTC') end as hour,
      sum(processed), sum(retried), sum(dead_lettered), sum(released), sum(lost), sum(expired),
      (array_agg(last_failure order by at desc, id desc) filter (where last_failure is not null))[1]
    from removed
    group by queue, hour
  )
  select count(*)::integer into v_folded from removed where at > '-infinity';
  return v_folded;
end $$;
comment on function queues.fold_settlements(text, timestamptz, timestamptz, integer) is
  'Puts rows of a time into one per hour, or, from -infinity on, into one for all of it.';
revoke all on function queues.fold_settlements(text, timestamptz, timestamptz, integer) from public;
