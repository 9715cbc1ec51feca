begin;
select plan(3);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1'), ('00000000-0000-4000-8000-0000000000b2');

select settle_messages('analytics', '{"effects": {"analytics_events": [
  {"event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b1",
   "profile_id": "00000000-0000-4000-8000-00000000000a", "session_id": "s1", "metadata": {"k": 1}, "created_at": "2026-01-01T00:00:00Z"},
  {"event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000c9", "session_id": "s2", "metadata": {"k": 2}},
  {"event_type": "like", "post_id": "00000000-0000-4000-8000-0000000000b2",
   "profile_id": "00000000-0000-4000-8000-0000000000a9", "session_id": "s3"},
  {"event_type": "visit", "session_id": "s4"}]}}');

select results_eq(
  $$select session_id, right(post_id::text, 2), right(profile_id::text, 2), metadata from analytics_events order by session_id$$,
  $$values
    ('s1', 'b1', '0a', '{"k": 1}'::jsonb),
    ('s2', null, null, '{"k": 2, "post_id": "00000000-0000-4000-8000-0000000000c9"}'),
    ('s3', 'b2', null, '{"profile_id": "00000000-0000-4000-8000-0000000000a9"}'),
    ('s4', null, null, null)$$,
  'ids that no longer exist are kept in the metadata');
select results_eq(
  $$select session_id, created_at from analytics_events where session_id in ('s1', 's2') order by session_id$$,
  $$values ('s1', '2026-01-01T00:00:00Z'::timestamptz), ('s2', now())$$, 'an event without a time gets the current time');

delete from posts_new;
delete from profiles;
select is((select count(*) from analytics_events where post_id is null and profile_id is null), 4::bigint, 'deleting the post or profile clears the reference');

select * from finish();
rollback;
