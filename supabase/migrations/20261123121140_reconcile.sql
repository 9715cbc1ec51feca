create function queues.reconcile_dispatches() returns void
language plpgsql
set search_path = ''
as $$
begin
  with answered as (
    update queues.dispatches d
    set answered_at = r.created, status_code = r.status_code,
      outcome = case
        when r.timed_out then 'timed_out'
        when r.status_code is null then 'failed'
        when r.status_code between 200 and 299 then 'accepted'
        else 'refused'
      end,
      error = case
        when r.status_code between 200 and 299 then null
        when r.status_code is null then coalesce(left(r.error_msg, 500), 'no answer')
        else format('HTTP %s: %s', r.status_code, left(r.content, 500))
      end,
      run_id = queues.answered_run(r.status_code, r.content)
    from net._http_response r
    -- After a crash of the database pg_net counts from 1 again.
    where d.outcome is null and r.id = d.request_id and r.created >= d.requested_at - interval '1 second'
    returning d.queue, d.outcome
  ), missing as (
    update queues.dispatches d
    set outcome = 'missing', answered_at = clock_timestamp(),
      error = 'no answer within a minute: pg_net lost the call, or its worker does not run'
    where d.outcome is null and d.requested_at < clock_timestamp() - interval '1 minute'
      and not exists (
        select from net._http_response r where r.id = d.request_id and r.created >= d.requested_at - interval '1 second')
    returning d.queue, d.outcome
  ), known as (
    select queue, bool_or(outcome = 'accepted') as is_accepted
    from (select * from answered union all select * from missing) o
    group by queue
  )
  update queues.due
  set failed_calls = case when k.is_accepted then 0 else failed_calls + 1 end
  from known k where due.queue = k.queue;
end $$;
comment on function queues.reconcile_dispatches() is 'Notes what became of the calls that are still open.';
revoke all on function queues.reconcile_dispatches() from public;
