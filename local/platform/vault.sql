-- Stand-in for supabase_vault, with the same view and functions. For development and tests only: the key that encrypts
-- the secrets is in the database.
create schema vault;
grant usage on schema vault to postgres;

create table vault.key (key bytea not null);
insert into vault.key values (extensions.gen_random_bytes(32));

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index on vault.secrets (name) where name is not null;

create function vault.encrypt(p_secret text, p_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_key bytea := (select key from vault.key);
  v_encrypted bytea := extensions.encrypt(convert_to(p_secret, 'UTF8'), v_key, 'aes');
begin
  return encode(extensions.hmac(v_encrypted || convert_to(p_id::text, 'UTF8'), v_key, 'sha256') || v_encrypted, 'base64');
end $$;

-- Raises under another key, as after a restore into another project.
create function vault.decrypt(p_secret text, p_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_key bytea := (select key from vault.key);
  v_encrypted bytea := substr(decode(p_secret, 'base64'), 33);
begin
  if vault.encrypt(convert_from(extensions.decrypt(v_encrypted, v_key, 'aes'), 'UTF8'), p_id) = p_secret then
    return convert_from(extensions.decrypt(v_encrypted, v_key, 'aes'), 'UTF8');
  end if;
  raise data_exception;
exception
  when data_exception or external_routine_invocation_exception then
    raise exception 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext' using errcode = 'data_exception';
end $$;

create view vault.decrypted_secrets as
  select id, name, description, secret, vault.decrypt(secret, id) as decrypted_secret, key_id, nonce, created_at, updated_at
  from vault.secrets;

create function vault.create_secret(
  new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into vault.secrets (id, secret, name, description, key_id)
  values (v_id, vault.encrypt($1, v_id), $2, $3, $4);
  return v_id;
end $$;

create function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null,
  new_key_id uuid default null
) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- As the extension does: so a secret that cannot be decrypted cannot be updated.
  v_decrypted text := (select decrypted_secret from vault.decrypted_secrets where id = secret_id);
begin
  update vault.secrets s set
    secret = vault.encrypt(coalesce(new_secret, v_decrypted), s.id),
    name = coalesce(new_name, s.name), description = coalesce(new_description, s.description), updated_at = now()
  where s.id = secret_id;
end $$;

grant select, delete on vault.secrets, vault.decrypted_secrets to postgres;
revoke all on all functions in schema vault from public;
grant execute on function vault.decrypt, vault.create_secret, vault.update_secret to postgres;
