begin;
select plan(12);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select pgmq.send('analytics_dlq', jsonb_build_object('queue', 'analytics', 'msg_id', n, 'message', jsonb_build_object('event', n % 2),
  'reason', case n % 3 when 0 then 'invalid_field' else 'unknown_type' end, 'error', case n % 3 when 0 then '`event` is not a string' else 'nothing is named' end))
from generate_series(1, 6) n;
update pgmq.q_analytics_dlq set enqueued_at = now() - interval '3 hours' where msg_id <= 2;
create function pg_temp.groups(p_arguments jsonb) returns text[] language sql as $$
  select array_agg(format('%s %s', coalesce(g ->> 'value', 'none'), g ->> 'letters') order by n)
  from jsonb_array_elements(operator_page('letter_groups', p_arguments || '{"queue": "analytics"}') -> 'groups') with ordinality e (g, n)
$$;
select is(pg_temp.groups('{}'), '{"unknown_type 4","invalid_field 2"}', 'by reason, the most frequent first');
select is(pg_temp.groups('{"by": "field"}'), '{"none 4","event 2"}', 'by the field that the error names');
select is(pg_temp.groups('{"by": "path", "path": ["event"]}'), '{"0 3","1 3"}', 'by what a path has');
select is(cardinality(pg_temp.groups('{"by": "age"}')), 2, 'by age');
select is(pg_temp.groups('{"filter": {"field": "event"}}'), '{"invalid_field 2"}', 'among those that match a filter');
select is(operator_page('letter_groups', '{"queue": "analytics"}') - '{groups,now}'::text[], '{"by": "reason", "different": 2, "read": 6, "is_complete": true}', 'it says how many were read');
select throws_ok($$select operator_page('letter_groups', '{"queue": "analytics", "by": "path", "path": "x"}')$$, 'PT422', null, 'no path');

create temp table page as select operator_page('dead_letters', '{"queue": "analytics", "limit": 2, "filter": {"reason": "unknown_type"}}') as p;
select is((select array_agg(i ->> 'msg_id') from page, jsonb_array_elements(p -> 'items') i), '{1,2}', 'a page, oldest first');
select is((select p -> 'matching' from page), '4', 'how many match');
select is((select array_agg(i ->> 'msg_id') from page, jsonb_array_elements(operator_page('dead_letters', jsonb_build_object('queue', 'analytics', 'filter', '{"reason": "unknown_type"}'::jsonb, 'after', p -> 'next')) -> 'items') i), '{4,5}', 'the next page');
select is((select (p #> '{items,0}') - '{dead_lettered_at,details}'::text[] from page),
  '{"msg_id": 1, "reason": "unknown_type", "error": "nothing is named", "field": null, "size_bytes": 12, "message": {"event": 1}}', 'what it shows');
select is(operator_page('dead_letters', '{"queue": "analytics", "filter": {"older_than_secs": 7200}}') -> 'matching', '2', 'by age');

select * from finish();
rollback;
