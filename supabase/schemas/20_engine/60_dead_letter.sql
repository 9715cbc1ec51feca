-- Dead-lettering: a message moves to <queue>_dlq with its reason and history.

create function queues.dead_letter(
  p_settings queues.settings, p_items jsonb, p_was_tried boolean, p_run uuid default null
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := p_settings.queue;
  v_hook regproc;
begin
  if p_settings.dead_letter_hook is not null then
    v_hook := queues.registered_function('dead_letter_hook', v_queue, p_settings.dead_letter_hook);
    -- Bodies that are too large for a worker are withheld from the hook too.
    execute format($sql$
      select %s(jsonb_agg(jsonb_build_object(
        'msg_id', q.msg_id,
        'message', case when octet_length(q.message::text) <= $2 then q.message end,
        'code', d.code)))
      from jsonb_to_recordset($1) as d (msg_id bigint, code text)
      join pgmq.%I q using (msg_id)
      having count(*) > 0
      $sql$, v_hook, 'q_' || v_queue)
    using p_items, p_settings.max_message_bytes;
  end if;
  -- One send per message: an array of bodies of any size could get too large.
  execute format($sql$
    with dead as (
      delete from pgmq.%1$I q
      using jsonb_to_recordset($2) as d (msg_id bigint, code text, error text, delivered text[])
      where q.msg_id = d.msg_id
      returning q.msg_id, q.read_ct, q.enqueued_at, q.message, queues.failure(d.code, d.error, $5) as failure, d.delivered
    ), forgotten as (
      delete from queues.failures f using dead
      where f.queue = $1 and f.msg_id = dead.msg_id
      returning f.*
    )
    select count(*)
    from (select * from dead order by msg_id) dead
    left join forgotten f using (msg_id)
    cross join lateral (
      select array(select distinct unnest(f.delivered || dead.delivered) order by 1)
    ) a (delivered)
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
    ) || case when a.delivered <> '{}' then jsonb_build_object('delivered', a.delivered) else '{}' end)
    $sql$, 'q_' || v_queue)
  using v_queue, p_items, v_queue || '_dlq', p_was_tried::integer, p_run;
end $$;
comment on function queues.dead_letter(queues.settings, jsonb, boolean, uuid) is
  'Moves messages [{msg_id, code, error, delivered}] to the dead letters. With p_was_tried, the last try counts as an '
  'attempt; a message that a claim gives up was not tried. The deliveries of the last try are added to earlier ones. '
  'Calls the dead-letter hook of the queue first.';
revoke all on function queues.dead_letter(queues.settings, jsonb, boolean, uuid) from public;
