begin;
select plan(36);

create function pg_temp.rejected(p_events text, p_message text, p_session text default 's') returns text language sql as $$
  select throws_ok(format('select track_events(%L::jsonb, %L)', p_events, p_session), 'PT422', p_message,
    concat(p_message, ': ', left(p_events, 60)))
$$;
set local role anon;

select pg_temp.rejected(events, '`p_events` is not an array')
from unnest(array['{}', 'null', '"page_view"', '7', 'true', null]) events;
select pg_temp.rejected(format('[%s]', event), '`p_events[0]` is not an object')
from unnest(array['null', '"page_view"', '7', '[]', '[{"event": "page_view"}]']) event;
select pg_temp.rejected(format('[{"event": "page_view"}, {"event": %s}]', event), '`p_events[1].event` is missing or has a wrong type')
from unnest(array['null', '7', '{}', '["page_view"]']) event;
select pg_temp.rejected('[{}]', '`p_events[0].event` is missing or has a wrong type');
select pg_temp.rejected(format('[{"event": %s}]', to_jsonb(event)), '`p_events[0].event` is not allowed')
from unnest(array['like', 'unlike', '', 'PAGE_VIEW', 'page_view ', repeat('x', 100000)]) event;
select pg_temp.rejected(format('[{"event": "page_view", "post_id": %s}]', id), '`p_events[0].post_id` is missing or has a wrong type')
from unnest(array['7', '"me"', '"00000000-0000-4000-8000-0000000000b1x"', '{}']) id;
select pg_temp.rejected('[{"event": "page_view", "new_count": 1}]', '`p_events[0].new_count` is not known');
select pg_temp.rejected('[{"event": "page_view", "metadata": []}]', '`p_events[0].metadata` is missing or has a wrong type');
select pg_temp.rejected(jsonb_build_array(jsonb_build_object('event', 'page_view', 'metadata', jsonb_build_object('a', repeat('x', 2048))))::text,
  '`p_events[0].metadata` has more than 2048 bytes');
select pg_temp.rejected(format('[{"event": "page_view", "metadata": {"a": %s1%s}}]', repeat('[', 100), repeat(']', 100)),
  '`p_events[0].metadata` is nested too deeply');
select pg_temp.rejected(format('[%s{}]', repeat('{"event": "page_view"}, ', 99999)), '`p_events` has 100000 events');

select is(track_events('[{"event": "page_view"}]', session)::jsonb,
  '{"success": false, "code": "invalid_session_id", "error": "The session id must have 1 to 128 characters."}', 'the same answer as to a like')
from unnest(array[null, '', repeat('x', 129)]) session;
reset role;

select is((select count(*)::int from pgmq.q_analytics), 0, 'nothing was sent');
select throws_ok($$insert into queues.tracked_events values ('like')$$, '23514', null, 'a client cannot make up likes');

select * from finish();
rollback;
