begin;
select plan(4);

insert into pgmq.a_analytics (msg_id, vt, enqueued_at, archived_at, message)
values (1, now(), now(), now() - interval '1 year', '1');
insert into pgmq.a_notifications (msg_id, vt, enqueued_at, archived_at, message)
values (1, now(), now(), now() - interval '1 year', '1');
create table pgmq.keeps (archive bigint references pgmq.a_analytics (msg_id));
insert into pgmq.keeps values (1);
-- And a queue that was dropped.
select pgmq.drop_queue('like_events');
select queues.daily();

select lives_ok('select queues.dispatch()', 'the tick does not fail');
select is((select count(*) from pgmq.a_notifications), 0::bigint, 'other tables are cleaned up');
select queues.dispatch();
select isnt((select finished_at from queues.cleanups), null, 'the round ends');
select matches((select errors ->> 'pgmq.a_analytics' from queues.cleanups), 'violates foreign key', 'and records the error');

select * from finish();
rollback;
