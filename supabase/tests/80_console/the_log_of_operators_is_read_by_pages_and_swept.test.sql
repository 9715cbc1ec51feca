begin;
select plan(7);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select operate('pause', jsonb_build_object('queue', queue), false) from unnest(array['analytics', 'deliveries']) queue;
select pg_temp.sign_in('a4');
select operate('resume', '{"queue": "analytics"}', false);
select is((select array_agg(concat_ws(' ', i ->> 'operator', i ->> 'action', i ->> 'queue', i ->> 'affected')) from jsonb_array_elements(operator_page('audit') -> 'items') i),
  '{"otto resume analytics 1","olga pause deliveries 1","olga pause analytics 1"}', 'who did what, latest first');
select is((select array_agg(i ->> 'queue') from jsonb_array_elements(operator_page('audit', '{"action": "pause", "queue": "analytics"}') -> 'items') i), '{analytics}', 'by action and queue');
select is((select array_agg(i ->> 'action') from jsonb_array_elements(operator_page('audit', jsonb_build_object('before', operator_page('audit', '{"limit": 2}') ->> 'next')) -> 'items') i), '{pause}', 'by pages');
select is(jsonb_array_length(operator_page('audit', '{"operator_id": "00000000-0000-4000-8000-0000000000a4"}') -> 'items'), 1, 'by person');
delete from profiles where username = 'olga';
select is(jsonb_array_length(operator_page('audit') -> 'items'), 3, 'it outlives the account');
update queues.operator_log set at = at - interval '367 days' where action = 'pause';
select is(queues.prune_operator_log(10), 2, 'after a year it is swept');
select is(jsonb_array_length(operator_page('audit') -> 'items'), 1, 'the rest stays');

select * from finish();
rollback;
