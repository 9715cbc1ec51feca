-- Links that unsubscribe a person from emails without signing in. Only that person is sent the token, so whoever has it
-- may unsubscribe.

create function queues.unsubscribe_token(p_profile uuid) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return format('%s.email.%s', p_profile, encode(
    queues.hmac_sha256(format('unsubscribe:%s:email', p_profile), convert_to(queues.secret('queues_unsubscribe_key'), 'UTF8')), 'hex'))
  where p_profile is not null and queues.secret('queues_unsubscribe_key') is not null;
end $$;
comment on function queues.unsubscribe_token(uuid) is
  'The token that unsubscribes a person from emails: <profile>.email.<HMAC-SHA256 in hex>. Null if Vault has no key.';
revoke all on function queues.unsubscribe_token(uuid) from public;

create function queues.is_unsubscribe_token(p_token text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  c_token constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.email\.[0-9a-f]{64}$';
  -- Compares values that nobody outside knows, so that the time it takes reveals nothing.
  v_blind bytea := convert_to(concat(gen_random_uuid(), gen_random_uuid()), 'UTF8');
begin
  return coalesce(p_token ~ c_token, false) and coalesce(
    queues.hmac_sha256(p_token, v_blind)
      = queues.hmac_sha256(queues.unsubscribe_token(left(p_token, 36)::uuid), v_blind), false);
end $$;
comment on function queues.is_unsubscribe_token(text) is 'Whether a token was signed with the key in Vault.';
revoke all on function queues.is_unsubscribe_token(text) from public;

create function queues.unsubscribe(p_token text) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not queues.is_unsubscribe_token(p_token) then
    return jsonb_build_object(
      'success', false, 'code', 'invalid_token', 'error', 'This link is not valid. Your preferences are in the app.');
  end if;
  perform set_config('search_path', queues.app_search_path(), true);
  update public.profiles set email_notifications = false
  where id = left(p_token, 36)::uuid and email_notifications is distinct from false;
  return jsonb_build_object('success', true, 'channel', 'email');
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('deliveries', 'unsubscribe');
    return null;
end $$;
comment on function queues.unsubscribe(text) is 'See public.unsubscribe, its only caller.';
revoke all on function queues.unsubscribe(text) from public;
grant execute on function queues.unsubscribe(text) to anon, authenticated, service_role;

create function public.unsubscribe(p_token text) returns jsonb
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.unsubscribe(p_token);
end $$;
comment on function public.unsubscribe(text) is
  'Ends the emails to the person of a token; may be repeated. Returns {success, channel}, or {success, code, error}. '
  'For everyone, signed in or not: the token is the authority.';
revoke all on function public.unsubscribe(text) from public, anon, authenticated, service_role;
grant execute on function public.unsubscribe(text) to anon, authenticated, service_role;
