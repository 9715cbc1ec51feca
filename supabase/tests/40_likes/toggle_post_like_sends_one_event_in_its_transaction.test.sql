begin;
select plan(5);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');
insert into posts_new (id, profile_id, caption, likes)
values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000a', 'a hat', 41);

savepoint before;
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1');
rollback to before;
select is((select count(*) from pgmq.q_like_events), 0::bigint, 'a toggle that is rolled back sends nothing');

select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1');
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1');

create temp table event as select row_number() over (order by msg_id) as n, message from pgmq.q_like_events;
select is((select count(*) from event), 2::bigint, 'one event per toggle');
select is(
  (select message - 'timestamp' from event where n = 1),
  '{"v": 1, "event_type": "like", "event_value": 1, "post_id": "00000000-0000-4000-8000-0000000000b1",
    "post_owner_id": "00000000-0000-4000-8000-00000000000a", "post_caption": "a hat", "liker_session_id": "s1",
    "liker_profile_id": null, "new_like_count": 42, "metadata": {}}',
  'a like event');
select is(
  (select message - 'timestamp' from event where n = 2),
  (select message - 'timestamp' || '{"event_type": "unlike", "event_value": -1, "new_like_count": 41}' from event where n = 1),
  'an unlike event');
select ok(
  (select bool_and((message ->> 'timestamp')::timestamptz between now() and clock_timestamp()) from event), 'with the time');

select * from finish();
rollback;
