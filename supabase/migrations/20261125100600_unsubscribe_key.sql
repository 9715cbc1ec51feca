-- The key that signs the links to unsubscribe. It is made here, once, and known to nobody.

do $$
begin
  if to_regprocedure('vault.create_secret(text, text, text, uuid)') is null then
    raise notice 'Vault is missing: emails have no link to unsubscribe';
  elsif queues.secret('queues_unsubscribe_key') is null then
    perform vault.create_secret(
      encode(extensions.gen_random_bytes(32), 'hex'), 'queues_unsubscribe_key',
      'Signs the links to unsubscribe; with another one those of emails sent before end to work.');
  end if;
end $$;
