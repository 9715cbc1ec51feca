-- One queue: its charts, settings, runs and calls.

create function queues.orphaned_leases(p_settings queues.settings) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_counted constant integer := 10000;
  c_shown constant integer := 20;
  v_silent_since timestamptz := queues.silent_since();
  v_expired integer;
begin
  execute format($sql$
    select count(*) from (
      select from (select msg_id, read_ct from pgmq.%I where vt <= clock_timestamp() and read_ct > 0 order by vt limit $2) q
      where not exists (
        select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct)
    ) e
    $sql$, 'q_' || p_settings.queue)
  into v_expired using p_settings.queue, c_counted;
  return jsonb_build_object('expired', v_expired, 'runs', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'run_id', r.id, 'started_at', r.started_at, 'last_seen_at', r.last_seen_at, 'held', r.held,
      'ends_at', r.last_seen_at + make_interval(secs => p_settings.visibility_timeout_secs)) order by r.last_seen_at desc), '[]')
    from (
      select id, started_at, last_seen_at, claimed - processed - retried - deferred - dead_lettered - released - lost as held
      from queues.runs
      where queue = p_settings.queue and finished_at is null and last_seen_at < v_silent_since
        and last_seen_at > clock_timestamp() - make_interval(secs => p_settings.visibility_timeout_secs)
      order by last_seen_at desc limit c_shown
    ) r where r.held > 0));
end $$;
comment on function queues.orphaned_leases(queues.settings) is
  'Leases whose worker is gone: {expired, runs: [{run_id, started_at, last_seen_at, held, ends_at}]}. expired ones wait for the '
  'next claim and are counted among 10000 messages; those of silent runs last until ends_at at the latest.';
revoke all on function queues.orphaned_leases(queues.settings) from public;

create function queues.queue_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_steps constant jsonb := jsonb_build_object('hour', 60, 'day', 900);
  v_settings queues.settings := queues.settings_of(queues.queue_argument(p_arguments));
  v_window text := coalesce(queues.text_argument(p_arguments, 'window', '^(hour|day)$'), 'hour');
  v_page jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'window']);
  v_page := jsonb_build_object(
    'health', to_jsonb(queues.health_of(v_settings)),
    'settings', to_jsonb(v_settings),
    'bounds', queues.setting_bounds(),
    'series', queues.series(v_settings.queue, clock_timestamp() - ('1 ' || v_window)::interval, (c_steps ->> v_window)::integer),
    'redrives', (
      select coalesce(jsonb_agg(jsonb_build_object('rate_per_sec', rate_per_sec, 'until', until) order by until), '[]')
      from queues.redrives where queue = v_settings.queue and until > clock_timestamp()));
  if queues.missing_tables(v_settings.queue) is null then
    v_page := v_page || jsonb_build_object('orphaned_leases', queues.orphaned_leases(v_settings));
  end if;
  return v_page;
end $$;
comment on function queues.queue_page(jsonb) is
  'A queue: {health, settings, bounds, series, redrives, orphaned_leases}. Arguments: queue; window, hour or day. A queue that '
  'was dropped has no orphaned_leases.';
revoke all on function queues.queue_page(jsonb) from public;

create function queues.runs_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_silent_since timestamptz := queues.silent_since();
  v_before record;
  v_runs queues.runs[];
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_runs := array(
    select r from queues.runs r
    where r.queue = v_queue and (v_before.id is null or (r.last_seen_at, r.id) < (v_before.at, v_before.id::uuid))
    order by r.last_seen_at desc, r.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(r) - 'settled_seq' || jsonb_build_object('outcome', coalesce(r.stopped_because,
        case when r.last_seen_at < v_silent_since then 'killed' else 'active' end)) order by r.last_seen_at desc, r.id desc), '[]')
      from unnest(v_runs[:v_limit]) r),
    'next', case when cardinality(v_runs) > v_limit then queues.place_of(v_runs[v_limit].last_seen_at, v_runs[v_limit].id::text) end);
end $$;
comment on function queues.runs_page(jsonb) is
  'The runs of a queue, last seen first: {items, next}. outcome: why it stopped, `active`, or `killed`. Arguments: queue, limit, '
  'before.';
revoke all on function queues.runs_page(jsonb) from public;

create function queues.dispatches_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.queue_argument(p_arguments);
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_calls queues.dispatches[];
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '\d{1,18}');
  v_calls := array(
    select d from queues.dispatches d
    where d.queue = v_queue and (v_before.id is null or (d.requested_at, d.id) < (v_before.at, v_before.id::bigint))
    order by d.requested_at desc, d.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(d) - 'request_id' order by d.requested_at desc, d.id desc), '[]')
      from unnest(v_calls[:v_limit]) d),
    'next', case when cardinality(v_calls) > v_limit then
      queues.place_of(v_calls[v_limit].requested_at, v_calls[v_limit].id::text) end);
end $$;
comment on function queues.dispatches_page(jsonb) is
  'The calls of a queue''s worker, latest first: {items, next}. Arguments: queue, limit, before.';
revoke all on function queues.dispatches_page(jsonb) from public;
