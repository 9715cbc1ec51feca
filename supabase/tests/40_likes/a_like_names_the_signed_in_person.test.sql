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
  '00000000-0000-4000-8000-00000000000a', 'the profile of the person who is signed in');
select is(
  (select message -> 'liker_profile_id' from pgmq.q_like_events where message ->> 'liker_session_id' = 's2'),
  'null', 'nobody, where that person has no profile');

select * from finish();
rollback;
