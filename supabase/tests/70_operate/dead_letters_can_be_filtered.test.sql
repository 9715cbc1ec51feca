begin;
select plan(17);

select pgmq.send('analytics', jsonb_build_object('n', n, 'post', jsonb_build_object('id', n % 2))) from generate_series(1, 4) n;
select claim_messages('analytics');
select settle_messages('analytics', '{"dead_letters": [
  {"msg_id": 1, "read_ct": 1, "code": "not_json", "error": "what is this"},
  {"msg_id": 2, "read_ct": 1, "code": "http_400", "error": "No such thing: 100%"},
  {"msg_id": 4, "read_ct": 1, "code": "http_400", "error": "no"}]}');
update pgmq.q_analytics_dlq set enqueued_at = now() - interval '1 hour' where msg_id = 1;
-- Not a dead letter of ours.
select pgmq.send('analytics_dlq', '"by hand"');
select pgmq.send('analytics_dlq', '{"by": "hand"}');

create function pg_temp.found(p_filter jsonb) returns bigint[] language sql as
$$select array_agg(msg_id order by msg_id) from queues.dead_letters('analytics', p_filter)$$;
select is(pg_temp.found('{}'), '{1,2,3}', 'all');
select is(pg_temp.found('{"reason": "http_400"}'), '{2,3}', 'by reason');
select is(pg_temp.found('{"error": "SUCH THING: 100%"}'), '{2}', 'by a literal part of the error');
select is(pg_temp.found('{"older_than_secs": 600}'), '{1}', 'by minimum age');
select is(pg_temp.found('{"newer_than_secs": 600}'), '{2,3}', 'by maximum age');
update pgmq.q_analytics_dlq set message = jsonb_set(message, '{attempts}', attempts)
from (values (2, '5'::jsonb), (3, '"many"')) a (id, attempts) where msg_id = id;
select is(pg_temp.found('{"min_attempts": 2}'), '{2}', 'by the least number of attempts');
select is(pg_temp.found('{"max_attempts": 4}'), '{1}', 'by the greatest number');
select is(pg_temp.found('{"min_attempts": 5, "max_attempts": 5}'), '{2}', 'by the exact number');
select is(pg_temp.found('{"min_attempts": 0}'), '{1,2}', 'attempts that are not a number never match');
select throws_ok($$select pg_temp.found('{"min_attempts": "5"}')$$, 'PT422', null, 'the filter must be a number');
select is(pg_temp.found('{"msg_ids": [1, 3, 7]}'), '{1,3}', 'by their own ids');
select is(pg_temp.found('{"original_msg_ids": [4]}'), '{3}', 'by the ids of the original messages');
select is(pg_temp.found('{"path": ["post", "id"], "value": 0}'), '{2,3}', 'by a value at a path');
select is(pg_temp.found('{"path": ["nowhere"]}'), null, 'by a path');
select is(pg_temp.found('{"reason": "http_400", "path": ["n"], "value": 4}'), '{3}', 'by several keys at once');
select is((select count(*) from queues.dead_letters('analytics', '{}', 2)), 2::bigint, 'at most p_limit');
select results_eq(
  $$select reason, error, message, details - '{enqueued_at,first_failed_at,last_failed_at,history}'::text[]
    from queues.dead_letters('analytics', '{"msg_ids": [1]}')$$,
  $$values ('not_json', 'what is this', '{"n": 1, "post": {"id": 1}}'::jsonb,
    '{"queue": "analytics", "msg_id": 1, "attempts": 1, "crashes": 0}'::jsonb)$$, 'with the details');

select * from finish();
rollback;
