-- What the health of each queue was, minute by minute, for the charts of the last hour and day.

create table queues.samples (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  at timestamptz not null,
  verdict text not null,
  visible bigint,
  in_flight bigint,
  delayed bigint,
  dead_letters bigint,
  oldest_age_secs numeric,
  workers_active integer,
  counters jsonb not null,
  latency_p50_secs numeric,
  latency_p95_secs numeric,
  primary key (queue, at),

  constraint verdict_is_known check (verdict in ('ok', 'late', 'failing')),
  constraint counters_are_an_object check (jsonb_typeof(counters) = 'object')
);
comment on table queues.samples is 'One row per queue and minute, for a little more than a day.';
comment on column queues.samples.counters is
  'As of queues.counters: the difference of two rows is what happened between them.';
comment on column queues.samples.latency_p50_secs is
  'From sent to acknowledged, with delays and retries, of messages that were acknowledged since the last row. Null if there '
  'was none, and for a queue without a retention, which keeps no times.';
revoke all on table queues.samples from public, anon, authenticated, service_role;

create function queues.latency(p_queue text, p_since timestamptz, out p50_secs numeric, out p95_secs numeric)
language plpgsql
set search_path = ''
-- Whatever the statistics say, never scan an archive.
set enable_seqscan = off
as $$
declare
  c_looked_at constant integer := 1000;
begin
  if to_regclass(format('pgmq.%I', 'a_' || p_queue)) is null then
    return;
  end if;
  execute format($sql$
    select round(p[1]::numeric, 3), round(p[2]::numeric, 3)
    from (
      select percentile_cont('{0.5,0.95}'::float8[]) within group (order by extract(epoch from archived_at - enqueued_at)) as p
      from (
        select archived_at, enqueued_at from pgmq.%I where archived_at > $1 order by archived_at desc limit $2
      ) a
    ) l
    $sql$, 'a_' || p_queue)
  into p50_secs, p95_secs using p_since, c_looked_at;
end $$;
comment on function queues.latency(text, timestamptz) is
  'The median and the 95th percentile of the time from sent to acknowledged, of the last 1000 messages since a time.';
revoke all on function queues.latency(text, timestamptz) from public;

create function queues.sample(p_health queues.queue_health, p_since timestamptz) returns queues.samples
language plpgsql
set search_path = ''
as $$
declare
  h queues.queue_health := p_health;
  v_latency record;
  s queues.samples;
begin
  select * into v_latency from queues.latency(h.queue, p_since);
  s := (h.queue, clock_timestamp(), h.verdict, h.visible, h.in_flight, h.delayed, h.dead_letters, h.oldest_age_secs,
    h.workers_active, queues.counters(h.queue), v_latency.p50_secs, v_latency.p95_secs)::queues.samples;
  return s;
end $$;
comment on function queues.sample(queues.queue_health, timestamptz) is 'A sample of a queue, whose health is known.';
revoke all on function queues.sample(queues.queue_health, timestamptz) from public;

create function queues.take_samples(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- A tick that comes a little early takes the sample of its minute.
  c_every constant interval := interval '55 seconds';
  c_longest constant interval := interval '5 minutes';
  c_kept constant interval := interval '25 hours';
  v_now timestamptz := clock_timestamp();
  -- A sample that is ahead was taken before the clock was set back.
  v_last timestamptz := (select max(at) from queues.samples where at <= v_now);
  h queues.queue_health;
  v_removed integer;
begin
  -- Of two ticks at once, one takes the samples.
  if v_last > v_now - c_every or not pg_try_advisory_xact_lock(hashtextextended('queues.take_samples', 0)) then
    return 0;
  end if;
  for h in select * from queues.health() loop
    begin
      insert into queues.samples
      select (queues.sample(h, greatest(v_last, v_now - c_longest))).*
      on conflict do nothing;
    exception
      when others then
        raise warning '%', format('no sample of queue `%s`: %s', h.queue, sqlerrm);
    end;
  end loop;
  delete from queues.samples where (queue, at) in (
    select queue, at from queues.samples where at not between v_now - c_kept and v_now + c_every limit p_limit
    for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.take_samples(integer) is
  'Takes a sample of each queue once a minute, and removes old ones. Returns how many were removed.';
revoke all on function queues.take_samples(integer) from public;

create function queues.series(p_queue text, p_from timestamptz, p_step_secs integer) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    with samples as (
      select s.*, lag(s.counters) over (order by s.at) as before,
        floor(extract(epoch from s.at) / p_step_secs) * p_step_secs as step
      from queues.samples s where s.queue = p_queue and s.at > p_from - make_interval(secs => p_step_secs)
    ), steps as (
      select step,
        max(visible) as visible, max(in_flight) as in_flight, max(delayed) as delayed, max(dead_letters) as dead_letters,
        max(oldest_age_secs) as oldest_age_secs, max(workers_active) as workers_active,
        max(latency_p50_secs) as p50, max(latency_p95_secs) as p95,
        -- A queue that was dropped and made again begins at 0.
        sum(greatest(0, (counters ->> 'processed')::bigint - (before ->> 'processed')::bigint)) as processed,
        sum(greatest(0, (counters ->> 'retried')::bigint - (before ->> 'retried')::bigint)) as retried,
        sum(greatest(0, (counters ->> 'dead_lettered')::bigint - (before ->> 'dead_lettered')::bigint)) as dead_lettered,
        sum(greatest(0, (counters ->> 'expired')::bigint - (before ->> 'expired')::bigint)) as expired,
        (array_agg(verdict order by case verdict when 'failing' then 0 when 'late' then 1 else 2 end))[1] as verdict
      from samples where at > p_from group by step
    )
    select jsonb_build_object(
      'step_secs', p_step_secs,
      'at', coalesce(jsonb_agg(step order by step), '[]'),
      'verdict', coalesce(jsonb_agg(verdict order by step), '[]'),
      'visible', coalesce(jsonb_agg(visible order by step), '[]'),
      'in_flight', coalesce(jsonb_agg(in_flight order by step), '[]'),
      'delayed', coalesce(jsonb_agg(delayed order by step), '[]'),
      'dead_letters', coalesce(jsonb_agg(dead_letters order by step), '[]'),
      'oldest_age_secs', coalesce(jsonb_agg(oldest_age_secs order by step), '[]'),
      'workers_active', coalesce(jsonb_agg(workers_active order by step), '[]'),
      'processed', coalesce(jsonb_agg(processed order by step), '[]'),
      'retried', coalesce(jsonb_agg(retried order by step), '[]'),
      'dead_lettered', coalesce(jsonb_agg(dead_lettered order by step), '[]'),
      'expired', coalesce(jsonb_agg(expired order by step), '[]'),
      'latency_p50_secs', coalesce(jsonb_agg(p50 order by step), '[]'),
      'latency_p95_secs', coalesce(jsonb_agg(p95 order by step), '[]'))
    from steps);
end $$;
comment on function queues.series(text, timestamptz, integer) is
  'The samples of a queue since a time, as a list for each measure with one element per step: the highest of the step; of '
  'processed, retried, dead_lettered and expired, the number within it. at is in seconds since 1970.';
revoke all on function queues.series(text, timestamptz, integer) from public;
