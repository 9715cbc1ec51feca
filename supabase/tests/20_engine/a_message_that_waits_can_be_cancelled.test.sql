begin;
select plan(15);

create function pg_temp.cancel(p_key text) returns text language sql as $$
  select concat_ws(' ', c.cancelled, c.reason) from queues.cancel('analytics', p_key) c
$$;
set local role service_role;
select is(pg_temp.cancel('k'), 'f not_found', 'an unknown key');
select msg_id from queues.send('analytics', '{"n": 1}', 3600, 'k');
select is(pg_temp.cancel('other'), 'f not_found', 'another key');
select is(pg_temp.cancel('k'), 't', 'a message that waits for its time');
select is(pg_temp.cancel('k'), 'f not_found', 'once');
reset role;
select results_eq('select msg_id, message, headers from pgmq.a_analytics', $$values (1::bigint, '{"n": 1}'::jsonb,
  '{"dropped": {"code": "cancelled", "error": "its sender cancelled it"}}'::jsonb)$$, 'is archived with its reason');
select is_empty('select from pgmq.q_analytics', 'and left the queue');
select is_empty('select from queues.message_keys', 'and its key is free');

-- Replaced in one transaction, with another time.
select msg_id from queues.send('analytics', '{"n": 2}', 3600, 'k');
select is(pg_temp.cancel('k'), 't');
select results_eq($$select is_new from queues.send('analytics', '{"n": 3}', 0, 'k')$$, 'values (true)', 'cancel and send replace');

select claim_messages('analytics');
select is(pg_temp.cancel('k'), 'f in_progress', 'a worker has begun with it');
update pgmq.q_analytics set vt = clock_timestamp() - interval '1 second';
select is(pg_temp.cancel('k'), 'f in_progress', 'or may have, before it crashed');
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 3, "read_ct": 2, "code": "c", "error": "e", "delay_secs": 60}]}');
select is(pg_temp.cancel('k'), 't', 'between two tries it can be cancelled');
select is_empty('select from queues.failures', 'and its failures are forgotten');

update queues.settings set retention_days = null where queue = 'analytics';
select msg_id from queues.send('analytics', '{"n": 4}', 0, 'k');
select is(pg_temp.cancel('k'), 't');
select is_empty($$select from pgmq.a_analytics where message = '{"n": 4}'$$, 'without a retention it is deleted');

select * from finish();
rollback;
