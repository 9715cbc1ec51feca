begin;
select plan(4);

insert into pgmq.a_like_events (msg_id, vt, enqueued_at, archived_at, message)
select n, now(), now(), now() - interval '31 days', '1' from generate_series(1, 5500) n;
insert into pgmq.a_notifications (msg_id, vt, enqueued_at, archived_at, message)
select n, now(), now(), now() - interval '8 days', '1' from generate_series(1, 700) n;
select queues.daily();

select is(queues.cleanup_step(), 5000, 'at most 5000 rows at a time');
select is(queues.dispatch(), 0, 'the next step is part of a tick of the dispatcher');
select results_eq(
  $$select removed, finished_at from queues.cleanups$$,
  $$values ('{"pgmq.a_like_events": 5500, "pgmq.a_notifications": 700}'::jsonb, null::timestamptz)$$,
  'and removes more');
select queues.dispatch();
select isnt((select finished_at from queues.cleanups), null, 'until nothing is left');

select * from finish();
rollback;
