-- Discarding dead letters.

create function queues.discard(p_queue text, p_filter jsonb default '{}', p_limit integer default 1000) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_condition text;
  v_msg_ids bigint[];
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  v_condition := queues.letter_condition(p_filter);

  execute format('select array(select msg_id from pgmq.%I where %s order by msg_id limit $1 for update skip locked)',
      'q_' || p_queue || '_dlq', v_condition)
    into v_msg_ids using p_limit;
  perform queues.archive(p_queue || '_dlq', v_msg_ids);
  return jsonb_build_object(
    'discarded', cardinality(v_msg_ids), 'left', queues.count_letters(p_queue, v_condition));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'discard');
    return null;
end $$;
comment on function queues.discard(text, jsonb, integer) is
  'Moves dead letters to the archive of the dead-letter queue, where they stay for the retention of the queue. Returns '
  '{discarded, left}; left is counted up to 10000. For the filter see queues.letter_condition.';
revoke all on function queues.discard(text, jsonb, integer) from public;
grant execute on function queues.discard(text, jsonb, integer) to service_role;
