begin;
select plan(7);

create function pg_temp.defer(p_read_ct integer, p_delay_secs integer, p_delivered text) returns jsonb language sql as
$$select public.settle_messages('analytics', jsonb_build_object('deferrals', jsonb_build_array(jsonb_build_object(
    'msg_id', 1, 'read_ct', p_read_ct, 'delay_secs', p_delay_secs, 'code', 'breaker_open', 'error', 'fcm is out of order',
    'delivered', jsonb_build_array(p_delivered)))))$$;

select pgmq.send('analytics', '1');
-- More often than a message may fail or crash.
do $$
begin
  for n in 1..6 loop
    perform public.claim_messages('analytics');
    perform pg_temp.defer(n, 0, case n % 2 when 0 then 'email' else 'push' end);
  end loop;
end $$;

select results_eq(
  'select failures, settlements, settled_read_ct, history, delivered, last_code from queues.failures',
  $$values (0, 6, 6, '[]'::jsonb, '{email,push}'::text[], null)$$, 'it has no failure, and its deliveries are kept');
select results_eq(
  $$select deferred, retried, last_failure from queues.settlements where queue = 'analytics' group by 1, 2, 3$$,
  $$values (1::bigint, 0::bigint, null::jsonb)$$, 'deferrals have their own count');
select results_eq(
  $$select failed_5_min, last_error_code from queues.health() where queue = 'analytics'$$, $$values (0::bigint, null)$$,
  'the health of the queue is ok');

select pgmq.send('analytics', '2');
select is(
  jsonb_path_query_array(claim_messages('analytics')::jsonb, '$.messages[*].msg_id'), '[1, 2]',
  'the message is no suspect: it is claimed with the others');

select is(pg_temp.defer(7, 60, 'push') -> 'applied', 'true', 'a deferral with a longer delay is accepted');
select ok(
  (select vt > clock_timestamp() + interval '50 seconds' from pgmq.q_analytics where msg_id = 1), 'the message is invisible');
select is((select delayed from queues.health() where queue = 'analytics'), 1::bigint, 'health counts it as delayed, not as in flight');

select * from finish();
rollback;
