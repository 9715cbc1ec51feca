-- Calls of people that answer 429 when they come too soon.

create function queues.refuse_too_many(p_wait interval, p_code text, p_error text) returns json
language plpgsql
set search_path = ''
as $$
begin
  return json_build_object('success', false, 'error', p_error, 'code', p_code,
    'retryAfter', queues.too_many_requests(p_wait));
end $$;
comment on function queues.refuse_too_many(interval, text, text) is
  'The answer to a call that comes too soon: HTTP 429 with Retry-After.';
revoke all on function queues.refuse_too_many(interval, text, text) from public;

create function queues.charge_person(p_action text, p_person uuid) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_keys queues.rate_limit_key[] := queues.rate_limit_keys_of(p_action, null, p_person);
  -- A flood is refused before it locks anything.
  v_wait interval := queues.rate_limit_wait(v_keys);
begin
  if v_wait is null or v_wait <= interval '0' then
    v_wait := queues.charge(v_keys);
  end if;
  if v_wait > interval '0' then
    perform queues.count_call(p_action, 'refused', v_keys);
    return queues.refuse_too_many(v_wait, 'rate_limited', 'Too many requests');
  end if;
  perform queues.count_call(p_action, 'allowed', v_keys);
  return null;
end $$;
comment on function queues.charge_person(text, uuid) is
  'Charges an action to a person, and to the address if those are limited. Returns the answer 429 if that is too many.';
revoke all on function queues.charge_person(text, uuid) from public;
