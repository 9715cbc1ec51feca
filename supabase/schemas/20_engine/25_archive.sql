-- Archiving, also of a message whose id the archive has already.

create function queues.archive(p_name text, p_msg_ids bigint[]) returns void
language plpgsql
set search_path = ''
-- A plan cached for few rows is slow for many.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  perform pgmq.archive(p_name, p_msg_ids);
exception
  when unique_violation then
    perform queues.move_ids(p_name);
    execute format($sql$
      with gone as (
        delete from pgmq.%1$I where msg_id = any($1) returning msg_id, read_ct, enqueued_at, vt, message, headers
      )
      insert into pgmq.%2$I (msg_id, read_ct, enqueued_at, vt, message, headers)
      select
        case when a.msg_id is null then gone.msg_id else nextval($2) end, gone.read_ct, gone.enqueued_at, gone.vt, gone.message,
        case when a.msg_id is null then gone.headers else
          case when jsonb_typeof(gone.headers) = 'object' then gone.headers else '{}' end
          || jsonb_build_object('original_msg_id', gone.msg_id) end
      from gone left join pgmq.%2$I a on a.msg_id = gone.msg_id
      $sql$, 'q_' || p_name, 'a_' || p_name)
    using p_msg_ids, queues.sequence_of(p_name);
end $$;
comment on function queues.archive(text, bigint[]) is
  'Moves messages of a pgmq queue to its archive. A message whose id the archive has gets a new one, and keeps the old one '
  'in headers.original_msg_id.';
revoke all on function queues.archive(text, bigint[]) from public;
