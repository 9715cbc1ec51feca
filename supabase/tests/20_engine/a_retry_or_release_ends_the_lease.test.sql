begin;
select plan(5);

select pgmq.send('analytics', '1') from generate_series(1, 2);
select claim_messages('analytics');
select settle_messages('analytics', '{"releases": [[1, 1]],
  "retries": [{"msg_id": 2, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}');

-- The read count is still that of the lease: only the next claim changes it.
select is(
  settle_messages('analytics', '{"acks": [[1, 1], [2, 1]]}'), '{"applied": false, "lost": [1, 2], "backlog": 2}',
  'what was given back cannot be acknowledged');
select is(
  settle_messages('analytics', '{"retries": [{"msg_id": 2, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}')
    -> 'lost', '[2]', 'nor retried once more');
select is((select failures from queues.failures where msg_id = 2), 1, 'so a repeated retry is one failure');

select claim_messages('analytics');
select is(settle_messages('analytics', '{"acks": [[1, 1], [2, 2]]}') -> 'lost', '[1]', 'nor after the next claim');
select is(settle_messages('analytics', '{"acks": [[1, 2], [2, 2]]}') -> 'applied', 'true', 'which holds it now');

select * from finish();
rollback;
