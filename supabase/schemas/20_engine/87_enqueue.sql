-- The effect `enqueue`: messages that a message causes.

create function queues.enqueue(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_queue text;
begin
  perform queues.check_keys('effects.enqueue', p_messages, array(select queue from queues.settings));
  for v_queue in select jsonb_object_keys(p_messages) loop
    perform queues.check_array('effects.enqueue.' || v_queue, p_messages -> v_queue);
  end loop;

  perform pgmq.send_batch(queue, array(select jsonb_array_elements(messages)))
  from (select * from jsonb_each(p_messages) order by key) m (queue, messages)
  where messages <> '[]';
  perform queues.wake(queue) from jsonb_each(p_messages) m (queue, messages) where messages <> '[]';
end $$;
comment on function queues.enqueue(jsonb) is 'Sends messages, given as {queue: [message]}, and wakes their workers.';
revoke all on function queues.enqueue(jsonb) from public;
