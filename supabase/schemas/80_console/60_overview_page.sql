-- All queues and what is around them.

create function queues.overview_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_minute constant integer := 60;
  v_now timestamptz := clock_timestamp();
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'queues', (
      select coalesce(jsonb_agg(to_jsonb(h) || jsonb_build_object(
        'function_name', s.function_name, 'max_workers', s.max_workers,
        'last_hour', queues.series(h.queue, v_now - interval '1 hour', c_minute)) order by h.queue), '[]')
      from queues.health() h join queues.settings s on s.queue = h.queue),
    'providers', (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from queues.delivery_health() d),
    'alerts', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.raised_at desc), '[]') from queues.alerts a where a.over_at is null),
    'comments', (select to_jsonb(c) from queues.comment_health() c),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'name', j.name, 'schedule', j.schedule, 'purpose', j.purpose, 'problem', p.problem, 'remedy', p.remedy)
        order by j.name), '[]')
      from queues.jobs j, queues.job_problem(j.name) p),
    'last_tick', (select to_jsonb(t) from queues.last_tick() t),
    -- Without the key and the address themselves.
    'calls', (select jsonb_build_object('problem', a.problem, 'remedy', a.remedy) from queues.project_access() a));
end $$;
comment on function queues.overview_page(jsonb) is
  'The health of all queues with their last hour, of the providers, of moderation and of the jobs, open alerts, and whether '
  'workers can be called: {queues, providers, alerts, comments, jobs, last_tick, calls}.';
revoke all on function queues.overview_page(jsonb) from public;
