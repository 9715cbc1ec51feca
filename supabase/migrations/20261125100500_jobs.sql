-- The jobs of pg_cron.

insert into queues.jobs (name, schedule, schedule_without_seconds, command, purpose)
values
  ('dispatch-queues', '10 seconds', '* * * * *', 'select queues.dispatch()', 'workers are not called'),
  ('cleanup-archived-messages', '0 3 * * *', null, 'select queues.daily()',
   'old records are not removed and reports are not made');

do $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is not null then
    perform queues.schedule_jobs();
  end if;
end $$;
