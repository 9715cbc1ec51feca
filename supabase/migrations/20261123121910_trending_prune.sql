create function queues.prune_trending(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_hours integer;
  v_ranks integer;
begin
  -- A settlement no longer touches what is this old.
  delete from queues.trending_hours
  where ctid = any(array(
    select ctid from queues.trending_hours
    where hour < now() - interval '31 days' order by hour limit p_limit for update skip locked));
  get diagnostics v_hours = row_count;

  -- The rank of a post that gained nothing since is lower than the least of a gain in that time.
  delete from queues.trending_ranks
  where ctid = any(array(
    select ctid from queues.trending_ranks
    where rank < queues.trending_decay() * extract(epoch from now() - interval '31 days') and last_hour < now() - interval '31 days'
    order by rank limit p_limit - v_hours for update skip locked));
  get diagnostics v_ranks = row_count;
  return v_hours + v_ranks;
end $$;
comment on function queues.prune_trending(integer) is
  'Deletes what can no longer trend, at most so many rows, and answers how many. Waits for no settlement.';
revoke all on function queues.prune_trending(integer) from public;
