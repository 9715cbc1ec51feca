begin;
select plan(14);

select throws_ok(call, 'PT422', message, call)
from (values
  ($$select queues.send('analytics', null)$$, '`p_message` is missing'),
  ($$select queues.send('analytics', '1', -1)$$, '`p_delay_secs` is not between 0 and 31622400'),
  ($$select queues.send('analytics', '1', 2147483647)$$, '`p_delay_secs` is not between 0 and 31622400'),
  ($$select queues.send('analytics', '1', null)$$, '`p_delay_secs` is not between 0 and 31622400'),
  ($$select queues.send('analytics', '1', 0, '')$$, '`p_dedup_key` does not have 1 to 200 characters'),
  ($$select queues.send('analytics', '1', 0, repeat('x', 201))$$, '`p_dedup_key` does not have 1 to 200 characters'),
  ($$select queues.cancel('analytics', null)$$, '`p_dedup_key` is missing')
) calls (call, message);
select throws_ok(format('select queues.%s', call), 'PT404', null, call)
from unnest(array[$$send('nope', '1')$$, $$send('analytics_dlq', '1')$$, $$send(null, '1')$$, $$cancel('nope', 'k')$$]) call;
select lives_ok($$select queues.send('analytics', 'null', 0, E'🙂''; drop table posts_new --\n')$$, 'any text is a key');
set local role authenticated;
select throws_ok(format('select queues.%s', call), '42501', null, 'clients do not ' || call)
from unnest(array[$$send('analytics', '1')$$, $$cancel('analytics', 'k')$$]) call;
reset role;

select * from finish();
rollback;
