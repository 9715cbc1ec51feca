-- The mark of a queue: where claims and counts begin to read, so that they do not walk over what was handled before.
-- Claims read pgmq's index over vt. While an old snapshot is open, Postgres keeps an entry of every lease and every
-- finished message in it; all of these lie behind the mark.
--
-- INVARIANT: a row that becomes visible has a vt after queues.marks.due_after, except rows of a writer in `passed`.
-- A mark advances in two steps. First it is announced (next_due_after): no visible row lies before it, and from then on
-- the trigger stay_above_mark lets nobody write there. It takes effect once all who may have begun to write before the
-- announcement have ended, and after another look at the rows. Who writes is known from pg_locks: every writer holds
-- RowExclusiveLock on the table from before it reads the mark until its commit is visible. Neither ids nor snapshots say
-- that: an insert has its id before it has a transaction id.

-- Rows are only inserted: dead versions of one updated row would slow down whoever reads it. Not logged: after a crash, a
-- restore or a failover, the marks of the former server must not hold.
create unlogged table queues.marks (
  queue text not null,
  n bigint generated always as identity,
  at timestamptz not null,
  written_by xid8 not null default pg_current_xact_id(),
  trigger_oid oid not null,
  trigger_xmin xid not null,
  due_after timestamptz not null,
  next_due_after timestamptz not null,
  writers text[],
  writers_since timestamptz,
  passed text[] not null default '{}',
  passed_after timestamptz,
  primary key (queue, n),

  constraint writers_have_a_time check ((writers is null) = (writers_since is null)),
  constraint passed_writers_have_a_start check ((passed = '{}') = (passed_after is null)),
  constraint the_next_mark_is_not_before check (next_due_after >= due_after)
);
comment on table queues.marks is
  'The marks of each queue; the newest counts. One that was made before the server started, before the trigger was '
  'changed, or after the present (the clock was put back) counts no more: the queue is read from its beginning once.';
comment on column queues.marks.at is 'The clock, read before the look at the writers and the rows.';
comment on column queues.marks.trigger_oid is 'The trigger stay_above_mark that keeps the mark, as it was then.';
comment on column queues.marks.due_after is 'The mark: claims and counts read messages whose vt is after it.';
comment on column queues.marks.next_due_after is 'The mark that is announced.';
comment on column queues.marks.writers is
  'The virtual transactions that may write before the announced mark; null if nobody looked since it was announced.';
comment on column queues.marks.passed is
  'Writers that were waited for in vain. What they wrote may lie before the mark until a tick finds it.';
comment on column queues.marks.passed_after is 'The mark when the first of them was passed.';
revoke all on table queues.marks from public, anon, authenticated, service_role;

create function queues.newest_mark(p_queue text) returns queues.marks
language plpgsql
set search_path = ''
as $$
declare
  v_trigger_oid oid;
  v_trigger_xmin xid;
  m queues.marks;
begin
  -- A replica has no tables that are not logged.
  if not pg_is_in_recovery() then
    select t.oid, t.xmin into v_trigger_oid, v_trigger_xmin from pg_catalog.pg_trigger t
    where t.tgrelid = to_regclass(format('pgmq.%I', 'q_' || p_queue)) and t.tgname = 'stay_above_mark' and t.tgenabled = 'A';
    -- One of this transaction is not committed: others do not see it and may write before it.
    select k.* into m from queues.marks k
    where k.queue = p_queue and k.written_by is distinct from pg_current_xact_id_if_assigned()
    order by k.n desc limit 1;
    if m.trigger_oid = v_trigger_oid and m.trigger_xmin = v_trigger_xmin
      and m.at between queues.started_at() and clock_timestamp()
    then
      return m;
    end if;
  end if;
  m := null;
  m.at := '-infinity';
  m.trigger_oid := v_trigger_oid;
  m.trigger_xmin := v_trigger_xmin;
  m.due_after := '-infinity';
  m.next_due_after := '-infinity';
  m.passed := '{}';
  return m;
end $$;
comment on function queues.newest_mark(text) is 'The newest mark that counts; -infinity if there is none. Without the trigger, trigger_oid is null and there is none.';
revoke all on function queues.newest_mark(text) from public;

create function queues.stay_above_mark() returns trigger
language plpgsql
-- Whoever may send a message need not be able to read the marks.
security definer
set search_path = ''
as $$
declare
  v_queue text := substr(tg_table_name, 3);
  v_mark timestamptz := (queues.newest_mark(v_queue)).next_due_after;
