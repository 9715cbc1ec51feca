-- Pausing, sending, redriving and discarding, as operators do it.

create function queues.pause_queue(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_was_paused boolean := (select paused from queues.settings where queue = v_queue for no key update);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue']);
  perform queues.pause(v_queue);
  return jsonb_build_object('affected', (not v_was_paused)::integer, 'was_paused', v_was_paused);
end $$;
comment on function queues.pause_queue(jsonb) is 'Pauses a queue: {queue}. Returns {affected, was_paused}.';
revoke all on function queues.pause_queue(jsonb) from public;

create function queues.resume_queue(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_was_paused boolean := (select paused from queues.settings where queue = v_queue for no key update);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue']);
  perform queues.resume(v_queue);
  return jsonb_build_object('affected', v_was_paused::integer, 'was_paused', v_was_paused);
end $$;
comment on function queues.resume_queue(jsonb) is 'Ends the pause of a queue: {queue}. Returns {affected, was_paused}.';
revoke all on function queues.resume_queue(jsonb) from public;

create function queues.check_message(p_queue text, p_field text, p_message jsonb) returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  v_bytes integer := (select max_message_bytes from queues.settings where queue = p_queue);
begin
  if p_message is null then
    perform queues.reject(p_field, 'is missing', 'a message is JSON');
  elsif octet_length(p_message::text) > v_bytes then
    perform queues.reject(p_field, format('has more than %s bytes', v_bytes), 'a worker would not be given it');
  end if;
end $$;
comment on function queues.check_message(text, text, jsonb) is
  'Rejects a message that is too large. What it means is for the core to judge, which the console asks before it sends.';
revoke all on function queues.check_message(text, text, jsonb) from public;

create function queues.send_message(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'message', 'delay_secs']);
  perform queues.check_message(v_queue, 'message', p_arguments -> 'message');
  return jsonb_build_object('affected', 1, 'msg_id', (queues.send(
    v_queue, p_arguments -> 'message', queues.number_argument(p_arguments, 'delay_secs', 0, 0, 86400)::integer)).msg_id);
end $$;
comment on function queues.send_message(jsonb) is
  'Sends a message, such as one to test a queue: {queue, message, delay_secs}. Returns {affected, msg_id}.';
revoke all on function queues.send_message(jsonb) from public;

create function queues.letters_gone(p_queue text, p_msg_ids jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_looked_at constant integer := 1000;
  v_log record;
begin
  select l.action, l.at, p.username into v_log
  from (select * from queues.operator_log order by id desc limit c_looked_at) l left join public.profiles p on p.id = l.operator_id
  where l.queue = p_queue and l.action in ('redrive', 'redrive_edited', 'discard')
    and (l.arguments -> 'msg_id' <@ p_msg_ids or l.arguments #> '{filter,msg_ids}' @> p_msg_ids)
  order by l.id desc limit 1;
  raise sqlstate 'PT409' using
    message = case when v_log.action is null then 'the dead letter is not there any more: it was redriven or discarded'
      else format('the dead letter is not there any more: %s by %s at %s',
        case v_log.action when 'discard' then 'discarded' else 'redriven' end, coalesce(v_log.username, 'an operator'),
        to_jsonb(v_log.at) #>> '{}') end,
    detail = 'letter_gone', hint = 'look at the list again';
end $$;
comment on function queues.letters_gone(text, jsonb) is
  'Tells an operator that dead letters are gone, and who took them if the log of late says so.';
revoke all on function queues.letters_gone(text, jsonb) from public;

create function queues.act_on_letters(p_action text, p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_filter jsonb := p_arguments -> 'filter';
  v_limit integer := queues.number_argument(p_arguments, 'limit', 1000, 1, 10000)::integer;
  v_rate numeric := queues.number_argument(p_arguments, 'rate_per_sec', 100, 0.001, 10000);
  v_done text := case p_action when 'redrive' then 'redriven' when 'cancel_redrive' then 'cancelled' else 'discarded' end;
  v_result jsonb;
begin
  -- All of them is said, not left out.
  if v_filter is null then
    perform queues.reject('filter', 'is missing', 'for all dead letters: {}');
  end if;
  v_result := case p_action
    when 'redrive' then queues.redrive(v_queue, v_filter, v_limit, v_rate)
    when 'cancel_redrive' then queues.cancel_redrive(v_queue, v_filter, v_limit)
    else queues.discard(v_queue, v_filter, v_limit) end;
  if (v_result ->> v_done)::integer = 0 and v_filter ? 'msg_ids' then
    perform queues.letters_gone(v_queue, v_filter -> 'msg_ids');
  end if;
  return v_result - v_done || jsonb_build_object('affected', v_result -> v_done);
end $$;
comment on function queues.act_on_letters(text, jsonb) is
  'Redrives or discards dead letters, or takes redriven ones back. Of letters that are named and that somebody else has '
  'taken, the operator is told.';
revoke all on function queues.act_on_letters(text, jsonb) from public;

create function queues.redrive_letters(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit', 'rate_per_sec']);
  return queues.act_on_letters('redrive', p_arguments);
end $$;
comment on function queues.redrive_letters(jsonb) is
  'Redrives dead letters: {queue, filter, limit, rate_per_sec}. Returns {affected, left, visible_until}: see queues.redrive.';
revoke all on function queues.redrive_letters(jsonb) from public;

create function queues.cancel_redriven(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  return queues.act_on_letters('cancel_redrive', p_arguments);
end $$;
comment on function queues.cancel_redriven(jsonb) is
  'Takes redriven messages back: {queue, filter, limit}. Returns {affected, left}: see queues.cancel_redrive.';
revoke all on function queues.cancel_redriven(jsonb) from public;

create function queues.discard_letters(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  return queues.act_on_letters('discard', p_arguments);
end $$;
comment on function queues.discard_letters(jsonb) is
  'Discards dead letters: {queue, filter, limit}. Returns {affected, left}: see queues.discard.';
revoke all on function queues.discard_letters(jsonb) from public;

create function queues.withdraw_messages(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_filter jsonb := p_arguments -> 'filter';
  v_result jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit']);
  if v_filter is null then
    perform queues.reject('filter', 'is missing', 'for all messages that wait: {}');
  end if;
  v_result := queues.withdraw(v_queue, v_filter, queues.number_argument(p_arguments, 'limit', 1000, 1, 10000)::integer);
  return v_result - 'withdrawn' || jsonb_build_object('affected', v_result -> 'withdrawn');
end $$;
comment on function queues.withdraw_messages(jsonb) is
  'Makes messages that wait dead letters: {queue, filter, limit}. Returns {affected, left, in_flight}: see queues.withdraw.';
revoke all on function queues.withdraw_messages(jsonb) from public;

create function queues.redrive_edited(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_letter jsonb;
  v_result jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'msg_id', 'message']);
  perform queues.existing_queue(v_queue);
  perform queues.check_message(v_queue, 'message', p_arguments -> 'message');
  if v_msg_id is null then
    perform queues.reject('msg_id', 'is missing', 'the id of the dead letter');
  end if;
  execute format('select message from pgmq.%I where msg_id = $1 and %s for update', 'q_' || v_queue || '_dlq',
      queues.letter_condition('{}'))
    into v_letter using v_msg_id;
  if v_letter is null then
    perform queues.letters_gone(v_queue, jsonb_build_array(v_msg_id));
  end if;

  execute format('update pgmq.%I set message = $2 where msg_id = $1', 'q_' || v_queue || '_dlq')
  using v_msg_id, v_letter || jsonb_build_object(
    'message', p_arguments -> 'message',
    'history', queues.append_failure(
      case when jsonb_typeof(v_letter -> 'history') = 'array' then v_letter -> 'history' else '[]' end,
      queues.failure('edited', 'an operator changed the message')));
  v_result := queues.redrive(v_queue, jsonb_build_object('msg_ids', jsonb_build_array(v_msg_id)));
  return v_result - array['redriven', 'left'] || jsonb_build_object(
    'affected', v_result -> 'redriven', 'before', v_letter -> 'message');
end $$;
comment on function queues.redrive_edited(jsonb) is
  'Redrives a dead letter with another message: {queue, msg_id, message}. Returns {affected, visible_until, before}: the '
  'message that it had is kept in the log.';
revoke all on function queues.redrive_edited(jsonb) from public;

create function queues.close_provider_breaker(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_provider text := coalesce(queues.text_argument(p_arguments, 'provider'), '');
begin
  perform queues.check_keys('arguments', p_arguments, array['provider', 'service']);
  perform queues.close_breaker(v_provider, queues.text_argument(p_arguments, 'service', '^.{1,300}$'));
  return jsonb_build_object('affected', 1);
end $$;
comment on function queues.close_provider_breaker(jsonb) is
  'Closes the circuit breaker of a provider: {provider, service}. Returns {affected}: see queues.close_breaker.';
revoke all on function queues.close_provider_breaker(jsonb) from public;
