-- How much there is to do.

create function queues.backlog(p_queue text, p_due_after timestamptz default null) returns integer
language plpgsql
set search_path = ''
-- Until a queue that filled up is analyzed, Postgres would prefer to scan all delayed messages.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_backlog integer;
begin
  -- As parameters, the times can be compared by the index on vt; a volatile call cannot.
  execute format('select count(*) from (select from pgmq.%I where vt > $1 and vt <= $2 limit 1000) visible', 'q_' || p_queue)
    into v_backlog using coalesce(p_due_after, (queues.newest_mark(p_queue)).due_after), clock_timestamp();
  return v_backlog;
end $$;
comment on function queues.backlog(text, timestamptz) is 'Visible messages of a queue after a mark, by default its own, counted up to 1000.';
revoke all on function queues.backlog(text, timestamptz) from public;
