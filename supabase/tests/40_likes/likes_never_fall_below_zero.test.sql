begin;
select plan(2);

-- An app may have left a rating that is not counted.
insert into posts_new (id, likes) values ('00000000-0000-4000-8000-0000000000b1', 0);
insert into post_ratings (post_id, session_id) values ('00000000-0000-4000-8000-0000000000b1', 's1');

select is(
  toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1')::jsonb,
  '{"success": true, "isLiked": false, "newLikeCount": 0}', 'the returned count');
select is((select likes from posts_new), 0::numeric, 'the count of the post');

select * from finish();
rollback;
