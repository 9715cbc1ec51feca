-- Finding dead letters.

create function queues.letter_field(p_letter jsonb) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return nullif(left(split_part(p_letter ->> 'error', '`', 2), 200), '');
end $$;
comment on function queues.letter_field(jsonb) is 'The field that the error of a dead letter names first; null if it names none.';
revoke all on function queues.letter_field(jsonb) from public;

create function queues.letter_condition(p_filter jsonb) returns text
language plpgsql
set search_path = ''
as $$
declare
  c_ids constant text := '^\[(\d{1,18}(, )?)+\]$';
  c_patterns constant jsonb := jsonb_build_object(
    'reason', '^"', 'error', '^"', 'field', '^"', 'older_than_secs', '^\d{1,9}$', 'newer_than_secs', '^\d{1,9}$',
    'min_attempts', '^\d{1,9}$', 'max_attempts', '^\d{1,9}$', 'msg_ids', c_ids, 'original_msg_ids', c_ids,
    'path', '^\[("([^"\\]|\\.)*"(, )?)+\]$', 'value', '');
  v_now timestamptz := clock_timestamp();
  v_bad record;
begin
  perform queues.check_keys('filter', p_filter, array(select jsonb_object_keys(c_patterns)));
  select key, pattern into v_bad
  from jsonb_each(p_filter) join jsonb_each_text(c_patterns) p (key, pattern) using (key)
  where value::text !~ pattern
  order by key limit 1;
  if found then
    perform queues.reject('filter.' || v_bad.key, 'has a wrong type', format('its JSON must match %s', v_bad.pattern));
  end if;
  if p_filter ? 'value' and not p_filter ? 'path' then
    perform queues.reject('filter.value', 'needs `path`', 'for example {"path": ["post_id"], "value": "…"}');
  end if;

  return concat_ws(' and ',
    -- Messages that somebody else sent to this queue are not dead letters.
    $c$jsonb_typeof(message) = 'object' and message ? 'message'$c$,
    case when p_filter ? 'reason' then format($c$message ->> 'reason' = %L$c$, p_filter ->> 'reason') end,
    case when p_filter ? 'error' then
      -- Codes and English text in any locale, other text as the locale of the database has it.
      format($c$(strpos(lower((message ->> 'error') collate "C"), lower(%1$L collate "C")) > 0
        or strpos(lower(message ->> 'error'), lower(%1$L)) > 0)$c$, p_filter ->> 'error') end,
    case when p_filter ? 'field' then format('queues.letter_field(message) = %L', p_filter ->> 'field') end,
    case when p_filter ? 'older_than_secs' then
      'enqueued_at <= ' || queues.time_literal(v_now - make_interval(secs => (p_filter ->> 'older_than_secs')::integer)) end,
    case when p_filter ? 'newer_than_secs' then
      'enqueued_at > ' || queues.time_literal(v_now - make_interval(secs => (p_filter ->> 'newer_than_secs')::integer)) end,
    case when p_filter ?| array['min_attempts', 'max_attempts'] then
      -- Compared as jsonb: what others sent to this queue may have any value there.
      format($c$jsonb_typeof(message -> 'attempts') = 'number' and message -> 'attempts' between %L::jsonb and %L::jsonb$c$,
        coalesce(p_filter -> 'min_attempts', '0'), coalesce(p_filter -> 'max_attempts', '999999999')) end,
    case when p_filter ? 'msg_ids' then
      format('msg_id = any(%L)', array(select jsonb_array_elements_text(p_filter -> 'msg_ids'))) end,
    case when p_filter ? 'original_msg_ids' then
      format($c$message -> 'msg_id' = any(%L::jsonb[])$c$,
        array(select jsonb_array_elements(p_filter -> 'original_msg_ids'))) end,
    case when p_filter ? 'path' then
      format($c$message -> 'message' #> %L %s$c$, array(select jsonb_array_elements_text(p_filter -> 'path')),
        case when p_filter ? 'value' then format('= %L', p_filter -> 'value') else 'is not null' end) end);
end $$;
comment on function queues.letter_condition(jsonb) is
  'The SQL condition for dead letters that match a filter. Its keys are optional: reason (the code), error (part of '
  'the text), field (that the error names), older_than_secs, newer_than_secs (since it was dead-lettered), min_attempts, '
  'max_attempts, msg_ids (of the dead letters), original_msg_ids (of the original messages), path (keys '
  'into the message) with or without the value found there.';
revoke all on function queues.letter_condition(jsonb) from public;

create function queues.count_letters(p_queue text, p_condition text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_letters integer;
begin
  execute format('select count(*) from (select from pgmq.%I where %s limit 10000) l', 'q_' || p_queue || '_dlq', p_condition)
    into v_letters;
  return v_letters;
end $$;
comment on function queues.count_letters(text, text) is
  'The number of dead letters that meet a condition, counted up to 10000.';
revoke all on function queues.count_letters(text, text) from public;

create function queues.dead_letters(p_queue text, p_filter jsonb default '{}', p_limit integer default 100)
returns table (
  msg_id bigint, dead_lettered_at timestamptz, reason text, error text, message jsonb, details jsonb
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query execute format($sql$
    select msg_id, enqueued_at, message ->> 'reason', message ->> 'error', message -> 'message',
      message - '{reason,error,message}'::text[]
    from pgmq.%I where %s order by msg_id limit $1
    $sql$, 'q_' || p_queue || '_dlq', queues.letter_condition(p_filter))
  using p_limit;
end $$;
comment on function queues.dead_letters(text, jsonb, integer) is
  'The dead letters of a queue, oldest first. For the filter see queues.letter_condition; details are the original id, '
  'attempts, crashes, times and history.';
revoke all on function queues.dead_letters(text, jsonb, integer) from public;
grant execute on function queues.dead_letters(text, jsonb, integer) to service_role;
