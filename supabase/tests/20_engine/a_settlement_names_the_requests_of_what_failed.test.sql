begin;
select plan(8);

select is(queues.correlation_id_of(message), wanted, left(message::text, 80))
from (values
  ('{"metadata": {"correlation_id": "0AF7651916CD43DD8448EB211C80319C"}}'::jsonb, '0af7651916cd43dd8448eb211c80319c'),
  ('{"metadata": {"correlation_id": "a\n{\"level\": \"fatal\"}"}}', null),
  ('{"metadata": {"correlation_id": {"a": 1}}}', null),
  ('[7]', null),
  (null, null)
) m (message, wanted);

select pgmq.send('analytics', jsonb_build_object('metadata', jsonb_build_object(
  'correlation_id', case n when 1 then '0af76519-16cd-43dd-8448-eb211c80319c' else repeat('x', 10000) end)))
from generate_series(1, 60) n;
select claim_messages('analytics', 60);
select is(
  settle_messages('analytics', '{
    "acks": [[3, 1]],
    "dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "invalid_field", "error": "e"}],
    "retries": [{"msg_id": 2, "read_ct": 1, "code": "timeout", "error": "e", "delay_secs": 0}]}') -> 'failed',
  '[{"msg_id": 1, "outcome": "dead_lettered", "code": "invalid_field", "correlation_id": "0af76519-16cd-43dd-8448-eb211c80319c"},
    {"msg_id": 2, "outcome": "retried", "code": "timeout"}]',
  'the dead letters and the retries');
select cmp_ok(octet_length(settled), '<', 10000, 'as many as fit into a line of a log') from (
  select settle_messages('analytics', jsonb_build_object('retries', jsonb_agg(jsonb_build_object(
    'msg_id', n, 'read_ct', 1, 'code', repeat('c', 100), 'error', 'e', 'delay_secs', 0)))) ->> 'failed' as settled
  from generate_series(4, 60) n) s;
select pgmq.send('notifications', '{}');
select claim_messages('notifications');
select is(settle_messages('notifications', '{"acks": [[1, 1]]}') -> 'failed', null, 'nothing if nothing failed');

select * from finish();
rollback;
