begin;
select plan(1);

select pgmq.send('analytics', '1') from generate_series(1, 2);
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [
  {"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"},
  {"msg_id": 2, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}');
select claim_messages('analytics');
select settle_messages('analytics', '{"acks": [[1, 2]]}');

select is((select array_agg(msg_id) from queues.failures), '{2}', 'only the message still in the queue has failures');

select * from finish();
rollback;
