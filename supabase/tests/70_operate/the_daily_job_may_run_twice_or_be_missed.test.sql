begin;
select plan(7);

-- Replaces the real report, which has its own tests.
create table pg_temp.reported (day date);
drop function if exists queues.report_day(date);
create function queues.report_day(p_day date) returns void language plpgsql as
$$begin
  if current_setting('test.fails', true) = 'yes' then raise exception 'no report today'; end if;
  insert into pg_temp.reported values (p_day);
end$$;
create function pg_temp.days_ago() returns integer[] language sql as
$$select array_agg((clock_timestamp() at time zone 'UTC')::date - day order by day) from reported$$;
create function pg_temp.tomorrow() returns void language sql as $$
  update queues.cleanups set started_at = started_at - interval '1 day';
  delete from reported$$;

select results_eq(
  $$select schedule, command from cron.job where jobname = 'cleanup-archived-messages'$$,
  $$values ('0 3 * * *', 'select queues.daily()')$$, 'it is scheduled at 3:00');
select queues.daily() from generate_series(1, 2);
select results_eq(
  $$select count(*), bool_or(finished_at is not null) from queues.cleanups$$, $$values (1::bigint, false)$$,
  'two runs start one round');
select is((select array_agg(distinct d) from unnest(pg_temp.days_ago()) d), '{1}', 'and report yesterday');

select queues.cleanup_step();
select pg_temp.tomorrow() from generate_series(1, 4);
select queues.daily();
select is(pg_temp.days_ago(), '{4,3,2,1}', 'missed days are reported by the next run');

select queues.cleanup_step();
select pg_temp.tomorrow();
set local test.fails = 'yes';
select queues.daily();
select matches((select errors ->> 'queues.report_day' from queues.cleanups order by id desc limit 1), 'no report today',
  'a failed report does not stop housekeeping');
select queues.cleanup_step();
select pg_temp.tomorrow();
set local test.fails = 'no';
select queues.daily();
select is(pg_temp.days_ago(), '{2,1}', 'and is made by the next run');

delete from queues.cleanups;
delete from reported;
insert into queues.cleanups (started_at, finished_at) values (now() + interval '9 days', now());
select queues.daily();
select is(pg_temp.days_ago(), '{1}', 'a clock that was put back skips no day');

select * from finish();
rollback;
