-- Secrets that SQL needs are in Vault, if the project has it.

create function queues.secret(p_name text) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select decrypted_secret from vault.decrypted_secrets where name = p_name);
exception
  when undefined_table or invalid_schema_name then
    return null;
end $$;
comment on function queues.secret(text) is 'A secret of Vault; null if the secret or Vault is missing.';
revoke all on function queues.secret(text) from public;
