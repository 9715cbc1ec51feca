-- Once a day: housekeeping, and the report of the day before.

create function queues.daily() returns void
language plpgsql
set search_path = ''
as $$
declare
  c_catch_up_days constant integer := 30;
  v_yesterday date := (clock_timestamp() at time zone 'UTC')::date - 1;
  v_reported date;
  v_day date;
  v_errors jsonb := jsonb_build_object();
begin
  -- Days that were left out, because nothing ran at that hour or the report failed, are caught up.
  select max(started_at at time zone 'UTC')::date - 1 into v_reported
  from queues.cleanups where not errors ? 'queues.report_day';

  if to_regprocedure('queues.report_day(date)') is not null then
    v_day := greatest(v_yesterday - c_catch_up_days, least(v_reported + 1, v_yesterday));
    while v_day <= v_yesterday loop
      begin
        perform queues.report_day(v_day);
      exception
        when others then
          raise warning 'the report of % failed: %', v_day, sqlerrm;
          v_errors := jsonb_build_object('queues.report_day', format('%s: %s', v_day, sqlerrm));
      end;
      v_day := v_day + 1;
    end loop;
  end if;

  -- One round at a time: where the last one is still under way it simply goes on.
  insert into queues.cleanups as c (errors) values (v_errors)
  on conflict ((finished_at is null)) where finished_at is null do update set errors = c.errors || excluded.errors;
end $$;
comment on function queues.daily() is
  'Reports yesterday, and days that were missed, and starts a round of housekeeping, which the ticks of the dispatcher '
  'carry out. Harmless when it comes twice.';
revoke all on function queues.daily() from public;
