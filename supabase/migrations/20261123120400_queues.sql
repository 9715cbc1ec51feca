-- A queue is a pgmq queue, a second one for its dead letters, and its settings.

create function queues.create_queue(p_queue text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
begin
  if not exists (select from queues.settings where queue = p_queue) then
    raise exception 'queue `%` has no settings', p_queue
      using hint = 'insert its row into queues.settings first';
  end if;

  foreach v_name in array array[p_queue, p_queue || '_dlq'] loop
    perform pgmq.create(v_name);
  end loop;

  -- Every message leaves three dead rows behind within minutes, at the front, where each claim starts to look.
  execute format(
    'alter table pgmq.%I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)',
    'q_' || p_queue);
end $$;
comment on function queues.create_queue(text) is
  'Makes the queue described by a row of queues.settings, and <queue>_dlq for its dead letters. Harmless when repeated.';
revoke all on function queues.create_queue(text) from public;

select queues.create_queue(queue) from queues.settings order by queue;
