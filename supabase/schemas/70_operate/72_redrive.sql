-- Sending dead letters back to their queue.

create table queues.redrives (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  rate_per_sec numeric not null,
  until timestamptz not null,
  primary key (queue, rate_per_sec)
);
comment on table queues.redrives is
  'Until when the redrives of a queue at a rate last. The next one at the same rate starts then, so that repeated calls '
  'keep to the rate; one at another rate starts at once, so that a slow redrive does not put it off.';
revoke all on table queues.redrives from public, anon, authenticated, service_role;

create function queues.redrive(
  p_queue text, p_filter jsonb default '{}', p_limit integer default 1000, p_rate_per_sec numeric default 100
) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_longest constant interval := interval '1 year';
  v_condition text;
  v_from timestamptz;
  v_msg_ids bigint[];
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 10000);
  perform queues.check_range('p_rate_per_sec', p_rate_per_sec, 0.001, 10000);
  v_condition := queues.letter_condition(p_filter);

  -- Redrives of a queue wait for each other.
  perform pg_advisory_xact_lock(hashtextextended('queues.redrive', 0) # hashtextextended(p_queue, 0));
  delete from queues.redrives where queue = p_queue and until <= clock_timestamp();
  v_from := coalesce(
    (select until from queues.redrives where queue = p_queue and rate_per_sec = p_rate_per_sec), clock_timestamp());
  if v_from > clock_timestamp() + c_longest then
    perform queues.reject('p_rate_per_sec', 'is taken by redrives that last for more than a year',
      format('choose a higher rate, or select queues.cancel_redrive(%L)', p_queue));
  end if;

  execute format($sql$
    with letters as (
      delete from pgmq.%1$I
      where msg_id = any(array(
        select msg_id from pgmq.%1$I where %2$s order by msg_id limit $2 for update skip locked))
      returning msg_id, enqueued_at, message
    ), placed as (
      select msg_id, enqueued_at, message, floor((row_number() over (order by msg_id) - 1) / $3) as place_secs from letters
    ), sent as (
      select s.msg_id, p.msg_id as letter_id, p.enqueued_at, p.message as letter
      from (select * from placed order by msg_id) p
      cross join lateral pgmq.send($1, p.message -> 'message',
        ($4 + p.place_secs)::integer) s (msg_id)
    ), remembered as (
      insert into queues.failures (queue, msg_id, settlements, settled_read_ct, history, delivered, redriven_from)
      select $1, msg_id, 1, 1,
        queues.append_failure(
          case when jsonb_typeof(letter -> 'history') = 'array' then letter -> 'history' else '[]' end,
          queues.failure('redriven', format('was dead letter %%s: %%s', letter_id, letter ->> 'reason'))),
        array(select jsonb_array_elements_text(
          case when jsonb_typeof(letter -> 'delivered') = 'array' then letter -> 'delivered' else '[]' end)),
        jsonb_build_object('msg_id', letter_id, 'enqueued_at', enqueued_at, 'rate_per_sec', $5,
          'letter', letter - '{message,history,delivered}'::text[])
      from sent
      -- Of an earlier message that had the same id.
      on conflict (queue, msg_id) do update set failures = 0, settlements = 1, settled_read_ct = 1, first_failed_at = null,
        last_failed_at = null, last_code = null, last_error = null, history = excluded.history,
        delivered = excluded.delivered, redriven_from = excluded.redriven_from
      returning msg_id
    )
    select array(select msg_id from remembered)
    $sql$, 'q_' || p_queue || '_dlq', v_condition)
  into v_msg_ids using p_queue, p_limit, p_rate_per_sec, greatest(0, ceil(extract(epoch from v_from - clock_timestamp()))),
    p_rate_per_sec;
  -- As if they had been claimed and released: a claim looks up the history only of messages that were read before.
  execute format('update pgmq.%I set read_ct = 1 where msg_id = any($1)', 'q_' || p_queue) using v_msg_ids;

  if v_msg_ids <> '{}' then
    v_from := v_from + make_interval(secs => (cardinality(v_msg_ids) / p_rate_per_sec)::float8);
    insert into queues.redrives (queue, rate_per_sec, until) values (p_queue, p_rate_per_sec, v_from)
    on conflict (queue, rate_per_sec) do update set until = excluded.until;
  else
    v_from := coalesce((select max(until) from queues.redrives where queue = p_queue), clock_timestamp());
  end if;
  return jsonb_build_object(
    'redriven', cardinality(v_msg_ids), 'left', queues.count_letters(p_queue, v_condition), 'visible_until', v_from);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'redrive');
    return null;
end $$;
comment on function queues.redrive(text, jsonb, integer, numeric) is
  'Sends dead letters back to their queue as the original messages, oldest first, with all their retries and their '
  'history. They become visible at the given rate, after those of earlier redrives at the same rate. Returns {redriven, '
  'left, visible_until}; left is counted up to 10000. If none was redriven, visible_until is that of earlier redrives. '
  'For the filter see queues.letter_condition. queues.cancel_redrive takes them back.';
revoke all on function queues.redrive(text, jsonb, integer, numeric) from public;
grant execute on function queues.redrive(text, jsonb, integer, numeric) to service_role;
