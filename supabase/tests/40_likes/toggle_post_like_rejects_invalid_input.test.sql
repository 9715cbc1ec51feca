begin;
select plan(9);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');

select is(
  toggle_post_like('00000000-0000-4000-8000-0000000000b9', 's1')::jsonb,
  '{"success": false, "isLiked": false, "newLikeCount": 0, "code": "post_not_found", "error": "This post does not exist any more."}',
  'a post that does not exist');
select is(toggle_post_like(null, 's1')::jsonb ->> 'code', 'post_not_found', 'no post');
select is(
  toggle_post_like('00000000-0000-4000-8000-0000000000b1', '')::jsonb,
  '{"success": false, "isLiked": false, "newLikeCount": 0, "code": "invalid_session_id",
    "error": "The session id must have 1 to 128 characters."}',
  'an empty session id');
select is(
  toggle_post_like('00000000-0000-4000-8000-0000000000b1', session_id)::jsonb ->> 'code', 'invalid_session_id', label)
from (values
  (null, 'no session id'),
  (repeat('x', 129), 'an over-long one'),
  ('  ', 'spaces'),
  (E'\t\r\n ', 'other white space')) s (session_id, label);
select is((select count(*) from post_ratings), 0::bigint, 'nothing is stored');
select is((select count(*) from pgmq.q_like_events), 0::bigint, 'nothing is sent');

select * from finish();
rollback;
