begin;
select plan(12);

insert into auth.users (id) values ('00000000-0000-4000-8000-00000000000a') on conflict do nothing;
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.sent() returns setof jsonb language sql as $$
  select message - 'timestamp' from pgmq.q_analytics order by msg_id
$$;

set local role anon;
select is(track_event('page_view', null, 's')::jsonb, '{"success": true, "tracked": 1, "unknownPosts": 0}', 'one event');
select is(track_event('post_view', '00000000-0000-4000-8000-0000000000b1', 's', '{"from": "feed"}')::jsonb ->> 'tracked', '1',
  'of a post, with metadata');
select is(track_event('post_view', '00000000-0000-4000-8000-0000000000b9', 's')::jsonb,
  '{"success": true, "tracked": 0, "unknownPosts": 1}', 'one of a post that does not exist is left out');
select is(track_events('[{"event": "search", "metadata": {"words": 2}}, {"event": "post_view",
    "post_id": "00000000-0000-4000-8000-0000000000B9"}, {"event": "page_view", "post_id": null, "metadata": null}]', 's')::jsonb,
  '{"success": true, "tracked": 2, "unknownPosts": 1}', 'a batch');
select is(track_events('[]', 's')::jsonb, '{"success": true, "tracked": 0, "unknownPosts": 0}', 'an empty batch');
reset role;
select results_eq('select * from pg_temp.sent()', $$values
  ('{"v": 1, "event": "page_view", "session_id": "s", "metadata": {}}'::jsonb),
  ('{"v": 1, "event": "post_view", "session_id": "s", "post_id": "00000000-0000-4000-8000-0000000000b1", "metadata": {"from": "feed"}}'),
  ('{"v": 1, "event": "search", "session_id": "s", "metadata": {"words": 2}}'),
  ('{"v": 1, "event": "page_view", "session_id": "s", "metadata": {}}')$$, 'the messages, in their order');
delete from pgmq.q_analytics;

-- A signed-in person needs no session.
set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-00000000000a", "role": "authenticated"}', true);
select is(track_event('page_view')::jsonb ->> 'tracked', '1', 'of a signed-in person');
reset role;
select results_eq('select * from pg_temp.sent()',
  $$values ('{"v": 1, "event": "page_view", "profile_id": "00000000-0000-4000-8000-00000000000a", "metadata": {}}'::jsonb)$$,
  'names the person');
-- Signed in, without a profile.
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000ff", "role": "authenticated"}', true);
delete from pgmq.q_analytics;
set local role authenticated;
select is(track_event('page_view')::jsonb ->> 'tracked', '1', 'of a person without a profile');
reset role;
select results_eq('select * from pg_temp.sent()', $$values ('{"v": 1, "event": "page_view", "metadata": {}}'::jsonb)$$,
  'names nobody');

set local role service_role;
select throws_ok($$select track_event('page_view', null, 's')$$, '42501', null, 'the service sends messages instead');
reset role;
set local role anon;
select throws_ok($$insert into queues.tracked_events values ('hack')$$, '42501', null, 'clients allow nothing');
reset role;

select * from finish();
rollback;
