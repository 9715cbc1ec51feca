begin;
select plan(2);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a", "role": "authenticated"}';
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000f", "role": "authenticated"}';
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's2');
reset role;

select is(
  (select message ->> 'liker_profile_id' from pgmq.q_like_events where message ->> 'liker_session_id' = 's1'),
  '00000000-0000-4000-8000-00000000000a', 'the event has the profile of the signed-in person');
select is(
  (select message -> 'liker_profile_id' from pgmq.q_like_events where message ->> 'liker_session_id' = 's2'),
  'null', 'the event has no profile if that person has none');

select * from finish();
rollback;
