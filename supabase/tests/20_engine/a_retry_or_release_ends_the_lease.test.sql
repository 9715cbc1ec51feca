begin;
select plan(5);

select pgmq.send('analytics', '1') from generate_series(1, 2);
select claim_messages('analytics');
select settle_messages('analytics', '{"releases": [[1, 1]],
  "retries": [{"msg_id": 2, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}');

-- The read count still matches the lease: only the next claim changes it.
select is(
  settle_messages('analytics', '{"acks": [[1, 1], [2, 1]]}'), '{"applied": false, "lost": [1, 2], "backlog": 2}',
  'a released message cannot be acknowledged');
select is(
  settle_messages('analytics', '{"retries": [{"msg_id": 2, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}')
    -> 'lost', '[2]', 'a retried message cannot be retried again');
select is((select failures from queues.failures where msg_id = 2), 1, 'a repeated retry is one failure');

select claim_messages('analytics');
select is(settle_messages('analytics', '{"acks": [[1, 1], [2, 2]]}') -> 'lost', '[1]', 'the old lease cannot be settled after the next claim');
select is(settle_messages('analytics', '{"acks": [[1, 2], [2, 2]]}') -> 'applied', 'true', 'the new lease can');

select * from finish();
rollback;
