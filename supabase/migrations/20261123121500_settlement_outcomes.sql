-- What becomes of the messages that a settlement names.

create function queues.acknowledge(p_settings queues.settings, p_msg_ids bigint[]) returns void
language plpgsql
set search_path = ''
-- As in queues.lost_leases.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  if p_settings.retention_days is null then
    perform pgmq.delete(p_settings.queue, p_msg_ids);
  else
    perform pgmq.archive(p_settings.queue, p_msg_ids);
  end if;
  delete from queues.failures where queue = p_settings.queue and msg_id = any(p_msg_ids);
end $$;
comment on function queues.acknowledge(queues.settings, bigint[]) is
  'Ends messages that succeeded: archived where the queue has a retention, else deleted.';
revoke all on function queues.acknowledge(queues.settings, bigint[]) from public;

create function queues.retry(p_queue text, p_retries jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with retries as (
      select r.*, queues.failure(code, error) as failure
      from jsonb_to_recordset($2) as r (
        msg_id bigint, read_ct integer, delay_secs integer, code text, error text, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs)
      from retries where q.msg_id = retries.msg_id
    )
    insert into queues.failures as f (
      queue, msg_id, failures, settlements, settled_read_ct, first_failed_at, last_failed_at, last_code, last_error,
      history, delivered)
    select
      $1, msg_id, 1, 1, read_ct, (failure ->> 'at')::timestamptz, (failure ->> 'at')::timestamptz, failure ->> 'code',
      failure ->> 'error', jsonb_build_array(failure), coalesce(delivered, '{}')
    from retries
    order by msg_id
    on conflict (queue, msg_id) do update set
      failures = f.failures + 1,
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      first_failed_at = coalesce(f.first_failed_at, excluded.first_failed_at),
      last_failed_at = excluded.last_failed_at,
      last_code = excluded.last_code,
      last_error = excluded.last_error,
      history = queues.append_failure(f.history, excluded.history -> 0),
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_retries;
end $$;
comment on function queues.retry(text, jsonb) is
  'Ends leases as failures: the messages become visible again after their delay.';
revoke all on function queues.retry(text, jsonb) from public;

create function queues.release(p_queue text, p_leases jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with leases as (
      select (lease ->> 0)::bigint as msg_id, (lease ->> 1)::integer as read_ct from jsonb_array_elements($2) lease
    ), shown as (
      update pgmq.%I q set vt = clock_timestamp()
      from leases where q.msg_id = leases.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct)
    select $1, msg_id, 1, read_ct
    from leases
    order by msg_id
    on conflict (queue, msg_id) do update set
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct
    $sql$, 'q_' || p_queue)
  using p_queue, p_leases;
end $$;
comment on function queues.release(text, jsonb) is
  'Gives leases back unused: the messages are visible at once, and it counts as neither failure nor crash.';
revoke all on function queues.release(text, jsonb) from public;
