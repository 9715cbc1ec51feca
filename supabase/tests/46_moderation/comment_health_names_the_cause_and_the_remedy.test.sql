begin;
select plan(8);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'moderator']) name;
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.health() returns text language sql as $$ select concat_ws(': ', status, reason) from queues.comment_health() $$;
select is(pg_temp.health(), 'ok', 'no comments');
insert into comments (post_id, author_id, body) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'x');
select is(pg_temp.health(), 'ok', 'a new comment');
update comments set created_at = now() - interval '1 hour', edited_at = now();
select is(pg_temp.health(), 'ok', 'one edited just now');
update comments set edited_at = now() - interval '20 minutes';
select is(pg_temp.health() ~ '^late: 1 comment has waited to be judged for 120\d s$', true, 'one that waits for the machine');
update comments set status = 'flagged', decided_at = now();
insert into queues.reviews (comment_id) select id from comments;
select is(pg_temp.health(), 'failing: 1 comment or post waits for a moderator, and there is none', 'no moderator');
insert into queues.moderators (profile_id) values (pg_temp.person('moderator'));
select is(pg_temp.health(), 'ok', 'a moderator');
update queues.reviews set opened_at = now() - interval '49 hours';
select is(pg_temp.health(), 'late: 1 comment or post has waited for a moderator for 49 h', 'who does not look');
insert into queues.moderation_log (action, at) values ('approved', now()), ('approved', now()), ('rejected', now()), ('approved', now() - interval '2 days'), ('deleted', now());
select is((select decided_24h from queues.comment_health()), '{"approved": 2, "rejected": 1}', 'the decisions of a day');

select * from finish();
rollback;
