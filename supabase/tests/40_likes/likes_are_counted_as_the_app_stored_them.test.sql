begin;
select plan(14);

-- The triggers name tables without their schema, as an app's do. Its table may have no unique constraint, a counter without a value, or a rating stored twice.
alter table post_ratings drop constraint post_ratings_post_id_session_id_key;
alter table posts_new alter likes drop not null;
insert into posts_new (id, likes) values
  ('00000000-0000-4000-8000-0000000000b1', null),
  ('00000000-0000-4000-8000-0000000000b2', 3),
  ('00000000-0000-4000-8000-0000000000b3', 0);
insert into post_ratings (post_id, session_id)
select uuid '00000000-0000-4000-8000-0000000000b1', s from unnest(array['x', 'y']) s
union all select uuid '00000000-0000-4000-8000-0000000000b2', s from unnest(array['me', 'me', 'x']) s;

select is(toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'me') ->> 'newLikeCount', '3',
  'a post that was never counted is counted with its first like');
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'me') ->> 'newLikeCount', '2', 'and goes on from there');
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b2', 'me') ->> 'newLikeCount', '1',
  'taking back a like that was stored twice subtracts both');
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b2', 'me') ->> 'newLikeCount', '2', 'it is stored once again');

create function pg_temp.add_up() returns trigger language plpgsql as $$
begin
  update posts_new set likes = likes + case tg_op when 'INSERT' then 1 else -1 end
  where id = case tg_op when 'INSERT' then new.post_id else old.post_id end;
  return null;
end $$;
create trigger count_likes after insert or delete on post_ratings for each row execute function pg_temp.add_up();
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b3', 'me') ->> 'newLikeCount', '1',
  'a trigger of the app that counts is not added to');
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b3', 'me') ->> 'newLikeCount', '0', 'nor subtracted from');
drop trigger count_likes on post_ratings;

create function pg_temp.recount() returns trigger language plpgsql as $$
begin
  update posts_new p set likes = (select count(*) from post_ratings r where r.post_id = p.id);
  return null;
end $$;
create trigger count_likes after insert or delete on post_ratings for each statement execute function pg_temp.recount();
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b3', 'me') ->> 'newLikeCount', '1',
  'nor is a trigger that counts anew');
select is((select array_agg(message ->> 'new_like_count' order by msg_id) from pgmq.q_like_events),
  '{3,2,1,2,1,0,1}', 'events have the same counts');

drop trigger count_likes on post_ratings;
select is(
  (select toggle_post_like(id, 'me') ->> 'newLikeCount' from posts_new where id = '00000000-0000-4000-8000-0000000000b1'), '3',
  'a post has three likes');
create function pg_temp.count_after(p_likes numeric) returns text language plpgsql as $$
begin
  delete from queues.rate_limit_keys;
  delete from post_ratings where session_id = 'you';
  update posts_new set likes = p_likes where id = '00000000-0000-4000-8000-0000000000b1';
  return toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'you') ->> 'newLikeCount';
end $$;
select is(pg_temp.count_after('NaN'), '4', 'a counter that is no number is counted anew');
select is(pg_temp.count_after('Infinity'), '4', 'and so is one without an end');
select is(pg_temp.count_after(-7), '4', 'one below zero');
select is(pg_temp.count_after(1e30), '4', 'and one that no integer holds');
update posts_new set likes = 'NaN' where id = '00000000-0000-4000-8000-0000000000b1';
select is(
  (select new_like_count from queues.change_like('00000000-0000-4000-8000-0000000000b1', 'you', null, true)), 0::bigint,
  'a like that is there already counts nothing');

select * from finish();
rollback;
