-- Withdrawing messages that wait.

create function queues.withdraw(p_queue text, p_filter jsonb default '{}', p_limit integer default 1000) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_counted constant integer := 10000;
  -- As queues.peek tells them apart. A lease that has expired is nobody's.
  c_waits constant text := $c$(q.vt <= $2 or q.read_ct = 0 or exists (
    select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct))$c$;
  v_settings queues.settings := queues.existing_queue(p_queue);
  -- In the shape of dead letters, for the conditions that these have.
  v_messages text := format(
    $c$(select q.msg_id, q.enqueued_at, jsonb_build_object('message', q.message) as message from pgmq.%I q where $c$, 'q_' || p_queue);
  v_condition text;
  v_now timestamptz := clock_timestamp();
  v_msg_ids bigint[];
  v_left integer;
  v_in_flight integer;
begin
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  perform queues.check_keys('filter', p_filter, array['msg_ids', 'older_than_secs', 'newer_than_secs', 'path', 'value']);
  v_condition := queues.letter_condition(p_filter);

  execute format($sql$
    with chosen as materialized (
      select msg_id from %1$s %2$s) l where %3$s order by msg_id limit $3
    ), locked as materialized (
      -- What a worker has claimed since is skipped.
      select q.msg_id from pgmq.%4$I q where q.msg_id in (select msg_id from chosen) and %2$s
      order by q.msg_id for update of q skip locked
    )
    select array(select msg_id from locked order by msg_id)
    $sql$, v_messages, c_waits, v_condition, 'q_' || p_queue)
  into v_msg_ids using p_queue, v_now, p_limit;
  perform queues.dead_letter(v_settings, (
    select jsonb_agg(jsonb_build_object('msg_id', id, 'code', 'withdrawn', 'error', 'an operator withdrew the message'))
    from unnest(v_msg_ids) id), false)
  where v_msg_ids <> '{}';

  execute format('select count(*) from (select from %s %s) l where %s limit $3) l', v_messages, c_waits, v_condition)
    into v_left using p_queue, v_now, c_counted;
  execute format('select count(*) from (select from %s not %s) l where %s limit $3) l', v_messages, c_waits, v_condition)
    into v_in_flight using p_queue, v_now, c_counted;
  return jsonb_build_object('withdrawn', cardinality(v_msg_ids), 'left', v_left, 'in_flight', v_in_flight);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'withdraw');
    return null;
end $$;
comment on function queues.withdraw(text, jsonb, integer) is
  'Makes messages that wait for a worker dead letters, with the reason `withdrawn`: they are not handled, and can be redriven. '
  'Those in flight are left. Returns {withdrawn, left, in_flight}, how many that match, counted up to 10000. The filter has the '
  'keys msg_ids, older_than_secs, newer_than_secs (since it was sent), path and value: see queues.letter_condition.';
revoke all on function queues.withdraw(text, jsonb, integer) from public;
grant execute on function queues.withdraw(text, jsonb, integer) to service_role;
