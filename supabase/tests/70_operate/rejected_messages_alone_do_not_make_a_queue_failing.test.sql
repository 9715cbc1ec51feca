begin;
select plan(5);

create function pg_temp.verdict() returns text language sql as
$$select concat_ws(': ', verdict, reason, '-> ' || remedy) from queues.health() where queue = 'analytics'$$;
create function pg_temp.settle(p_outcome text, p_count integer) returns void language plpgsql as $$
declare
  v_claim jsonb;
begin
  perform pgmq.send('analytics', '1') from generate_series(1, p_count);
  v_claim := public.claim_messages('analytics', p_count);
  perform public.settle_messages('analytics', jsonb_build_object(p_outcome, (
    select jsonb_agg(jsonb_build_object('msg_id', m -> 'msg_id', 'read_ct', m -> 'read_ct', 'code', 'unknown_type', 'error', 'what is this')
      || case p_outcome when 'retries' then '{"delay_secs": 3600}'::jsonb else '{}' end)
    from jsonb_array_elements(v_claim -> 'messages') m)));
end $$;

select queues.dispatch();
select pg_temp.settle('dead_letters', 4);
select matches(pg_temp.verdict(), '^ok: 4 messages were given up: -> .*queues.dead_letters', 'a few rejected messages do not make it failing');
select pg_temp.settle('retries', 2);
select matches(pg_temp.verdict(), '^ok: 4 messages were given up', 'nor with fewer failures');
select pg_temp.settle('retries', 1);
select matches(pg_temp.verdict(), '^failing: 7 of 7 tries failed within 5 minutes', 'failures of the work do');
delete from queues.settlements where retried > 0;
select pg_temp.settle('dead_letters', 6);
select matches(pg_temp.verdict(), '^failing: 10 messages were rejected within 5 minutes, the last one with `unknown_type`: what is this: -> no retry can help',
  'many rejected messages do, with their own reason');
update queues.settings set max_retries = 0 where queue = 'analytics';
select matches(pg_temp.verdict(), '^failing: 10 of 10 tries failed', 'without retries, dead letters count as failures');

select * from finish();
rollback;
