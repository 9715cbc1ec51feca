-- A message that is put off: its time has not come, and it has done nothing wrong.

create function queues.defer(p_queue text, p_deferrals jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format($sql$
    with deferrals as (
      select * from jsonb_to_recordset($2) as d (msg_id bigint, read_ct integer, delay_secs integer, delivered text[])
    ), delayed as (
      update pgmq.%I q set vt = clock_timestamp() + make_interval(secs => delay_secs)
      from deferrals where q.msg_id = deferrals.msg_id
    )
    insert into queues.failures as f (queue, msg_id, settlements, settled_read_ct, delivered)
    select $1, msg_id, 1, read_ct, coalesce(delivered, '{}')
    from deferrals
    order by msg_id
    on conflict (queue, msg_id) do update set
      settlements = f.settlements + 1,
      settled_read_ct = excluded.settled_read_ct,
      delivered = array(select distinct unnest(f.delivered || excluded.delivered) order by 1)
    $sql$, 'q_' || p_queue)
  using p_queue, p_deferrals;
end $$;
comment on function queues.defer(text, jsonb) is
  'Ends leases without a failure: the messages become visible again after their delay, and it counts as neither failure '
  'nor crash. What they have delivered is kept; why they were put off is not.';
revoke all on function queues.defer(text, jsonb) from public;

create or replace function queues.lost_leases(p_queue text, p_settlement jsonb) returns bigint[]
language plpgsql
set search_path = ''
-- A plan made while there were no failures would be a slow one for many. Not for the whole of a settlement: every
-- foreign key check of its effects would be planned anew, too.
set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_msg_ids bigint[];
  v_read_cts integer[];
  v_held_msg_ids bigint[];
  v_held_read_cts integer[];
  v_lost bigint[];
begin
  select array_agg(msg_id order by msg_id), array_agg(read_ct order by msg_id) into v_msg_ids, v_read_cts
  from (
    select (lease ->> 0)::bigint, (lease ->> 1)::integer
    from (values ('acks'), ('releases')) k (key), jsonb_array_elements(p_settlement -> key) lease
    union all
    select (item ->> 'msg_id')::bigint, (item ->> 'read_ct')::integer
    from (values ('retries'), ('deferrals'), ('dead_letters')) k (key), jsonb_array_elements(p_settlement -> key) item
  ) named (msg_id, read_ct);

  execute format($sql$
    select array_agg(msg_id), array_agg(read_ct)
    from (select msg_id, read_ct from pgmq.%I where msg_id = any($1) order by msg_id for update) held
    $sql$, 'q_' || p_queue)
  into v_held_msg_ids, v_held_read_cts using v_msg_ids;

  -- Statements of their own: they must see what those committed whose locks the one above waited for.
  v_lost := array(
    select f.msg_id from queues.failures f
    join unnest(v_msg_ids, v_read_cts) named (msg_id, read_ct) on f.msg_id = named.msg_id
    where f.queue = p_queue and f.settled_read_ct = named.read_ct);

  -- Nearly always the one list is the other.
  if v_held_msg_ids is distinct from v_msg_ids or v_held_read_cts is distinct from v_read_cts then
    if cardinality(v_msg_ids) <> (select count(distinct msg_id) from unnest(v_msg_ids) msg_id) then
      perform queues.reject('settlement', 'names a message twice', 'say one thing about each message');
    end if;
    v_lost := v_lost || array(
      select msg_id from (
        select * from unnest(v_msg_ids, v_read_cts) except select * from unnest(v_held_msg_ids, v_held_read_cts)
      ) l (msg_id, read_ct));
  end if;
  return array(select distinct msg_id from unnest(v_lost) msg_id order by msg_id);
end $$;
