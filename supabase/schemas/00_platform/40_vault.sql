-- Secrets that SQL needs are in Vault, if the project has it.

create function queues.read_secret(p_name text, out secret text, out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- With the invisible characters that a paste may bring along, whatever the locale takes for white space.
  c_white_space constant text := '^[\s\u00a0\u200b\ufeff]+|[\s\u00a0\u200b\ufeff]+$';
  c_create constant text := format('select vault.create_secret(''…'', %L)', p_name);
begin
  select nullif(regexp_replace(decrypted_secret, c_white_space, '', 'g'), '') into secret
  from vault.decrypted_secrets where name = p_name;
  if not found then
    problem := format('the secret `%s` is missing', p_name);
    remedy := c_create;
  elsif secret is null then
    problem := format('the secret `%s` is empty', p_name);
    remedy := format('select vault.update_secret((select id from vault.secrets where name = %L), ''…'')', p_name);
  end if;
exception
  when undefined_table or invalid_schema_name then
    problem := format('the secret `%s` is missing: Vault is not enabled', p_name);
    remedy := 'create extension supabase_vault; ' || c_create;
  when insufficient_privilege then
    problem := format('the secret `%s` cannot be read: %s', p_name, sqlerrm);
    remedy := format('grant select on vault.decrypted_secrets to %I', current_user);
  when others then
    -- The key of Vault is another one, as after a restore into another project. An update of the secret fails too.
    problem := format('the secret `%s` cannot be decrypted (%s)', p_name, sqlerrm);
    remedy := format('delete from vault.secrets where name = %L; %s', p_name, c_create);
end $$;
comment on function queues.read_secret(text) is
  'A secret of Vault, without white space around it; or why there is none, and what to do about it. Never raises.';
revoke all on function queues.read_secret(text) from public;

create function queues.secret(p_name text) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select secret from queues.read_secret(p_name));
end $$;
comment on function queues.secret(text) is 'A secret of Vault; null if it is missing or cannot be decrypted.';
revoke all on function queues.secret(text) from public;
