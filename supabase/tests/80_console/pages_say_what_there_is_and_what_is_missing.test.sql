begin;
select plan(15);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select is((select array_agg(q ->> 'queue' order by q ->> 'queue') from jsonb_array_elements(operator_page('overview') -> 'queues') q), (select array_agg(queue order by queue) from queues.settings), 'every queue');
select is((select array_agg(q ->> 'verdict' order by q ->> 'queue') from jsonb_array_elements(operator_page('overview') -> 'queues') q),
  (select array_agg(verdict order by queue) from queues.health()), 'with the verdict of health');
select ok((select operator_page('overview') ?& '{providers,alerts,jobs,calls,comments,last_tick,now}'), 'and what is around them');
select is((select count(*) from jsonb_path_query(operator_page('overview'), 'strict $.**') v where jsonb_typeof(v) = 'string' and v #>> '{}' ~ '^sb_secret'), 0::bigint, 'no key is shown');
select is(operator_page('queue', '{"queue": "analytics"}') #>> '{series,step_secs}', '60', 'an hour by minutes');
select is(operator_page('queue', '{"queue": "analytics", "window": "day"}') #>> '{series,step_secs}', '900', 'a day by quarters of an hour');
select throws_ok($$select operator_page('queue', '{"queue": "none"}')$$, 'PT404', 'there is no queue `none`', 'an unknown queue');
select throws_ok($$select operator_page('none')$$, 'PT404', 'there is no page `none`', 'an unknown page');
select throws_ok($$select operate('none', '{}')$$, 'PT404', 'there is no action `none`', 'an unknown action');

insert into queues.runs (id, queue, last_seen_at, finished_at, stopped_because, claimed, processed) values
  ('00000000-0000-4000-8000-000000000001', 'analytics', now() - interval '30 seconds', null, null, 5, 2),
  ('00000000-0000-4000-8000-000000000002', 'analytics', now() - interval '20 seconds', now(), 'empty', 5, 5),
  ('00000000-0000-4000-8000-000000000003', 'analytics', clock_timestamp(), null, null, 1, 0);
select is((select array_agg(r ->> 'outcome') from jsonb_array_elements(operator_page('runs', '{"queue": "analytics"}') -> 'items') r), '{active,empty,killed}', 'runs with their outcome');
select is((select array_agg(r ->> 'outcome') from jsonb_array_elements(operator_page('runs', jsonb_build_object('queue', 'analytics',
  'before', operator_page('runs', '{"queue": "analytics", "limit": 2}') ->> 'next')) -> 'items') r), '{killed}', 'by pages');
select is((select array_agg((r ->> 'held')::int) from jsonb_array_elements(operator_page('queue', '{"queue": "analytics"}') #> '{orphaned_leases,runs}') r), '{3}', 'what a killed run held');
insert into queues.dispatches (queue, cause, outcome, answered_at, error) values ('analytics', 'wake', 'failed', now(), 'e'), ('analytics', 'schedule', null, null, null);
select is((select array_agg(coalesce(d ->> 'outcome', 'open')) from jsonb_array_elements(operator_page('dispatches', jsonb_build_object('queue', 'analytics',
  'before', operator_page('dispatches', '{"queue": "analytics", "limit": 1}') ->> 'next')) -> 'items') d), '{failed}', 'calls with their outcome');
select pgmq.drop_queue('analytics');
select matches(operator_page('queue', '{"queue": "analytics"}') #>> '{health,reason}', '^the queue was dropped', 'a queue that vanished says so');
select throws_ok($$select operator_page('dead_letters', '{"queue": "analytics"}')$$, 'PT404', null, 'its dead letters are no longer there');

select * from finish();
rollback;