begin
  if current_setting('transaction_isolation') <> 'read committed'
    or (select m.at from queues.marks m where m.queue = v_queue order by m.n desc limit 1) > clock_timestamp()
  then
    -- The newest mark is not in this snapshot, or counts again once the clock has caught up with it.
    new.vt := clock_timestamp();
  elsif v_mark > '-infinity' then
    new.vt := greatest(new.vt, v_mark + interval '1 microsecond');
  elsif new.vt = '-infinity' then
    new.vt := clock_timestamp();
  end if;
  return new;
end $$;
comment on function queues.stay_above_mark() is
  'Moves a message that is written as due in the past behind the announced mark: to the front of what is waiting.';
revoke all on function queues.stay_above_mark() from public;

create function queues.open_writers(p_queue text) returns text[]
language plpgsql
set search_path = ''
as $$
begin
  return array(
    select distinct l.virtualtransaction from pg_catalog.pg_locks l
    where l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.granted
      and l.relation = to_regclass(format('pgmq.%I', 'q_' || p_queue))
      and l.database = (select oid from pg_catalog.pg_database where datname = current_database()));
end $$;
comment on function queues.open_writers(text) is
  'The virtual transactions that have written into a queue, or are about to, and have not ended. Includes prepared ones.';
revoke all on function queues.open_writers(text) from public;

