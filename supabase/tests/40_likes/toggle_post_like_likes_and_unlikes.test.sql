begin;
select plan(7);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.toggled(p_session_id text) returns jsonb language sql as $$
  select toggle_post_like('00000000-0000-4000-8000-0000000000b1', p_session_id)::jsonb
$$;

select is(pg_temp.toggled('s1'), '{"success": true, "isLiked": true, "newLikeCount": 1}', 'a first like');
select is(pg_temp.toggled('s2'), '{"success": true, "isLiked": true, "newLikeCount": 2}', 'a like of another person');
select is(pg_temp.toggled('s1'), '{"success": true, "isLiked": false, "newLikeCount": 1}', 'the first person unlikes');
select is(pg_temp.toggled('s1'), '{"success": true, "isLiked": true, "newLikeCount": 2}', 'and likes again');
select is(
  (select array_agg(session_id order by session_id) from post_ratings), '{s1,s2}', 'the ratings are stored');
select is((select likes from posts_new), 2::numeric, 'the post has the count');
select is(pg_temp.toggled(repeat('é', 128)) -> 'isLiked', 'true', 'a session id may have 128 characters');

select * from finish();
rollback;
