-- Dead letters: the list, and what they have in common.

create function queues.dead_letters_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_bytes constant integer := 64 * 1024;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 500)::integer;
  v_after bigint := queues.number_argument(p_arguments, 'after', 0, 0, 999999999999999999)::bigint;
  v_condition text := queues.letter_condition(coalesce(p_arguments -> 'filter', '{}'));
  v_items jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'limit', 'after']);
  execute format($sql$
    select coalesce(jsonb_agg(jsonb_build_object(
      'msg_id', msg_id, 'dead_lettered_at', enqueued_at, 'reason', message -> 'reason', 'error', message -> 'error',
      'field', queues.letter_field(message), 'size_bytes', octet_length((message -> 'message')::text),
      'message', case when octet_length((message -> 'message')::text) <= $3 then message -> 'message' end,
      'details', message - '{reason,error,message}'::text[]) order by msg_id), '[]')
    from (select msg_id, enqueued_at, message from pgmq.%I where msg_id > $1 and %s order by msg_id limit $2 + 1) l
    $sql$, 'q_' || v_queue || '_dlq', v_condition)
  into v_items using v_after, v_limit, c_bytes;
  return jsonb_build_object(
    'items', (select coalesce(jsonb_agg(i order by n), '[]') from jsonb_array_elements(v_items) with ordinality e (i, n) where n <= v_limit),
    'next', case when jsonb_array_length(v_items) > v_limit then v_items -> (v_limit - 1) -> 'msg_id' end,
    -- Up to 10000, as the actions say it.
    'matching', queues.count_letters(v_queue, v_condition));
end $$;
comment on function queues.dead_letters_page(jsonb) is
  'The dead letters of a queue, oldest first: {items, next, matching}; matching is counted up to 10000, and a message of more '
  'than 64 KiB is left out. Arguments: queue; filter, see queues.letter_condition; limit; after, the `next` of a page.';
revoke all on function queues.dead_letters_page(jsonb) from public;

create function queues.letter_groups_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_read constant integer := 20000;
  c_groups constant integer := 50;
  c_chars constant integer := 200;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_by text := coalesce(queues.text_argument(p_arguments, 'by', '^(reason|field|path|age)$'), 'reason');
  v_path jsonb := coalesce(p_arguments -> 'path', '[]');
  v_condition text := queues.letter_condition(coalesce(p_arguments -> 'filter', '{}'));
  v_groups jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'filter', 'by', 'path']);
  if v_by = 'path' then
    -- The path is checked as that of a filter is.
    perform queues.letter_condition(jsonb_build_object('path', v_path));
  end if;
  execute format($sql$
    with letters as materialized (
      select left(%2$s, $2) as value, enqueued_at
      from (select enqueued_at, message from pgmq.%1$I where %3$s order by msg_id desc limit $3) l
    ), groups as (
      select value, count(*) as letters, min(enqueued_at) as oldest, max(enqueued_at) as newest from letters group by value
    )
    select jsonb_build_object(
      'groups', (select coalesce(jsonb_agg(to_jsonb(g) order by g.letters desc, g.value), '[]')
        from (select * from groups order by letters desc, value limit $4) g),
      'different', (select count(*) from groups),
      'read', (select count(*) from letters))
    $sql$, 'q_' || v_queue || '_dlq',
    case v_by
      when 'reason' then $c$message ->> 'reason'$c$
      when 'field' then 'queues.letter_field(message)'
      when 'age' then $c$to_jsonb(date_trunc('hour', enqueued_at, 'UTC')) #>> '{}'$c$
      else $c$message -> 'message' #>> $1$c$ end,
    v_condition)
  into v_groups using array(select jsonb_array_elements_text(v_path)), c_chars, c_read, c_groups;
  return v_groups || jsonb_build_object('by', v_by, 'is_complete', (v_groups ->> 'read')::integer < c_read);
end $$;
comment on function queues.letter_groups_page(jsonb) is
  'The latest 20000 dead letters of a queue by what they have in common, the 50 largest groups: {by, groups: [{value, letters, '
  'oldest, newest}], different, read, is_complete}. Arguments: queue; filter; by: reason, field (that the error names), path '
  '(what is found there in the message) or age (the hour); path.';
revoke all on function queues.letter_groups_page(jsonb) from public;
