begin;
select plan(10);

update queues.rate_limits set per_minute = 6, burst = 2 where action = 'like';
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1'), ('00000000-0000-4000-8000-0000000000b2');
set local role anon;
create function pg_temp.toggle(p_post int default 1, p_session text default 's') returns jsonb language sql as $$
  select toggle_post_like(format('00000000-0000-4000-8000-0000000000b%s', p_post)::uuid, p_session)::jsonb
$$;

select is(pg_temp.toggle(), '{"success": true, "isLiked": true, "newLikeCount": 1}', 'a like');
select is(pg_temp.toggle(2), '{"success": true, "isLiked": true, "newLikeCount": 1}', 'another');
select is(current_setting('response.status', true), null, 'an ordinary answer');
select is(pg_temp.toggle() - 'retryAfter',
  '{"success": false, "isLiked": true, "newLikeCount": 1, "error": "Too many requests", "code": "rate_limited"}',
  'one too many says how things are');
select is(current_setting('response.status'), '429', 'with status 429');
select matches(current_setting('response.headers'), '^\[\{"Retry-After": "(10|9)"\}\]$', 'and when to come back');
select is((pg_temp.toggle() ->> 'retryAfter')::int between 9 and 10, true, 'in the body too');
select is(pg_temp.toggle(1, 'other') ->> 'success', 'true', 'others like as before');
reset role;
select is((select count(*)::int from pgmq.q_like_events), 3, 'a refused like sends no event');
select is((select likes::int from posts_new where id = '00000000-0000-4000-8000-0000000000b1'), 2, 'and changes nothing');

select * from finish();
rollback;
