begin;
select plan(8);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
select queues.dispatch();

create function pg_temp.call_answered(p_status integer, p_content text, p_error text, p_timed_out boolean) returns void
language plpgsql as $$
declare
  v_request bigint;
begin
  delete from queues.dispatches;
  perform queues.call_worker('analytics', 'schedule');
  select request_id into v_request from queues.dispatches;
  insert into net._http_response (id, status_code, content, error_msg, timed_out, created)
  values (v_request, p_status, p_content, p_error, p_timed_out, clock_timestamp());
  perform queues.reconcile_calls('analytics');
end $$;
create view pg_temp.noted as
  select outcome, d.status_code, d.error, run_id, failed_calls from queues.dispatches d join queues.due using (queue);

select pg_temp.call_answered(500, 'boom', null, false);
select results_eq('select * from pg_temp.noted', $$values ('refused', 500, 'HTTP 500: boom', null::uuid, 1)$$, 'an HTTP error is refused');
select pg_temp.call_answered(null, null, 'Timeout of 10000 ms reached', true);
select results_eq('select * from pg_temp.noted', $$values ('timed_out', null::integer, 'Timeout of 10000 ms reached', null::uuid, 2)$$, 'a timeout is timed_out');
select pg_temp.call_answered(null, null, 'could not resolve host', false);
select results_eq('select * from pg_temp.noted', $$values ('failed', null::integer, 'could not resolve host', null::uuid, 3)$$, 'a connection error is failed');

delete from queues.dispatches;
select queues.call_worker('analytics', 'schedule');
delete from net.http_request_queue;
update queues.dispatches set requested_at = now() - interval '2 minutes';
select queues.reconcile_calls('analytics');
select results_eq('select outcome, status_code, run_id, failed_calls from pg_temp.noted', $$values ('missing', null::integer, null::uuid, 4)$$, 'a call that pg_net neither answered nor still has is missing');

select pgmq.send('analytics', '{}');
update queues.settings set schedule_secs = 10 where queue = 'analytics';
update queues.due set at = '-infinity';
select queues.dispatch();
select ok((select at - clock_timestamp() between '150 seconds' and '161 seconds' from queues.due where queue = 'analytics'),
  'after four failures in a row, the wait is 16 times as long');

select pg_temp.call_answered(202, '{"queue": "analytics", "runId": "00000000-0000-4000-8000-000000000001"}', null, false);
select results_eq('select * from pg_temp.noted',
  $$values ('accepted', 202, null::text, '00000000-0000-4000-8000-000000000001'::uuid, 0)$$, 'an accepted call has its run and ends the wait');

delete from queues.dispatches;
select queues.call_worker('analytics', 'schedule');
insert into net._http_response (id, status_code, created) select request_id, 500, now() - interval '1 hour' from queues.dispatches;
select queues.reconcile_calls('analytics');
select is((select outcome from queues.dispatches), null, 'an older answer with the same id belongs to another call');

update queues.due set failed_calls = 1000, at = '-infinity';
select lives_ok('select queues.dispatch()', 'the wait has a limit');

select * from finish();
rollback;