create function queues.hold_mark(p_queue text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- At READ COMMITTED only: a look at the rows has to see what committed before the look at the writers.
  return not pg_is_in_recovery() and current_setting('transaction_isolation') = 'read committed'
    and pg_try_advisory_xact_lock(hashtextextended('queues.marks', 0) # hashtextextended(p_queue, 0))
    and not exists (
      select from (select m.written_by from queues.marks m where m.queue = p_queue order by m.n desc limit 1) m
      where m.written_by = pg_current_xact_id_if_assigned());
end $$;
comment on function queues.hold_mark(text) is
  'Whether this transaction may write the next mark of a queue. Until it ends no other may, and it may write only one.';
revoke all on function queues.hold_mark(text) from public;

create function queues.advance_mark(p_queue text, p_every interval default '500 milliseconds') returns timestamptz
language plpgsql
set search_path = ''
-- Whatever the statistics say, only the index over vt finds the first row.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  -- A row may be written this much after its sender read the clock, and then is not moved: see queues.create_queue.
  c_lag constant interval := interval '250 milliseconds';
  -- Longer than any request of PostgREST may take. Until then, claims walk over what others finish meanwhile.
  c_patience constant interval := interval '10 seconds';
  v_now timestamptz := clock_timestamp();
  m queues.marks := queues.newest_mark(p_queue);
  v_open text[];
  v_before_first timestamptz;
begin
  if m.trigger_oid is null or v_now < m.at + p_every or not queues.hold_mark(p_queue) then
    return m.due_after;
  end if;
  m := queues.newest_mark(p_queue);
  if v_now < m.at + p_every then
    return m.due_after;
  end if;

  v_open := queues.open_writers(p_queue);
  if m.next_due_after = m.due_after then
    -- Nothing is announced yet, so nobody has to be waited for.
    m.writers := '{}';
    m.writers_since := v_now;
  elsif m.writers is null then
    m.writers := array(select unnest(v_open) except select unnest(m.passed));
    m.writers_since := v_now;
  else
    m.writers := array(select unnest(m.writers) intersect select unnest(v_open));
  end if;
  if m.writers <> '{}' and v_now > m.writers_since + c_patience then
    m.passed := m.passed || m.writers;
    m.passed_after := coalesce(m.passed_after, m.due_after);
    m.writers := '{}';
  end if;
  if m.writers = '{}' then
    -- A statement of its own, after the look at the writers: its snapshot has what those wrote that have ended.
    -- Two microseconds: what the trigger moves to just after the mark comes before the first.
    execute format('select vt - interval ''2 microseconds'' from pgmq.%I where vt > $1 and vt <= $2 order by vt limit 1', 'q_' || p_queue)
      into v_before_first using m.due_after, v_now - c_lag;
    m.due_after := least(m.next_due_after, v_before_first);
    m.next_due_after := least(v_now - c_lag, v_before_first);
    m.writers := null;
    m.writers_since := null;
  end if;
  insert into queues.marks (
    queue, at, trigger_oid, trigger_xmin, due_after, next_due_after, writers, writers_since, passed, passed_after)
  values (p_queue, v_now, m.trigger_oid, m.trigger_xmin, m.due_after, m.next_due_after, m.writers, m.writers_since,
    m.passed, m.passed_after);
  return m.due_after;
end $$;
comment on function queues.advance_mark(text, interval) is
  'Advances the mark of a queue by one step, unless another did so within p_every or is doing it. Returns the mark.';
revoke all on function queues.advance_mark(text, interval) from public;

create function queues.show_hidden(p_queue text) returns integer
language plpgsql
set search_path = ''
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  c_budget constant interval := interval '1 second';
  c_slice constant interval := interval '50 milliseconds';
  c_rows constant integer := 1000;
  -- What a clock that was put back can hide before a tick notices.
  v_recent interval := make_interval(secs => 10 + 2 * queues.tick_secs());
  v_began timestamptz := clock_timestamp();
  v_slice_began timestamptz;
  m queues.marks := queues.newest_mark(p_queue);
  v_holds boolean := m.passed <> '{}' and queues.hold_mark(p_queue);
  v_ended text[] := array[]::text[];
  v_from timestamptz;
  v_to timestamptz;
  v_width interval := interval '10 seconds';
  v_seen integer;
  v_moved integer;
  v_shown integer := 0;
  v_skipped boolean := false;
begin
  if m.passed <> '{}' then
    v_ended := array(select unnest(m.passed) except select unnest(queues.open_writers(p_queue)));
    m := queues.newest_mark(p_queue);
  end if;
  if m.due_after = '-infinity' then
    return 0;
  end if;
  v_from := m.due_after - v_recent;
  if v_ended <> '{}' then
    v_from := least(v_from, m.passed_after);
  end if;

  while v_from < m.due_after loop
    v_slice_began := clock_timestamp();
    exit when v_slice_began > v_began + c_budget;
    v_to := case when v_from = '-infinity' then m.due_after - v_recent else least(m.due_after, v_from + v_width) end;
    -- The trigger moves them behind the mark.
    execute format($sql$
      with seen as materialized (
        select msg_id from pgmq.%1$I where vt > $1 and vt <= $2 order by vt limit $3
      ), free as materialized (
        select q.msg_id from pgmq.%1$I q join seen using (msg_id) where q.vt > $1 and q.vt <= $2 for update of q skip locked
      ), moved as (
        update pgmq.%1$I q set vt = q.vt from free where q.msg_id = free.msg_id returning 1
      )
      select (select count(*) from seen), (select count(*) from moved)
      $sql$, 'q_' || p_queue)
    into v_seen, v_moved using v_from, v_to, c_rows;
    v_shown := v_shown + v_moved;
    -- A claim may hold a message that began before the mark passed it, and roll back: a later tick looks again.
    v_skipped := v_skipped or v_moved < v_seen;
    if v_seen < c_rows or v_moved = 0 then
      v_from := v_to;
      v_width := case when clock_timestamp() > v_slice_began + c_slice then v_width / 2 else v_width * 2 end;
    end if;
  end loop;

  if v_holds and v_ended <> '{}' and not v_skipped then
    m.passed := case when v_from = m.due_after
      then array(select unnest(m.passed) except select unnest(v_ended)) else m.passed end;
    -- What is done of a sweep that goes on at the next tick need not be repeated, if nobody else was passed.
    m.passed_after := case when m.passed = '{}' then null
      when m.passed <@ v_ended then v_from else m.passed_after end;
    insert into queues.marks (
      queue, at, trigger_oid, trigger_xmin, due_after, next_due_after, writers, writers_since, passed, passed_after)
    values (p_queue, m.at, m.trigger_oid, m.trigger_xmin, m.due_after, m.next_due_after, m.writers, m.writers_since,
      m.passed, m.passed_after);
  end if;
  if v_shown > 0 then
    raise log 'queue `%` had % messages before its mark', p_queue, v_shown;
  end if;
  return v_shown;
end $$;
comment on function queues.show_hidden(text) is
  'Moves what lies before the mark of a queue behind it, and returns how many messages that were: what was written by '
  'writers that the mark has passed, once they have ended, and what a clock that was put back hid. Takes about a second '
  'at most; a tick goes on where the last one stopped.';
revoke all on function queues.show_hidden(text) from public;

create function queues.prune_marks(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_kept constant integer := 100;
  -- Bounds the walk over marks that were removed before.
  c_reach constant integer := 20000;
  v_removed integer;
begin
  delete from queues.marks where ctid = any(array(
    select k.ctid from queues.settings s
    cross join lateral (select m.n from queues.marks m where m.queue = s.queue order by m.n desc limit 1) newest
    cross join lateral (
      select m.ctid from queues.marks m
      where m.queue = s.queue and m.n < newest.n - c_kept and m.n > newest.n - c_reach limit p_limit) k
    limit p_limit));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_marks(integer) is 'Removes marks that newer ones have replaced.';
revoke all on function queues.prune_marks(integer) from public;

create function queues.spread(p_msg_id bigint) returns interval
language plpgsql
immutable
set search_path = ''
as $$
begin
  return p_msg_id % 1000 * interval '1 microsecond';
end $$;
comment on function queues.spread(bigint) is
  'Less than a millisecond, by which messages that become visible at the same time keep the order of their ids.';
revoke all on function queues.spread(bigint) from public;
