begin;
select plan(4);

select pgmq.send('analytics', '1');

-- Six settled leases. If they counted as crashes, the message would be dead-lettered.
do $$
begin
  for n in 1..6 loop
    perform public.claim_messages('analytics');
    perform public.settle_messages('analytics', case n % 2
      when 0 then jsonb_build_object('releases', jsonb_build_array(jsonb_build_array(1, n)))
      else jsonb_build_object('retries', jsonb_build_array(jsonb_build_object(
        'msg_id', 1, 'read_ct', n, 'delay_secs', 0, 'code', 'http_503', 'error', 'unavailable'))) end);
  end loop;
end $$;

select is((select settlements from queues.failures), 6, 'every settled lease is counted');
select is((select failures from queues.failures), 3, 'a release is not a failure');

select pgmq.send('analytics', '2');
select is(
  jsonb_path_query_array(claim_messages('analytics')::jsonb, '$.messages[*].msg_id'), '[1, 2]',
  'the message is no suspect: it is claimed with the others');
update pgmq.q_analytics set vt = clock_timestamp();
select is(
  jsonb_path_query_array(claim_messages('analytics', 2)::jsonb, '$.messages[*].msg_id'), '[1]',
  'an expired lease makes it a suspect');

select * from finish();
rollback;
