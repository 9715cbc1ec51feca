-- Messages, wherever they are. Nothing here takes a lease or changes a message.

create function queues.box_of(p_queue text, p_box text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case p_box
    when 'queue' then 'q_' || p_queue when 'archive' then 'a_' || p_queue
    when 'dead_letters' then concat('q_', p_queue, '_dlq') when 'discarded' then concat('a_', p_queue, '_dlq') end;
end $$;
comment on function queues.box_of(text, text) is 'The pgmq table of a box: queue, archive, dead_letters or discarded.';
revoke all on function queues.box_of(text, text) from public;

create function queues.read_time(p_text text) returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  return p_text::timestamptz;
exception
  when data_exception then
    return null;
end $$;
comment on function queues.read_time(text) is 'A time that a dead letter names; null for what is none, which others may have sent.';
revoke all on function queues.read_time(text) from public;

create function queues.messages_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_body_chars constant integer := 500;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_box text := coalesce(queues.text_argument(p_arguments, 'box', '^(queue|archive|dead_letters|discarded)$'), 'queue');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_from bigint := queues.number_argument(p_arguments, 'from', null, 0, 999999999999999999)::bigint;
  v_items jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'box', 'limit', 'from']);
  -- What waits is looked at oldest first, what is done latest first.
  execute format($sql$
    select coalesce(jsonb_agg(to_jsonb(m)), '[]')
    from (
      select q.msg_id,
        case
          when %2$L <> 'queue' then %2$L
          when q.vt <= $2 then 'visible'
          when q.read_ct > 0 and f.settled_read_ct is distinct from q.read_ct then 'in_flight'
          else 'delayed'
        end as state,
        q.enqueued_at, q.vt as visible_at, q.read_ct, coalesce(f.failures, 0) as failures, f.last_error, q.headers,
        octet_length(q.message::text) as size_bytes, left(q.message::text, $5) as body %5$s
      from (select * from pgmq.%1$I where $3 is null or msg_id %3$s $3 order by msg_id %4$s limit $4 + 1) q
      left join queues.failures f on %2$L = 'queue' and f.queue = $1 and f.msg_id = q.msg_id
      order by q.msg_id %4$s
    ) m
    $sql$, queues.box_of(v_queue, v_box), v_box, case v_box when 'queue' then '>=' else '<=' end,
    case v_box when 'queue' then 'asc' else 'desc' end, case when v_box in ('archive', 'discarded') then ', q.archived_at' end)
  into v_items using v_queue, clock_timestamp(), v_from, v_limit, c_body_chars;
  return jsonb_build_object(
    'items', (select coalesce(jsonb_agg(i order by n), '[]') from jsonb_array_elements(v_items) with ordinality e (i, n) where n <= v_limit),
    'next', v_items -> v_limit -> 'msg_id');
end $$;
comment on function queues.messages_page(jsonb) is
  'The messages of a queue with the beginning of their bodies: {items, next}. Arguments: queue; box: queue (the oldest first), '
  'archive, dead_letters or discarded (the latest first); limit; from, the id that the page begins with.';
revoke all on function queues.messages_page(jsonb) from public;

