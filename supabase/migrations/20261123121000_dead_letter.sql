-- Giving a message up: it moves to <queue>_dlq with all that is known about it.

create function queues.failure(p_code text, p_error text) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return jsonb_build_object('at', clock_timestamp(), 'code', p_code, 'error', left(p_error, 2000));
end $$;
comment on function queues.failure(text, text) is 'One failure as a history tells it: {at, code, error}.';
revoke all on function queues.failure(text, text) from public;

create function queues.append_failure(p_history jsonb, p_failure jsonb) returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when jsonb_array_length(p_history) < 20 then p_history else p_history - 0 end || p_failure;
end $$;
comment on function queues.append_failure(jsonb, jsonb) is 'A history with one more failure, and no more than 20.';
revoke all on function queues.append_failure(jsonb, jsonb) from public;

create function queues.dead_letter(p_queue text, p_items jsonb, p_was_tried boolean) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- One send per message rather than one array of them: bodies of any size may be among them.
  execute format($sql$
    with dead as (
      delete from pgmq.%1$I q
      using jsonb_to_recordset($2) as d (msg_id bigint, code text, error text)
      where q.msg_id = d.msg_id
      returning q.msg_id, q.read_ct, q.enqueued_at, q.message, queues.failure(d.code, d.error) as failure
    ), forgotten as (
      delete from queues.failures f using dead
      where f.queue = $1 and f.msg_id = dead.msg_id
      returning f.*
    )
    select count(*)
    from (select * from dead order by msg_id) dead
    left join forgotten f using (msg_id)
    cross join lateral pgmq.send($3, jsonb_build_object(
      'queue', $1,
      'msg_id', dead.msg_id,
      'enqueued_at', dead.enqueued_at,
      'message', dead.message,
      'reason', dead.failure -> 'code',
      'error', dead.failure -> 'error',
      'attempts', coalesce(f.failures, 0) + $4,
      'crashes', dead.read_ct - coalesce(f.settlements, 0) - $4,
      'first_failed_at', coalesce(to_jsonb(f.first_failed_at), dead.failure -> 'at'),
      'last_failed_at', dead.failure -> 'at',
      'history', queues.append_failure(coalesce(f.history, '[]'), dead.failure)
    ) || case when f.delivered <> '{}' then jsonb_build_object('delivered', f.delivered) else '{}' end)
    $sql$, 'q_' || p_queue)
  using p_queue, p_items, p_queue || '_dlq', p_was_tried::integer;
end $$;
comment on function queues.dead_letter(text, jsonb, boolean) is
  'Moves messages [{msg_id, code, error}] to the dead letters. A message that was tried counts that try as an attempt, '
  'not as a crash; one that is given up before it is handed out was not tried.';
revoke all on function queues.dead_letter(text, jsonb, boolean) from public;
