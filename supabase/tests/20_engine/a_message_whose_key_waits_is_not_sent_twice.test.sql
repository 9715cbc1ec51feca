begin;
select plan(21);

create function pg_temp.send(p_key text, p_message jsonb default '{"n": 1}', p_delay integer default 0, p_queue text default 'analytics')
returns text language sql as $$
  select format('%s %s', s.msg_id, case when s.is_new then 'new' else 'waits' end)
  from queues.send(p_queue, p_message, p_delay, p_key) s
$$;
set local role service_role;
select is(pg_temp.send(null), '1 new', 'without a key');
select is(pg_temp.send(null), '2 new', 'every message is sent');
select is(pg_temp.send('k'), '3 new', 'the first with a key');
select is(pg_temp.send('k', '{"n": 2}', 60), '3 waits', 'the second is not sent: the first one waits');
select is(pg_temp.send('l'), '4 new', 'another key');
select is(pg_temp.send('k', '7', 0, 'notifications'), '1 new', 'the same key of another queue');
reset role;
select results_eq('select message, vt <= clock_timestamp() from pgmq.q_analytics where msg_id = 3',
  $$values ('{"n": 1}'::jsonb, true)$$, 'the one that waits is as it was sent');
delete from pgmq.q_analytics where msg_id <> 3;

-- Through the hands of a worker.
select claim_messages('analytics');
select is(pg_temp.send('k', '{"n": 3}', 60), '5 new', 'a message that a worker has begun with does not wait');
select is(pg_temp.send('k'), '5 waits', 'but the new one does, until its time has come too');
select cmp_ok((select vt from pgmq.q_analytics where msg_id = 5), '>', clock_timestamp() + interval '50 seconds', 'its delay');
select settle_messages('analytics', '{"retries": [{"msg_id": 3, "read_ct": 1, "code": "c", "error": "e", "delay_secs": 0}]}');
select is(jsonb_array_length(claim_messages('analytics')::jsonb -> 'messages'), 1, 'the first one is tried again beside it');
select settle_messages('analytics', '{"acks": [[3, 2]]}');
select is(pg_temp.send('k'), '5 waits', 'its end frees no key that is another''s by now');

-- After a failure it waits again.
update pgmq.q_analytics set vt = clock_timestamp();
select claim_messages('analytics');
select settle_messages('analytics', '{"retries": [{"msg_id": 5, "read_ct": 1, "code": "c", "error": "e", "delay_secs": 600}]}');
select is(pg_temp.send('k'), '5 waits', 'a message waits for its retry');
update pgmq.q_analytics set vt = clock_timestamp();
select claim_messages('analytics');
update pgmq.q_analytics set vt = clock_timestamp() - interval '1 second';
select is(pg_temp.send('k'), '6 new', 'a worker that is late or has crashed may have read too early');
select claim_messages('analytics', 1);
delete from pgmq.q_analytics where msg_id <> 6;

-- Free again.
update pgmq.q_analytics set vt = clock_timestamp(), read_ct = 0;
select claim_messages('analytics');
select settle_messages('analytics', '{"acks": [[6, 1]]}');
select is(pg_temp.send('k'), '7 new', 'after it was acknowledged');
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 7, "read_ct": 1, "code": "c", "error": "e"}]}');
select is(pg_temp.send('k'), '8 new', 'after it became a dead letter');
select queues.redrive('analytics');
select is(pg_temp.send('k'), '8 waits', 'whose redrive does not matter');
select pgmq.archive('analytics', 8);
select is(pg_temp.send('k'), '10 new', 'after somebody archived it');
select pgmq.purge_queue('analytics');
select is(pg_temp.send('k'), '11 new', 'after a purge');
select pgmq.drop_queue('analytics');
select throws_ok($$select queues.send('analytics', '1', 0, 'k')$$, 'PT404', null, 'a queue that was dropped');
select queues.create_queue('analytics');
-- A message of another sender with the same id.
select setval('pgmq.q_analytics_msg_id_seq', 10);
select pgmq.send('analytics', '"other"');
update pgmq.q_analytics set enqueued_at = enqueued_at + interval '1 hour';
select is(pg_temp.send('k'), '12 new', 'and one that was created again, with an id that is given anew');

select * from finish();
rollback;
