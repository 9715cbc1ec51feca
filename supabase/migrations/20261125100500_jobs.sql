-- The jobs of pg_cron. This file may be run again: scheduling a job that exists changes it.

do $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return;
  end if;
  begin
    perform cron.schedule('dispatch-queues', '10 seconds', 'select queues.dispatch()');
  exception
    when others then
      -- pg_cron before 1.5 has no schedules in seconds.
      perform cron.schedule('dispatch-queues', '* * * * *', 'select queues.dispatch()');
      raise notice 'queues are dispatched every minute: pg_cron 1.5 or newer is needed for every ten seconds';
  end;
end $$;

do $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is not null then
    perform cron.schedule('cleanup-archived-messages', '0 3 * * *', 'select queues.daily()');
  end if;
end $$;
