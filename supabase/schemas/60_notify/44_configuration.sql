-- What is wrong with the environment of the workers, which only they can see.

create table queues.configuration_problems (
  about text not null,
  problem text not null,
  remedy text not null,
  reported_at timestamptz not null default clock_timestamp(),

  primary key (about, problem),
  constraint about_is_a_name check (about ~ '^[a-z][a-z0-9_]{0,49}$'),
  constraint texts_are_short check (length(problem) <= 500 and length(remedy) <= 500)
);
comment on table queues.configuration_problems is
  'What the last run found wrong with the environment of the workers, such as a secret that is missing.';
comment on column queues.configuration_problems.about is 'The provider; `all` if it concerns all of them.';
comment on column queues.configuration_problems.problem is 'Names variables, never their values.';
comment on column queues.configuration_problems.reported_at is 'When a run first reported it.';
revoke all on table queues.configuration_problems from public, anon, authenticated, service_role;

create function queues.report_configuration(p_reports jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_most constant integer := 20;
  v_found queues.configuration_problems[];
begin
  perform queues.check_rows('effects.configuration', p_reports, array['problems']);
  perform queues.check_items('effects.configuration[-1].problems', coalesce(p_reports -> -1 -> 'problems', '[]'),
    '{"about": "^\"[a-z][a-z0-9_]{0,49}\"$", "problem": "^\"", "remedy": "^\""}');
  v_found := array(
    select distinct on (about, problem) (about, problem, left(remedy, 500), clock_timestamp())::queues.configuration_problems
    from (
      select about, left(problem, 500) as problem, remedy
      from jsonb_to_recordset(p_reports -> -1 -> 'problems') as r (about text, problem text, remedy text)
      limit c_most
    ) r
    order by about, problem);

  -- Most reports change nothing, and then lock nothing. Each of two at once may keep what the other one removes; the next
  -- run repairs it.
  delete from queues.configuration_problems
  where (about, problem) in (
    select p.about, p.problem from queues.configuration_problems p
    where not exists (select from unnest(v_found) f where f.about = p.about and f.problem = p.problem)
    order by p.about, p.problem for update);
  insert into queues.configuration_problems
  select f.* from unnest(v_found) f
  where not exists (select from queues.configuration_problems p where p.about = f.about and p.problem = f.problem)
  order by f.about, f.problem
  on conflict do nothing;
end $$;
comment on function queues.report_configuration(jsonb) is
  'Replaces the problems of the environment by those of the last report [{problems: [{about, problem, remedy}]}]. Each run '
  'of a worker that needs providers makes one, also if there are none.';
revoke all on function queues.report_configuration(jsonb) from public;
