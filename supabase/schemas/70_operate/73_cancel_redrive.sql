-- Taking redriven messages back.

create function queues.cancel_redrive(p_queue text, p_filter jsonb default '{}', p_limit integer default 10000)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_condition text;
  v_messages text;
  v_msg_ids bigint[];
  v_times timestamptz[];
  v_left bigint;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  v_condition := queues.letter_condition(p_filter);
  perform pg_advisory_xact_lock(hashtextextended('queues.redrive', 0) # hashtextextended(p_queue, 0));

  -- Redriven messages that no worker has claimed since, as the dead letters they were.
  v_messages := format($sql$
    select q.msg_id as id, q.vt, f.redriven_from,
      (f.redriven_from ->> 'msg_id')::bigint as msg_id, (f.redriven_from ->> 'enqueued_at')::timestamptz as enqueued_at,
      f.redriven_from -> 'letter' || jsonb_build_object('message', q.message, 'history', f.history - (-1))
        || case when f.delivered <> '{}' then jsonb_build_object('delivered', f.delivered) else '{}' end as message
    from queues.failures f join pgmq.%I q on q.msg_id = f.msg_id
    where f.queue = %L and f.redriven_from is not null and q.read_ct = 1 and f.settled_read_ct = 1
    $sql$, 'q_' || p_queue, p_queue);

  execute format($sql$
    with chosen as materialized (
      select id from (%1$s) l where %2$s order by id limit $2
    ), locked as materialized (
      select msg_id as id from pgmq.%3$I where msg_id in (select id from chosen) and read_ct = 1
      order by msg_id for update skip locked
    ), cancelled as materialized (
      select l.* from (%1$s) l where id in (select id from locked)
    ), removed as (
      delete from pgmq.%3$I where msg_id in (select id from cancelled)
    ), forgotten as (
      delete from queues.failures where queue = $1 and msg_id in (select id from cancelled)
    ), sent as (
      select s.msg_id, c.enqueued_at
      from (select * from cancelled order by id) c
      cross join lateral pgmq.send($3, c.message) s (msg_id)
    )
    select array_agg(msg_id order by msg_id), array_agg(enqueued_at order by msg_id) from sent
    $sql$, v_messages, v_condition, 'q_' || p_queue)
  into v_msg_ids, v_times using p_queue, p_limit, p_queue || '_dlq';
  -- They have been dead letters since then.
  execute format($sql$
    update pgmq.%I q set enqueued_at = l.enqueued_at from unnest($1, $2) as l (msg_id, enqueued_at) where q.msg_id = l.msg_id
    $sql$, 'q_' || p_queue || '_dlq')
  using v_msg_ids, v_times;

  execute format('select count(*) from (select from (%s) l where %s limit 10000) l', v_messages, v_condition) into v_left;
  -- What is left keeps its times; the next redrive at its rate follows it.
  execute format($sql$
    update queues.redrives r set until = coalesce((
      select max(l.vt) + make_interval(secs => (1 / r.rate_per_sec)::float8) from (%s) l
      where (l.redriven_from ->> 'rate_per_sec')::numeric = r.rate_per_sec), clock_timestamp())
    where r.queue = $1
    $sql$, v_messages)
  using p_queue;
  return jsonb_build_object('cancelled', coalesce(cardinality(v_msg_ids), 0), 'left', v_left);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'cancel_redrive');
    return null;
end $$;
comment on function queues.cancel_redrive(text, jsonb, integer) is
  'Makes redriven messages that no worker has claimed yet dead letters again, with their reason, error and history. '
  'Returns {cancelled, left}; left is counted up to 10000. For the filter, which sees the dead letters that they were, '
  'see queues.letter_condition.';
revoke all on function queues.cancel_redrive(text, jsonb, integer) from public;
grant execute on function queues.cancel_redrive(text, jsonb, integer) to service_role;