create function queues.search_box(
  p_queue text, p_box text, p_msg_id bigint, p_text text, p_limit integer, p_until timestamptz
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- Of each box the latest are read. More would keep an operator waiting.
  c_read constant integer := 20000;
  c_body_chars constant integer := 500;
  v_found jsonb;
begin
  if to_regclass(format('pgmq.%I', queues.box_of(p_queue, p_box))) is null then
    return jsonb_build_object('items', jsonb_build_array(), 'read', 0);
  end if;
  execute format($sql$
    with latest as materialized (
      select msg_id, enqueued_at, %2$s as at, read_ct, message, headers from pgmq.%1$I %3$s
    ), found as (
      select * from latest
      where ($2::text is null or strpos(message::text, $2) > 0)
      order by msg_id desc limit $5
    )
    select jsonb_build_object(
      'items', (select coalesce(jsonb_agg(jsonb_build_object(
        'queue', $7, 'box', $8, 'msg_id', msg_id, 'enqueued_at', enqueued_at, 'at', at, 'read_ct', read_ct, 'headers', headers,
        'size_bytes', octet_length(message::text), 'body', left(message::text, $6)) order by msg_id desc), '[]') from found),
      'read', (select count(*) from latest))
    $sql$, queues.box_of(p_queue, p_box), case when p_box in ('archive', 'discarded') then 'archived_at' else 'enqueued_at' end,
    -- By time only where pgmq has an index for it.
    case
      when p_msg_id is not null and p_box in ('dead_letters', 'discarded') then
        'where message @> jsonb_build_object(''msg_id'', $1) order by msg_id desc limit $5'
      when p_msg_id is not null then 'where msg_id = $1'
      when p_box in ('archive', 'discarded') then 'where archived_at <= $4 order by archived_at desc limit $3'
      else 'order by msg_id desc limit $3' end)
  into v_found using p_msg_id, p_text, c_read, p_until, p_limit, c_body_chars, p_queue, p_box;
  return v_found || jsonb_build_object('is_complete', p_msg_id is not null or (v_found ->> 'read')::integer < c_read);
end $$;
comment on function queues.search_box(text, text, bigint, text, integer, timestamptz) is
  'The latest messages of a box that match: {items, read, is_complete}. By its id a message is found in any case; by text '
  'among the latest 20000 of each box, those of an archive up to a time.';
revoke all on function queues.search_box(text, text, bigint, text, integer, timestamptz) from public;

create function queues.search_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := queues.text_argument(p_arguments, 'queue');
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_text text := queues.text_argument(p_arguments, 'text', '^.{3,200}$');
  -- In the body of a message, and of those that it caused.
  v_correlation_id text := queues.text_argument(p_arguments, 'correlation_id', '^[0-9a-f-]{32,36}$');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_until timestamptz := to_timestamp(queues.number_argument(p_arguments, 'until', 32503680000, 0, 32503680000)::float8);
  v_boxes jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'msg_id', 'text', 'correlation_id', 'limit', 'until']);
  if num_nonnulls(v_msg_id, v_text, v_correlation_id) <> 1 then
    perform queues.reject('arguments', 'do not have one of msg_id, text and correlation_id',
      'text: the id of a post or a person, or what else a message contains');
  end if;
  perform queues.settings_of(v_queue) where v_queue is not null;
  select jsonb_agg(queues.search_box(s.queue, b.box, v_msg_id, coalesce(v_correlation_id, v_text), v_limit, v_until)
    || jsonb_build_object('queue', s.queue, 'box', b.box))
  into v_boxes
  from queues.settings s, unnest(array['queue', 'archive', 'dead_letters', 'discarded']) b (box)
  where v_queue is null or s.queue = v_queue;
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(i order by i ->> 'enqueued_at', i ->> 'queue', (i ->> 'msg_id')::bigint), '[]')
      from (
        select i from jsonb_array_elements(v_boxes) b, jsonb_array_elements(b -> 'items') i
        order by i ->> 'enqueued_at' desc limit v_limit
      ) i),
    'incomplete', (
      select coalesce(jsonb_agg(jsonb_build_object('queue', b -> 'queue', 'box', b -> 'box', 'read', b -> 'read')), '[]')
      from jsonb_array_elements(v_boxes) b where b -> 'is_complete' = 'false'));
end $$;
comment on function queues.search_page(jsonb) is
  'Messages of all queues and boxes by one of msg_id, text (at least three characters, such as the id of a post or person) and '
  'correlation_id: {items, incomplete}. incomplete names the boxes of which only the latest 20000 were read; with `until`, in '
  'seconds since 1970, an archive is read up to that time. Other arguments: queue, limit.';
revoke all on function queues.search_page(jsonb) from public;

