-- How many calls were allowed, refused and deferred, and by which keys.

-- A row for each backend, which no other one updates: no call waits for another one to be counted. A new row each minute,
-- so that a transaction that stays open, which keeps every version of a row, makes no row slow. After a crash, the last hour
-- is forgotten.
create unlogged table queues.rate_limit_calls (
  minute timestamptz not null,
  action text not null,
  answer text not null,
  key bigint not null,
  backend integer not null,
  kind text,
  calls bigint not null,
  primary key (minute, action, answer, key, backend),

  constraint answer_is_known check (answer in ('allowed', 'refused', 'deferred'))
) with (fillfactor = 70);
comment on table queues.rate_limit_calls is 'Calls of the last hour by their answer, and the key that made them wait.';
comment on column queues.rate_limit_calls.key is
  'Of queues.rate_limit_keys: a hash under a seed, so that it can be told from others and not read. 0 for calls that were '
  'allowed.';
comment on column queues.rate_limit_calls.kind is 'session, person or address; null for calls that were allowed.';
revoke all on table queues.rate_limit_calls from public, anon, authenticated, service_role;

create table queues.rate_limit_hours (
  hour timestamptz not null,
  action text not null,
  answer text not null,
  calls bigint not null,
  primary key (hour, action, answer)
);
comment on table queues.rate_limit_hours is
  'Calls that are more than an hour old, by hour; those of more than 30 days ago at -infinity.';
revoke all on table queues.rate_limit_hours from public, anon, authenticated, service_role;

create function queues.count_call(p_action text, p_answer text, p_keys queues.rate_limit_key[]) returns void
language plpgsql
set search_path = ''
-- As in queues.rate_limit_wait.
set enable_seqscan = off
as $$
declare
  v_key bigint := bigint '0';
  v_kind text;
begin
  -- An action without a limit costs nothing more.
  if p_keys = '{}' then
    return;
  end if;
  if p_answer <> 'allowed' then
    select p.key, p.kind into v_key, v_kind
    from unnest(p_keys) p
    join queues.rate_limit_keys k on k.key = p.key
    order by k.free_at + p.cost - p.tolerance desc
    limit 1;
  end if;
  insert into queues.rate_limit_calls as c (minute, action, answer, key, backend, kind, calls)
  values (date_trunc('minute', clock_timestamp()), p_action, p_answer, coalesce(v_key, 0), pg_backend_pid(), v_kind, 1)
  on conflict (minute, action, answer, key, backend) do update set calls = c.calls + 1;
end $$;
comment on function queues.count_call(text, text, queues.rate_limit_key[]) is
  'Counts a call by its answer (allowed, refused or deferred), and one that was not allowed by the key with the longest wait.';
revoke all on function queues.count_call(text, text, queues.rate_limit_key[]) from public;

create function queues.move_rate_limit_calls(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := date_trunc('minute', clock_timestamp()) - interval '1 hour';
  v_moved integer;
begin
  with old as (
    delete from queues.rate_limit_calls
    where ctid = any(array(
      select ctid from queues.rate_limit_calls where minute < v_before order by minute limit p_limit for update skip locked))
    returning minute, action, answer, calls
  ), moved as (
    insert into queues.rate_limit_hours as h (hour, action, answer, calls)
    select date_trunc('hour', minute, 'UTC') as hour, action, answer, sum(calls) from old
    group by hour, action, answer order by hour, action, answer
    on conflict (hour, action, answer) do update set calls = h.calls + excluded.calls
  )
  select count(*)::integer into v_moved from old;
  return v_moved;
end $$;
comment on function queues.move_rate_limit_calls(integer) is 'Adds calls that are more than an hour old to those of their hour.';
revoke all on function queues.move_rate_limit_calls(integer) from public;

create function queues.prune_rate_limit_hours(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := queues.numbers_since();
  v_removed integer;
begin
  with old as (
    delete from queues.rate_limit_hours
    where ctid = any(array(
      select ctid from queues.rate_limit_hours where hour > '-infinity' and hour < v_before
      order by hour limit p_limit for update skip locked))
    returning action, answer, calls
  ), kept as (
    insert into queues.rate_limit_hours as h (hour, action, answer, calls)
    select '-infinity', action, answer, sum(calls) from old group by action, answer order by action, answer
    on conflict (hour, action, answer) do update set calls = h.calls + excluded.calls
  )
  select count(*)::integer into v_removed from old;
  return v_removed;
end $$;
comment on function queues.prune_rate_limit_hours(integer) is 'Adds old hours to one row for each action and answer.';
revoke all on function queues.prune_rate_limit_hours(integer) from public;

create function queues.limited_calls(p_from timestamptz default '-infinity', p_to timestamptz default 'infinity') returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(a.action, a.answers), '{}')
    from (
      select c.action, jsonb_object_agg(c.answer, c.calls) as answers
      from (
        select c.action, c.answer, sum(c.calls) as calls
        from (
          select h.hour as at, h.action, h.answer, h.calls from queues.rate_limit_hours h
          union all
          select m.minute, m.action, m.answer, m.calls from queues.rate_limit_calls m
        ) c
        where c.at >= p_from and c.at < p_to
        group by c.action, c.answer
      ) c
      group by c.action
    ) a);
end $$;
comment on function queues.limited_calls(timestamptz, timestamptz) is
  'The calls of limited actions between two times, to the hour: {action: {answer: number}}. An answer that nobody got is '
  'left out.';
revoke all on function queues.limited_calls(timestamptz, timestamptz) from public;
