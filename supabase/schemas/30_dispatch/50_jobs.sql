-- The jobs of pg_cron. It forgets them when it is switched off.

create table queues.jobs (
  name text primary key,
  schedule text not null,
  schedule_without_seconds text,
  command text not null,
  purpose text not null
);
comment on table queues.jobs is 'The jobs that pg_cron must run. queues.schedule_jobs schedules them.';
comment on column queues.jobs.schedule_without_seconds is
  'The schedule with pg_cron before 1.5, which has none in seconds; null if `schedule` has none.';
comment on column queues.jobs.purpose is 'What does not happen without the job.';
revoke all on table queues.jobs from public, anon, authenticated, service_role;

create function queues.schedule_jobs() returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_job queues.jobs;
  v_scheduled text[] := array[]::text[];
begin
  -- Jobs that are there stay as an operator has set them.
  for v_job in
    select * from queues.jobs j
    where not exists (select from cron.job c where c.jobname = j.name and c.username = current_user)
    order by name
  loop
    begin
      perform cron.schedule(v_job.name, v_job.schedule, v_job.command);
    exception
      when others then
        if v_job.schedule_without_seconds is null then
          raise;
        end if;
        perform cron.schedule(v_job.name, v_job.schedule_without_seconds, v_job.command);
        raise notice '%', format('the job `%s` runs every minute: pg_cron 1.5 or newer is needed for every ten seconds',
          v_job.name);
    end;
    v_scheduled := v_scheduled || v_job.name;
  end loop;
  return v_scheduled;
end $$;
comment on function queues.schedule_jobs() is
  'Schedules the jobs of queues.jobs that pg_cron does not have, and returns their names. May be repeated.';
revoke all on function queues.schedule_jobs() from public;

create function queues.job_problem(p_name text, out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_job record;
begin
  if to_regclass('cron.job') is null then
    problem := 'pg_cron is not enabled';
    remedy := 'create extension pg_cron; select queues.schedule_jobs()';
    return;
  end if;
  select jobid, active into v_job from cron.job where jobname = p_name order by active desc, jobid limit 1;
  if not found then
    problem := format('the job `%s` is missing', p_name);
    remedy := 'select queues.schedule_jobs()';
  elsif not v_job.active then
    problem := format('the job `%s` is not active', p_name);
    -- cron.schedule would leave it switched off.
    remedy := format('select cron.alter_job(%s, active => true)', v_job.jobid);
  end if;
end $$;
comment on function queues.job_problem(text) is 'Why pg_cron cannot run a job, and what to do about it; null if it can.';
revoke all on function queues.job_problem(text) from public;
