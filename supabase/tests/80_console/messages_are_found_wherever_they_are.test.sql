begin;
select plan(17);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select pgmq.send('like_events', jsonb_build_object('type', 'like', 'post_id', '00000000-0000-4000-8000-0000000000b1', 'n', n)) from generate_series(1, 4) n;
update pgmq.q_like_events set message = message || '{"metadata": {"correlation_id": "00000000-0000-4000-8000-0000000000d7"}}' where msg_id = 2;
select pgmq.archive('like_events', 2::bigint);
select queues.dead_letter(queues.settings_of('like_events'), '[{"msg_id": 3, "code": "invalid_field", "error": "`post_id` is not a uuid"}]', true);
create function pg_temp.found(p_arguments jsonb) returns text[] language sql as $$
  select array_agg(format('%s %s', i ->> 'box', i ->> 'msg_id') order by i ->> 'box', i ->> 'msg_id')
  from jsonb_array_elements(operator_page('search', p_arguments) -> 'items') i
$$;
select is(pg_temp.found('{"msg_id": 1}'), '{"queue 1"}', 'by id');
select is(pg_temp.found('{"msg_id": 2, "queue": "like_events"}'), '{"archive 2"}', 'in the archive');
select is(pg_temp.found('{"msg_id": 3, "queue": "like_events"}'), '{"dead_letters 1"}', 'as a dead letter, by the id that it had');
select is(pg_temp.found('{"text": "00000000-0000-4000-8000-0000000000b1"}'), '{"archive 2","dead_letters 1","queue 1","queue 4"}', 'by the id of a post, everywhere');
select is(pg_temp.found('{"correlation_id": "00000000-0000-4000-8000-0000000000d7"}'), '{"archive 2"}', 'by the id of a request');
select is(pg_temp.found('{"text": "%_\\"}'), null, 'nothing is a pattern');
select is(operator_page('search', '{"text": "like"}') -> 'incomplete', '[]', 'all was read');
select throws_ok(format('select operator_page(''search'', %L)', arguments), 'PT422', null, arguments)
from unnest(array['{}', '{"text": "ab"}', '{"text": "abc", "msg_id": 1}', '{"msg_id": "1"}']) arguments;

select is((select array_agg(array[i ->> 'msg_id', i ->> 'state']) from jsonb_array_elements(operator_page('messages', '{"queue": "like_events", "limit": 1}') -> 'items') i), '{{1,visible}}', 'peek');
select is(operator_page('messages', '{"queue": "like_events", "limit": 1}') ->> 'next', '4', 'by pages');
select is((select array_agg(i ->> 'msg_id') from jsonb_array_elements(operator_page('messages', '{"queue": "like_events", "limit": 1, "from": 4}') -> 'items') i), '{4}', 'the next one');
select is((select array_agg(read_ct) from pgmq.q_like_events), '{0,0}', 'no message was touched');
select throws_ok($$select operator_page('message', '{"queue": "like_events", "msg_id": 2}')$$, 'PT404', 'there is no message 2 in `queue` of queue `like_events`', 'one that has moved on');
select is((select array_agg(h ->> 'event') from jsonb_array_elements(operator_page('message', '{"queue": "like_events", "box": "archive", "msg_id": 2}') -> 'history') h), '{sent,processed}', 'its history');

select * from finish();
rollback;
