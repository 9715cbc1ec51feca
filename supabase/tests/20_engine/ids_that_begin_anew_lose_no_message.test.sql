begin;
select plan(24);

-- What a data-only restore leaves: rows, and sequences that begin anew.
create function pg_temp.restore() returns void language plpgsql as $$
begin
  alter table pgmq.q_analytics alter msg_id restart;
  alter table pgmq.q_analytics_dlq alter msg_id restart;
end $$;
-- Without the trigger, as in a queue that pgmq.create made again.
create function pg_temp.forget_triggers() returns void language plpgsql as $$
begin
  drop trigger keep_ids_fresh on pgmq.q_analytics;
  drop trigger keep_ids_fresh on pgmq.q_analytics_dlq;
end $$;
create function pg_temp.sent() returns bigint language sql as
$$select pgmq.send('analytics', jsonb_build_object('n', (select count(*) from pgmq.q_analytics)))$$;

select pg_temp.sent() from generate_series(1, 3);
select claim_messages('analytics');
select settle_messages('analytics', '{"acks": [[1, 1], [2, 1]], "retries": [{"msg_id": 3, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}');
select pg_temp.restore();
select matches((select reason from queues.health() where queue = 'analytics'),
  '^the sequence of pgmq.q_analytics is behind: its next id is 1, and ids up to 3 are taken', 'health names a sequence that is behind');
select is((select verdict from queues.health() where queue = 'analytics'), 'failing');
select is(pg_temp.sent(), 4::bigint, 'a producer does not fail and gets an id past queue and archive');
select is(pg_temp.sent(), 5::bigint, 'so does the next');
select is(queues.ids_problem('analytics'), null, 'the sequence is not behind any more');

select pg_temp.restore();
select is((select array_agg(id order by id) from pgmq.send_batch('analytics', array['6', '7']::jsonb[]) id), '{6,7}', 'and a producer of several messages');

-- Only dead letters are left.
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 7, "read_ct": 1, "code": "c", "error": "e"}]}');
truncate pgmq.q_analytics, pgmq.a_analytics, queues.failures;
select pg_temp.restore();
select is(pg_temp.sent(), 8::bigint, 'the ids of dead letters are not used again');
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 8, "read_ct": 1, "code": "c", "error": "e"}]}');
select is((select array_agg(msg_id order by msg_id) from pgmq.q_analytics_dlq), '{1,2}', 'the dead-letter queue moves its sequence, too');
select is((queues.discard('analytics')) -> 'discarded', '2');

-- An id that the archive has is met again.
select pg_temp.forget_triggers();
truncate pgmq.q_analytics, pgmq.a_analytics;
insert into pgmq.a_analytics (msg_id, vt, message) values (1, now(), '"archived before"');
select pg_temp.restore();
select is(pgmq.send('analytics', '"new"', '{"by": "app"}'::jsonb), 1::bigint, 'without the trigger an id is used twice');
select is(pgmq.send('analytics', '"neighbour"'), 2::bigint);
select claim_messages('analytics');
select is(settle_messages('analytics', '{"acks": [[1, 1], [2, 1]]}') -> 'applied', 'true', 'both are acknowledged all the same');
select results_eq('select msg_id, message, headers from pgmq.a_analytics where msg_id < 3 order by msg_id',
  $$values (1::bigint, '"archived before"'::jsonb, null::jsonb), (2, '"neighbour"', null)$$, 'the archive keeps the earlier message');
select results_eq('select message, headers from pgmq.a_analytics where msg_id > 2',
  $$values ('"new"'::jsonb, '{"by": "app", "original_msg_id": 1}'::jsonb)$$, 'the later one has a new id and keeps its old one');
select is_empty('select from pgmq.q_analytics_dlq', 'nothing is dead-lettered');
select is(pgmq.send('analytics', '1'), (select max(msg_id) + 1 from pgmq.a_analytics), 'the sequence was moved');

insert into pgmq.a_analytics_dlq (msg_id, vt, message) values (1, now(), '{}') on conflict do nothing;
truncate pgmq.q_analytics_dlq restart identity;
select pgmq.send('analytics_dlq', '{"message": "again"}');
select is(queues.discard('analytics') -> 'discarded', '1', 'a dead letter is discarded likewise');
select is((select headers -> 'original_msg_id' from pgmq.a_analytics_dlq where message ->> 'message' = 'again'), '1');

select pg_temp.restore();
select queues.create_queue('analytics');
select is(queues.ids_problem('analytics'), null, 'create_queue moves the sequences');
select ok(pgmq.send('analytics', '2') > (select max(msg_id) from pgmq.a_analytics), 'past all ids');

-- Another error of the acknowledgement is not that of the messages.
alter table pgmq.a_analytics add constraint of_the_app check (message <> '3');
select pgmq.send('analytics', '3');
select claim_messages('analytics');
select throws_ok(
  format($$select settle_messages('analytics', '{"acks": [[%s, 1]]}')$$, (select max(msg_id) from pgmq.q_analytics)),
  'PT500', null, 'an error of the archive is not charged to a message');
select ok((select count(*) = 1 from pgmq.q_analytics where message = '3'), 'which stays in its queue');

-- A table that is missing is no reason for a producer to fail.
alter table pgmq.a_analytics drop constraint of_the_app;
-- Until version 1.6 of the extension its queues belong to it.
do $$ begin
  if exists (select from pg_depend where objid = 'pgmq.a_analytics'::regclass and deptype = 'e') then
    alter extension pgmq drop table pgmq.a_analytics;
  end if;
end $$;
drop table pgmq.a_analytics;
select lives_ok($$select pgmq.send('analytics', '4')$$, 'a producer does not fail without an archive');
select is((select reason from queues.health() where queue = 'analytics'), 'the queue was dropped: pgmq.a_analytics missing');

select * from finish();
rollback;