create function queues.message_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- What a browser can show.
  c_bytes constant integer := 1024 * 1024;
  v_queue text := (queues.existing_queue(queues.queue_argument(p_arguments))).queue;
  v_box text := coalesce(queues.text_argument(p_arguments, 'box', '^(queue|archive|dead_letters|discarded)$'), 'queue');
  v_msg_id bigint := queues.number_argument(p_arguments, 'msg_id', null, 1, 999999999999999999)::bigint;
  v_message jsonb;
  v_failures jsonb;
begin
  perform queues.check_keys('arguments', p_arguments, array['queue', 'box', 'msg_id']);
  execute format($sql$
    select jsonb_build_object('msg_id', msg_id, 'enqueued_at', enqueued_at, 'visible_at', vt, 'read_ct', read_ct,
      'headers', headers, 'size_bytes', octet_length(message::text), 'at', %2$s,
      'message', case when octet_length(message::text) <= $2 then message end)
    from pgmq.%1$I where msg_id = $1
    $sql$, queues.box_of(v_queue, v_box), case when v_box in ('archive', 'discarded') then 'archived_at' else 'null::timestamptz' end)
  into v_message using v_msg_id, c_bytes;
  if v_message is null then
    raise sqlstate 'PT404' using
      message = format('there is no message %s in `%s` of queue `%s`', coalesce(v_msg_id::text, 'null'), v_box, v_queue),
      detail = 'message_not_found', hint = 'it may have moved on: search for its id';
  end if;
  if v_box = 'queue' then
    select to_jsonb(f) - array['queue', 'msg_id'] into v_failures from queues.failures f
    where f.queue = v_queue and f.msg_id = v_msg_id;
  end if;
  return jsonb_build_object(
    'queue', v_queue, 'box', v_box, 'message', v_message, 'failures', v_failures,
    'history', (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'at', e.at, 'event', e.event, 'code', e.code, 'error', e.error, 'run_id', e.run_id)) order by e.at, e.place)
      from (
        select 0 as place, coalesce(queues.read_time(l.letter ->> 'enqueued_at'), (v_message ->> 'enqueued_at')::timestamptz) as at, 'sent' as event,
          null as code, null as error, null as run_id
        union all
        select n::integer, queues.read_time(h ->> 'at'),
          case h ->> 'code' when 'redriven' then 'redriven' when 'edited' then 'edited' else 'failed' end, h ->> 'code', h ->> 'error',
          h ->> 'run_id'
        from jsonb_array_elements(coalesce(v_failures -> 'history',
          case when jsonb_typeof(l.letter -> 'history') = 'array' then l.letter -> 'history' end)) with ordinality f (h, n)
        union all
        -- The time of a message is that when its transaction began.
        select 100, greatest((v_message ->> 'enqueued_at')::timestamptz, queues.read_time(l.letter ->> 'last_failed_at')), 'dead_lettered', l.letter ->> 'reason', l.letter ->> 'error',
          l.letter #>> '{history,-1,run_id}'
        where l.letter is not null
        union all
        select 101, (v_message ->> 'at')::timestamptz,
          case when v_box = 'discarded' then 'discarded' when v_message #> '{headers,dropped}' is not null then 'dropped' else 'processed' end,
          v_message #>> '{headers,dropped,code}', v_message #>> '{headers,dropped,error}',
          case when v_box = 'archive' then queues.acknowledged_by(v_queue, (v_message ->> 'at')::timestamptz)::text end
        where v_box in ('archive', 'discarded')
      ) e)
    )
  from (
    select case when v_box in ('dead_letters', 'discarded') and jsonb_typeof(v_message -> 'message') = 'object'
      then v_message -> 'message' end as letter
  ) l;
end $$;
comment on function queues.message_page(jsonb) is
  'A message with its history from the producer to the archive: {queue, box, message, failures, history: [{at, event, code, '
  'error, run_id}]}. run_id is the run, as in the log of its worker; that of a processed message is known for an hour. The body '
  'is null if it has more than 1 MiB. The history of its failures is kept while it is in its queue or a dead letter. Arguments: queue, box, msg_id.';
revoke all on function queues.message_page(jsonb) from public;
