begin;
select plan(21);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select throws_ok(format('select operator_page(%L, %L)', page, arguments), code, null, page || ' ' || arguments)
from (values
  ('overview', '{"x": 1}', 'PT422'), ('overview', '[]', 'PT422'), ('queue', '{}', 'PT404'), ('queue', '{"queue": 1}', 'PT422'),
  ('queue', '{"queue": "analytics''; drop table x; --"}', 'PT404'), ('queue', '{"queue": "analytics", "window": "week"}', 'PT422'),
  ('runs', '{"queue": "analytics", "before": "99999999999999999999.x"}', 'PT422'), ('runs', '{"queue": "analytics", "limit": 1e9}', 'PT422'),
  ('messages', '{"queue": "analytics", "box": "q_secrets"}', 'PT422'), ('messages', '{"queue": "analytics", "from": -1}', 'PT422'),
  ('messages', '{"queue": "analytics", "from": 1e30}', 'PT422'), ('dead_letters', '{"queue": "analytics", "filter": {"x": 1}}', 'PT422'),
  ('letter_groups', '{"queue": "analytics", "by": "message; drop"}', 'PT422'), ('search', '{"text": "x", "queue": "none"}', 'PT422'),
  ('deliveries', '{"person_id": "x"}', 'PT422'), ('audit', '{"limit": "10"}', 'PT422'), ('analytics', '{"days": 1000}', 'PT422')
) c (page, arguments, code);
select throws_ok($$select operate('pause', null)$$, 'PT422', '`p_arguments` is not an object', 'no arguments');
select throws_ok($$select operate('pause', jsonb_build_object('queue', 'analytics', 'x', repeat('x', 1048576)))$$, 'PT422', '`p_arguments` has more than 1048576 bytes', 'too many');
select throws_ok($$select operate('discard', '{"queue": "analytics"}', false)$$, 'PT422', '`filter` is missing', 'all of them must be said');
select lives_ok($$select operator_page('dead_letters', '{"queue": "analytics", "filter": {"error": "''; drop table queues.settings; --", "field": "\\"}}')$$, 'quotes are text');

select * from finish();
rollback;
