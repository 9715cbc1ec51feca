-- Looking into a queue.

create function queues.peek(p_queue text, p_limit integer default 20)
returns table (
  msg_id bigint, state text, enqueued_at timestamptz, visible_at timestamptz, read_ct integer, failures integer,
  last_error text, size_bytes integer, body text
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_body_chars constant integer := 500;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query execute format($sql$
    select q.msg_id,
      case
        when q.vt <= $2 then 'visible'
        when q.read_ct > 0 and f.settled_read_ct is distinct from q.read_ct then 'in_flight'
        else 'delayed'
      end,
      q.enqueued_at, q.vt, q.read_ct, coalesce(f.failures, 0), f.last_error,
      octet_length(q.message::text), left(q.message::text, $4)
    from (select * from pgmq.%I order by msg_id limit $3) q
    left join queues.failures f on f.queue = $1 and f.msg_id = q.msg_id
    order by q.msg_id
    $sql$, 'q_' || p_queue)
  using p_queue, clock_timestamp(), p_limit, c_body_chars;
end $$;
comment on function queues.peek(text, integer) is
  'The oldest messages of a queue in any state, with the beginning of their bodies. Takes no lease and changes nothing.';
revoke all on function queues.peek(text, integer) from public;
grant execute on function queues.peek(text, integer) to service_role;
