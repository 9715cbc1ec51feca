begin;
select plan(3);

select pgmq.send('analytics', '1');
do $$
begin
  for n in 1..25 loop
    perform public.claim_messages('analytics');
    perform public.settle_messages('analytics', jsonb_build_object('retries', jsonb_build_array(jsonb_build_object(
      'msg_id', 1, 'read_ct', n, 'delay_secs', 0, 'code', 'c' || n, 'error', repeat('e', 3000)))));
  end loop;
end $$;

select is((select jsonb_array_length(history) from queues.failures), 20, 'twenty');
select is((select history #>> '{0,code}' from queues.failures), 'c6', 'of 25 failures the first five are dropped');
select is(
  (select max(length(entry ->> 'error')) from queues.failures, jsonb_array_elements(history) entry), 2000,
  'errors are cut to 2000 characters');

select * from finish();
rollback;
