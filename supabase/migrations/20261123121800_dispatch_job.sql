-- The dispatcher's clock. Naming the job again changes it in place.
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
