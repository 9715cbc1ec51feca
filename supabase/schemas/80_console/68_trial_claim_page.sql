-- What a worker would be given for a message, so that the core can judge it in the browser before it is sent.

create function queues.trial_claim(p_settings queues.settings, p_message jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_message jsonb := jsonb_build_object(
    'msg_id', 1, 'read_ct', 1, 'enqueued_at', v_now, 'vt', v_now + make_interval(secs => p_settings.visibility_timeout_secs),
    'failures', 0, 'size_bytes', octet_length(p_message::text), 'message', p_message);
  v_claim jsonb := jsonb_build_object(
    'now', v_now, 'policy', queues.claim_policy(p_settings), 'backlog', 0, 'messages', jsonb_build_array(v_message));
  v_context record;
begin
  if p_settings.claim_hook is null then
    return v_claim;
  end if;
  select * into v_context from queues.claim_context_alone(p_settings, v_message::text);
  return v_claim || jsonb_strip_nulls(jsonb_build_object('context_error', v_context.error))
    || case when v_context.context is null then '{}' else jsonb_build_object('context', v_context.context::jsonb) end;
end $$;
comment on function queues.trial_claim(queues.settings, jsonb) is
  'The claim of one message that is in no queue. What the claim hook changes is for the caller to undo.';
revoke all on function queues.trial_claim(queues.settings, jsonb) from public;

create function queues.trial_claim_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(queues.queue_argument(p_arguments));
  v_claim jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'message']);
  perform queues.check_message(v_settings.queue, 'message', p_arguments -> 'message');
  begin
    v_claim := queues.trial_claim(v_settings, p_arguments -> 'message');
    raise sqlstate 'QUNDO' using message = 'a trial';
  exception
    when sqlstate 'QUNDO' then
      return jsonb_build_object('claim', v_claim);
  end;
end $$;
comment on function queues.trial_claim_page(jsonb) is
  'What a worker would be given for a message, with its context, for the core to judge it: {claim}. Nothing is claimed, and '
  'what the claim hook does is undone. Arguments: queue, message.';
revoke all on function queues.trial_claim_page(jsonb) from public;
