-- Once a day: a round of housekeeping, and the reports of the day before.

create function queues.daily() returns void
language plpgsql
set search_path = ''
as $$
declare
  c_catch_up_days constant integer := 30;
  v_yesterday date := (clock_timestamp() at time zone 'UTC')::date - 1;
  v_report queues.housekeeping;
  v_reported date;
  v_day date;
  v_errors jsonb := jsonb_build_object();
begin
  for v_report in select * from queues.housekeeping where kind = 'report' order by position loop
    -- Includes days that were missed because the job did not run or the report failed.
    select max(started_at at time zone 'UTC')::date - 1 into v_reported
    from queues.cleanups where not errors ? v_report.key;

    v_day := greatest(v_yesterday - c_catch_up_days, least(v_reported + 1, v_yesterday));
    while v_day <= v_yesterday loop
      begin
        execute format('select %s($1)', queues.registered_function(v_report.kind, v_report.key, v_report.function))
          using v_day;
      exception
        when others then
          raise warning '% of % failed: %', v_report.key, v_day, sqlerrm;
          v_errors := v_errors || jsonb_build_object(v_report.key, format('%s: %s', v_day, sqlerrm));
      end;
      v_day := v_day + 1;
    end loop;
  end loop;

  -- One round at a time: one that is still under way continues.
  insert into queues.cleanups as c (errors) values (v_errors)
  on conflict ((finished_at is null)) where finished_at is null do update set errors = c.errors || excluded.errors;
end $$;
comment on function queues.daily() is
  'Makes the reports of yesterday and of missed days, and starts a round of housekeeping, which the ticks of the '
  'dispatcher do. May be repeated.';
revoke all on function queues.daily() from public;
