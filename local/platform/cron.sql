-- Stand-in for pg_cron 1.6, with the same tables and functions; cron.ts runs the jobs. For development and tests only.
create schema cron;
grant usage on schema cron to postgres with grant option;

create sequence cron.jobid_seq;
create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport integer not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  unique (jobname, username)
);
create sequence cron.runid_seq;
create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);

create function cron.check_schedule(schedule text) returns void language plpgsql set search_path = '' as $$
begin
  if schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$' then return; end if;
  if array_length(regexp_split_to_array(btrim(schedule), '\s+'), 1) = 5 and schedule ~ '^[0-9*/,\-\sa-zA-Z$]+$' then return; end if;
  raise exception 'invalid schedule: %', schedule
    using hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
end $$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_id bigint;
begin
  perform cron.check_schedule(schedule);
  insert into cron.job (jobname, schedule, command, username) values ($1, $2, $3, session_user)
  on conflict (jobname, username) do update set schedule = excluded.schedule, command = excluded.command
  returning jobid into v_id;
  return v_id;
end $$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null, database text default null,
  username text default null, active boolean default null
) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if $2 is not null then perform cron.check_schedule($2); end if;
  update cron.job j set
    schedule = coalesce($2, j.schedule), command = coalesce($3, j.command), database = coalesce($4, j.database),
    username = coalesce($5, j.username), active = coalesce($6, j.active)
  where j.jobid = $1 and j.username = session_user;
  if not found then raise exception 'Job % does not exist or you don''t own it', $1; end if;
end $$;

create function cron.unschedule(job_name text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobname = $1 and username = session_user;
  if not found then raise exception 'could not find valid entry for job ''%''', $1; end if;
  return true;
end $$;

create function cron.unschedule(job_id bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from cron.job where jobid = $1 and username = session_user;
  if not found then raise exception 'could not find valid entry for job ''%''', $1; end if;
  return true;
end $$;

grant select on cron.job to postgres;
grant all on cron.job_run_details to postgres;
revoke all on all functions in schema cron from public;
grant execute on all functions in schema cron to postgres;
