-- The jobs of pg_cron. Naming a job again changes it in place, so this file may be run again.

do $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    return;
  end if;
  begin
    perform cron.schedule('dispatch-queues', '10 seconds', 'select queues.dispatch()');
  exception
    when others then
      -- pg_cron before 1.5 knows no seconds.
      perform cron.schedule('dispatch-queues', '* * * * *', 'select queues.dispatch()');
      raise notice 'this pg_cron dispatches every minute; version 1.5 or newer would every ten seconds';
  end;
end $$;

do $$
begin
  if to_regprocedure('cron.schedule(text, text, text)') is not null then
    perform cron.schedule('cleanup-archived-messages', '0 3 * * *', 'select queues.daily()');
  end if;
end $$;
