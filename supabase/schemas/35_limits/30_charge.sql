-- Charging an action: GCRA, the generic cell rate algorithm (ITU-T I.371, annex A), over all keys of a call at once.

create type queues.rate_limit_key as (key bigint, cost interval, tolerance interval, action text, kind text);
comment on type queues.rate_limit_key is
  'A key, for how long a call uses it up, and how much it holds: its burst, as the time that it takes to be free again. '
  'action and kind say what it limits.';

create function queues.rate_limit_hash(p_action text, p_kind text, p_value text) returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return hashtextextended(
    concat_ws(' ', p_action, p_kind, p_value), (select key_seed from queues.rate_limit_settings)) where p_value is not null;
end $$;
comment on function queues.rate_limit_hash(text, text, text) is
  'The key of a session, person or address for an action. Null without a value.';
revoke all on function queues.rate_limit_hash(text, text, text) from public;

create function queues.rate_limit_address_key(p_action text) returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return queues.rate_limit_hash(p_action, 'address', queues.client_network()::text);
end $$;
comment on function queues.rate_limit_address_key(text) is
  'The key of the address that sent this request. Null if addresses are not limited.';
revoke all on function queues.rate_limit_address_key(text) from public;

create function queues.rate_limit_keys(
  p_action text, p_session_id text, p_person uuid, p_address_key bigint, p_times integer default 1
) returns queues.rate_limit_key[]
language plpgsql
stable
set search_path = ''
as $$
declare
  v_limit queues.rate_limits;
  v_step interval;
begin
  select * into v_limit from queues.rate_limits where action = p_action;
  if not found or not v_limit.enabled then
    return array[]::queues.rate_limit_key[];
  end if;
  v_step := interval '1 minute' / v_limit.per_minute;
  return array(
    select (key, p_times * v_step / factor, v_limit.burst * v_step, p_action, kind)::queues.rate_limit_key
    from (
      values
        ('session', queues.rate_limit_hash(p_action, 'session', p_session_id), 1),
        ('person', queues.rate_limit_hash(p_action, 'person', p_person::text), 1),
        ('address', p_address_key, v_limit.address_factor)
    ) k (kind, key, factor)
    where key is not null);
end $$;
comment on function queues.rate_limit_keys(text, text, uuid, bigint, integer) is
  'The keys of a session, a person and an address that act p_times, as far as they are known. None for an action without '
  'a limit.';
revoke all on function queues.rate_limit_keys(text, text, uuid, bigint, integer) from public;

create function queues.rate_limit_keys_of(
  p_action text, p_session_id text, p_person uuid, p_times integer default 1
) returns queues.rate_limit_key[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return queues.rate_limit_keys(p_action, p_session_id, p_person, queues.rate_limit_address_key(p_action), p_times);
end $$;
comment on function queues.rate_limit_keys_of(text, text, uuid, integer) is
  'The keys of a call that acts p_times: its session, the person, and the address that sent the request.';
revoke all on function queues.rate_limit_keys_of(text, text, uuid, integer) from public;

create function queues.free_at(p_free_at timestamptz, p_tolerance interval, p_now timestamptz) returns timestamptz
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Of calls that charge a key at the same time, the last one may have read the time first.
  c_waited constant interval := interval '1 minute';
begin
  return case when p_free_at > p_now + p_tolerance + c_waited then p_now else p_free_at end;
end $$;
comment on function queues.free_at(timestamptz, interval, timestamptz) is
  'When a key is free. Nobody uses up more than all that it holds: a key that is free later was charged before the clock was '
  'set back, or under a limit with a larger burst, and is free now.';
revoke all on function queues.free_at(timestamptz, interval, timestamptz) from public;

create function queues.rate_limit_wait(p_keys queues.rate_limit_key[]) returns interval
language plpgsql
stable
set search_path = ''
-- A plan that was cached while there were few keys must not read all of them once there are many.
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return (
    select max(queues.free_at(k.free_at, p.tolerance, v_now) + p.cost - p.tolerance - v_now)
    from unnest(p_keys) p
    join queues.rate_limit_keys k on k.key = p.key);
end $$;
comment on function queues.rate_limit_wait(queues.rate_limit_key[]) is
  'How long until each key holds this call; null or not above zero if that is now. Locks and charges nothing.';
revoke all on function queues.rate_limit_wait(queues.rate_limit_key[]) from public;

create function queues.charge(p_keys queues.rate_limit_key[]) returns interval
language plpgsql
set search_path = ''
-- As in queues.rate_limit_wait.
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_held bigint;
  v_wait interval;
begin
  loop
    -- A row for each key that has none yet, so that callers who come at the same time wait for one another. Before any is
    -- locked: who holds one key and waits for another to be inserted could be what the inserting call waits for.
    insert into queues.rate_limit_keys (key, free_at, action, kind)
    select p.key, v_now, p.action, p.kind from unnest(p_keys) p
    where not exists (select from queues.rate_limit_keys k where k.key = p.key)
    order by p.key
    on conflict do nothing;

    with held as materialized (
      select k.key, k.free_at from queues.rate_limit_keys k
      where k.key = any(array(select p.key from unnest(p_keys) p))
      order by k.key
      for update
    ),
    judged as materialized (
      select h.key, p.cost, f.free_at, f.free_at + p.cost - p.tolerance - v_now as wait
      from held h join unnest(p_keys) p on p.key = h.key
      cross join lateral queues.free_at(h.free_at, p.tolerance, v_now) f (free_at)
    ),
    verdict as materialized (
      select count(*) as held, max(wait) as wait from judged
    ),
    charged as (
      update queues.rate_limit_keys k
      set free_at = greatest(j.free_at, v_now) + j.cost, calls = k.calls + 1
      from judged j, verdict v
      where k.key = j.key and v.held = cardinality(p_keys) and v.wait <= interval '0'
    )
    select held, wait into v_held, v_wait from verdict;
    exit when v_held = cardinality(p_keys);
  end loop;
  return v_wait;
end $$;
comment on function queues.charge(queues.rate_limit_key[]) is
  'Charges a call to every key, or, if one of them must wait, to none, and returns how long: null or not above zero '
  'if it was charged. The keys stay locked until the transaction ends: lock whatever else may be waited for before.';
revoke all on function queues.charge(queues.rate_limit_key[]) from public;

create function queues.lock_rate_limit_keys(p_keys queues.rate_limit_key[]) returns void
language plpgsql
set search_path = ''
-- As in queues.rate_limit_wait.
set enable_seqscan = off
as $$
declare
  v_keys bigint[] := array(select distinct key from unnest(p_keys) order by key);
begin
  loop
    insert into queues.rate_limit_keys (key, free_at, action, kind)
    select distinct on (p.key) p.key, clock_timestamp(), p.action, p.kind from unnest(p_keys) p
    where not exists (select from queues.rate_limit_keys k where k.key = p.key)
    order by p.key
    on conflict do nothing;
    perform from queues.rate_limit_keys where key = any(v_keys) order by key for update;
    exit when (select count(*) from queues.rate_limit_keys where key = any(v_keys)) = cardinality(v_keys);
  end loop;
end $$;
comment on function queues.lock_rate_limit_keys(queues.rate_limit_key[]) is
  'Locks the keys of several calls in the order in which queues.charge locks those of one, so that charging them one by one '
  'waits for nobody.';
revoke all on function queues.lock_rate_limit_keys(queues.rate_limit_key[]) from public;
