-- Sending dead letters back to their queue.

create table queues.redrives (
  queue text primary key references queues.settings (queue) on update cascade on delete cascade,
  until timestamptz not null default clock_timestamp()
);
comment on table queues.redrives is
  'When the last redriven message becomes visible. The next redrive starts at that time, so that the rate holds. '
  'Locking the row keeps redrives of a queue apart.';
revoke all on table queues.redrives from public, anon, authenticated, service_role;

create function queues.redrive(
  p_queue text, p_filter jsonb default '{}', p_limit integer default 1000, p_rate_per_sec numeric default 100
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_condition text;
  v_from timestamptz;
  v_msg_ids bigint[];
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  perform queues.check_range('p_rate_per_sec', p_rate_per_sec, 0.001, 10000);
  v_condition := queues.letter_condition(p_filter);

  insert into queues.redrives (queue) values (p_queue) on conflict do nothing;
  select greatest(until, clock_timestamp()) into v_from from queues.redrives where queue = p_queue for update;

  execute format($sql$
    with letters as (
      delete from pgmq.%1$I
      where msg_id = any(array(
        select msg_id from pgmq.%1$I where %2$s order by msg_id limit $2 for update skip locked))
      returning msg_id, message
    ), placed as (
      select msg_id, message, floor((row_number() over (order by msg_id) - 1) / $3) as place_secs from letters
    ), sent as (
      select s.msg_id, p.msg_id as letter_id, p.message as letter
      from (select * from placed order by msg_id) p
      cross join lateral pgmq.send($1, p.message -> 'message',
        ($4 + p.place_secs)::integer) s (msg_id)
    ), remembered as (
      insert into queues.failures (queue, msg_id, settlements, settled_read_ct, history, delivered)
      select $1, msg_id, 1, 1,
        queues.append_failure(
          case when jsonb_typeof(letter -> 'history') = 'array' then letter -> 'history' else '[]' end,
          queues.failure('redriven', format('was dead letter %%s: %%s', letter_id, letter ->> 'reason'))),
        array(select jsonb_array_elements_text(
          case when jsonb_typeof(letter -> 'delivered') = 'array' then letter -> 'delivered' else '[]' end))
      from sent
      returning msg_id
    )
    select array(select msg_id from remembered)
    $sql$, 'q_' || p_queue || '_dlq', v_condition)
  into v_msg_ids using p_queue, p_limit, p_rate_per_sec, greatest(0, ceil(extract(epoch from v_from - clock_timestamp())));
  -- As if they had been claimed and released: a claim looks up the history only of messages that were read before.
  execute format('update pgmq.%I set read_ct = 1 where msg_id = any($1)', 'q_' || p_queue) using v_msg_ids;

  v_from := v_from + make_interval(secs => (cardinality(v_msg_ids) / p_rate_per_sec)::float8);
  update queues.redrives set until = v_from where queue = p_queue;
  return jsonb_build_object(
    'redriven', cardinality(v_msg_ids), 'left', queues.count_letters(p_queue, v_condition), 'visible_until', v_from);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'redrive');
    return null;
end $$;
comment on function queues.redrive(text, jsonb, integer, numeric) is
  'Sends dead letters back to their queue as the original messages, oldest first, with all their retries and their '
  'history. They become visible at the given rate, after those of earlier redrives. Returns {redriven, left, '
  'visible_until}; left is counted up to 10000. For the filter see queues.letter_condition.';
revoke all on function queues.redrive(text, jsonb, integer, numeric) from public;
grant execute on function queues.redrive(text, jsonb, integer, numeric) to service_role;
