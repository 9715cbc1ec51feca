-- Signing.

create function queues.hmac_sha256(p_text text, p_key bytea) returns bytea
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_block_bytes constant integer := 64;
  v_key bytea := case when length(p_key) > c_block_bytes then sha256(p_key) else p_key end;
  v_inner bytea;
  v_outer bytea;
begin
  v_key := v_key || decode(repeat('00', c_block_bytes - length(v_key)), 'hex');
  v_inner := v_key;
  v_outer := v_key;
  for i in 0 .. c_block_bytes - 1 loop
    v_inner := set_byte(v_inner, i, get_byte(v_key, i) # 54);
    v_outer := set_byte(v_outer, i, get_byte(v_key, i) # 92);
  end loop;
  return sha256(v_outer || sha256(v_inner || convert_to(p_text, 'UTF8')));
end $$;
comment on function queues.hmac_sha256(text, bytea) is
  'HMAC-SHA256 (RFC 2104) without pgcrypto, which a project may have in another schema or switch off.';
revoke all on function queues.hmac_sha256(text, bytea) from public;
