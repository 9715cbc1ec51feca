-- The key that signs the links to unsubscribe. It is created once, here, and nobody knows it.

do $$
begin
  if to_regprocedure('vault.create_secret(text, text, text, uuid)') is null then
    raise notice 'Vault is missing: emails have no link to unsubscribe';
  elsif queues.secret('queues_unsubscribe_key') is null then
    perform vault.create_secret(
      encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'), 'queues_unsubscribe_key',
      'Signs the links to unsubscribe. If it changes, the links in emails that were sent before stop working.');
  end if;
end $$;
