begin;
select plan(12);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

create temp table token as select id, queues.unsubscribe_token(id) as token from profiles where username = 'ann';
grant select on table token to anon;
select is(token, format('%s.email.%s', id, encode(extensions.hmac(format('unsubscribe:%s:email', id), key, 'sha256'), 'hex')),
  'a token is signed with the key in Vault')
from token, (select decrypted_secret from vault.decrypted_secrets where name = 'queues_unsubscribe_key') k (key);
select matches((select decrypted_secret from vault.decrypted_secrets where name = 'queues_unsubscribe_key'), '^[0-9a-f]{64}$',
  'which the migration created');

set local role anon;
select is(unsubscribe(bad), '{"success": false, "code": "invalid_token", "error": "This link is not valid. Your preferences are in the app."}',
  'an unsigned token is rejected')
from token, unnest(array[
  null, '', 'x', replace(token, 'email', 'push'), overlay(token placing '00000000-0000-4000-8000-00000000000b' from 1 for 36),
  left(token, -1) || translate(right(token, 1), '0123456789abcdef', '123456789abcdef0')]) bad;
reset role;
select is((select bool_and(email_notifications) from profiles), true, 'and changes nothing');
set local role anon;
select is(unsubscribe(token), '{"success": true, "channel": "email"}', 'a token is taken') from token;
select is(unsubscribe(token), '{"success": true, "channel": "email"}', 'as often as it comes') from token;
reset role;
select results_eq('select username, email_notifications, push_notifications from profiles order by 1',
  $$values ('ann', false, true), ('bob', true, true)$$, 'it ends the emails to its person and nothing else');

select * from finish();
rollback;
