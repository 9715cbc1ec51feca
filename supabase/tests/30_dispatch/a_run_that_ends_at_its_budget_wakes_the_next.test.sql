begin;
select plan(4);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
select pgmq.send('like_events', '{}');
create function pg_temp.ends(p_reason text) returns bigint language plpgsql as $$
declare
  v_run uuid := gen_random_uuid();
begin
  delete from queues.dispatches;
  delete from net.http_request_queue;
  perform claim_messages('like_events', 1, v_run);
  update pgmq.q_like_events set vt = clock_timestamp();
  perform settle_messages('like_events', jsonb_build_object('run_id', v_run, 'seq', 1, 'stopped_because', p_reason));
  return (select count(*) from net.http_request_queue);
end $$;

select is(pg_temp.ends('cpu_budget'), 1::bigint, 'a run that ends at a budget with messages left has the next one called');
select is(pg_temp.ends('memory_budget'), 1::bigint, 'whichever it is');
select is(pg_temp.ends('claim_failed'), 0::bigint, 'one that ends with an error does not: a tick comes later');
delete from pgmq.q_like_events;
select is(pg_temp.ends('cpu_budget'), 0::bigint, 'nor does one that leaves nothing');

select * from finish();
rollback;
