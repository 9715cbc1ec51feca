create function queues.backlog(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_backlog integer;
begin
  -- The time is a parameter, not a call, so that the index on vt can be used.
  execute format('select count(*) from (select from pgmq.%I where vt <= $1 limit 1000) visible', 'q_' || p_queue)
    into v_backlog using clock_timestamp();
  return v_backlog;
end $$;
comment on function queues.backlog(text) is 'Visible messages of a queue, counted up to 1000.';
revoke all on function queues.backlog(text) from public;
