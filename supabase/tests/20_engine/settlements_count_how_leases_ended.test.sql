begin;
select plan(6);

create function pg_temp.logged() returns setof text language sql as
$$select format('%s processed, %s retried, %s dead-lettered, %s released, %s lost, %s expired, last failure %s',
    processed, retried, dead_lettered, released, lost, expired, coalesce(last_failure ->> 'code', 'none'))
  from queues.settlements where queue = 'analytics' order by id desc limit 1$$;

select pgmq.send('analytics', to_jsonb(n)) from generate_series(1, 5) n;
select claim_messages('analytics');
select is_empty($$select from queues.settlements$$, 'a first claim adds no row');
select settle_messages('analytics', '{"acks": [[1, 1]], "releases": [[2, 1]],
  "retries": [{"msg_id": 3, "read_ct": 1, "delay_secs": 0, "code": "http_503", "error": "unavailable"}],
  "dead_letters": [{"msg_id": 4, "read_ct": 1, "code": "not_json", "error": "what is this"}]}');
select is(pg_temp.logged(),
  '1 processed, 1 retried, 1 dead-lettered, 1 released, 0 lost, 0 expired, last failure not_json', 'a settlement');
select settle_messages('analytics', '{"acks": [[1, 1], [5, 1]]}');
select is(pg_temp.logged(),
  '0 processed, 0 retried, 0 dead-lettered, 0 released, 1 lost, 0 expired, last failure none',
  'a settlement with lost leases counts only those');

-- 2 was released and 3 retried, so their leases did not expire.
update pgmq.q_analytics set vt = clock_timestamp();
select claim_messages('analytics');
select is(pg_temp.logged(),
  '0 processed, 0 retried, 0 dead-lettered, 0 released, 0 lost, 1 expired, last failure lease_expired',
  'a claim counts the expired leases of the messages it returns');

update pgmq.q_analytics set vt = clock_timestamp(), read_ct = 9;
select claim_messages('analytics');
select is(pg_temp.logged(),
  '0 processed, 0 retried, 3 dead-lettered, 0 released, 0 lost, 3 expired, last failure worker_crashed',
  'a claim counts the messages it dead-letters');

select settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-000000000001", "seq": 1}')
from generate_series(1, 2);
select is((select count(*) from queues.settlements), 5::bigint, 'a repeated settlement is counted once');

select * from finish();
rollback;
