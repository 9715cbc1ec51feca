-- Counting without reading millions of rows: exact up to a bound, the planner's estimate beyond it.

create function queues.count_rows(p_table text, p_condition text, out rows bigint, out is_estimate boolean)
language plpgsql
set search_path = ''
-- Whatever the statistics say, never scan the table for a few rows.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  c_bound constant integer := 10000;
  v_plan jsonb;
begin
  execute format('select count(*) from (select from pgmq.%I where %s limit %s) r', p_table, p_condition, c_bound + 1)
    into rows;
  is_estimate := rows > c_bound;
  if is_estimate then
    execute format('explain (format json) select from pgmq.%I where %s', p_table, p_condition) into v_plan;
    rows := greatest(rows, (v_plan #>> '{0,Plan,Plan Rows}')::bigint);
  end if;
end $$;
comment on function queues.count_rows(text, text) is
  'The rows of a pgmq table that meet a condition on an index: counted up to 10000, beyond that estimated by the '
  'planner.';
revoke all on function queues.count_rows(text, text) from public;

create function queues.count_messages(
  p_settings queues.settings,
  out visible bigint, out in_flight bigint, out delayed bigint, out dead_letters bigint, out is_estimate boolean,
  out oldest_age_secs numeric
)
language plpgsql
set search_path = ''
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  c_in_flight constant integer := 10000;
  c_oldest constant integer := 1000;
  v_table text := 'q_' || p_settings.queue;
  v_after timestamptz := (queues.newest_mark(p_settings.queue)).due_after;
  v_now timestamptz := clock_timestamp();
  v_waiting record;
  v_dead record;
begin
  select c.rows, c.is_estimate into visible, is_estimate from queues.count_rows(
    v_table, format('vt > %s and vt <= %s', queues.time_literal(v_after), queues.time_literal(v_now))) c;
  select * into v_waiting from queues.count_rows(v_table, 'vt > ' || queues.time_literal(v_now));
  select * into v_dead from queues.count_rows(v_table || '_dlq', 'msg_id > 0');

  -- A lease ends within the visibility timeout. An invisible message may also have been retried or sent with a delay.
  execute format($sql$
    select count(*)
    from (select msg_id, read_ct from pgmq.%I where vt > $2 and vt <= $3 order by vt limit $4) q
    where read_ct > 0 and not exists (
      select from queues.failures f where f.queue = $1 and f.msg_id = q.msg_id and f.settled_read_ct = q.read_ct)
    $sql$, v_table)
  into in_flight
  using p_settings.queue, v_now, v_now + make_interval(secs => p_settings.visibility_timeout_secs), c_in_flight;

  -- A lease and a release move the visibility time, and the message still waits.
  execute format($sql$
    select extract(epoch from $2 - min(case when q.read_ct = 0 then q.vt else least(q.vt, coalesce(f.waiting_since, q.enqueued_at)) end))
    from (select msg_id, read_ct, vt, enqueued_at from pgmq.%I where vt > $4 and vt <= $2 order by vt limit $3) q
    left join queues.failures f on f.queue = $1 and f.msg_id = q.msg_id
    $sql$, v_table)
  into oldest_age_secs using p_settings.queue, v_now, c_oldest, v_after;

  delayed := greatest(0, v_waiting.rows - in_flight);
  dead_letters := v_dead.rows;
  is_estimate := is_estimate or v_waiting.is_estimate or v_dead.is_estimate;
end $$;
comment on function queues.count_messages(queues.settings) is
  'Counts the messages of a queue by state. The age is how long the oldest visible message has waited since it could first '
  'be processed.';
revoke all on function queues.count_messages(queues.settings) from public;
