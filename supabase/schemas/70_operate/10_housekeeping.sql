-- Housekeeping: old rows are removed in small steps. The daily job starts a round, and each tick of the dispatcher does
-- one short step of it until nothing is left to remove.

create table queues.cleanups (
  id bigint generated always as identity primary key,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  removed jsonb not null default '{}',
  errors jsonb not null default '{}',

  constraint removed_is_an_object check (jsonb_typeof(removed) = 'object'),
  constraint errors_is_an_object check (jsonb_typeof(errors) = 'object')
);
create unique index cleanups_one_at_a_time_idx on queues.cleanups ((finished_at is null)) where finished_at is null;
comment on table queues.cleanups is 'One row per round of housekeeping.';
comment on column queues.cleanups.removed is 'How many rows of each table were removed.';
comment on column queues.cleanups.errors is 'The last error of each table or function.';
revoke all on table queues.cleanups from public, anon, authenticated, service_role;

create table queues.housekeeping (
  key text primary key,
  position integer not null,
  kind text not null,
  function text not null,
  drains text,

  constraint kind_is_known check (kind in ('fold', 'prune', 'prune_queue', 'report')),
  constraint function_is_a_name check (function ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint position_is_positive check (position > 0),
  constraint housekeeping_has_one_order unique (position)
);
comment on table queues.housekeeping is
  'What the daily job does. A feature adds rows for its tables and reports. Only the owner adds rows.';
comment on column queues.housekeeping.key is
  'The table or function, as queues.cleanups names it; {queue} stands for each queue.';
comment on column queues.housekeeping.position is 'The order.';
comment on column queues.housekeeping.kind is
  'The signature of the function. prune: (p_limit integer) returns integer removes up to p_limit old rows and returns '
  'how many. prune_queue: (p_queue text, p_limit integer) returns integer does so for each queue. fold: as prune, but at '
  'each tick. report: (p_day date) makes the report of a day, or makes it again.';
comment on column queues.housekeeping.function is
  'A function of schema queues. It must not wait for rows that are in use.';
comment on column queues.housekeeping.drains is
  'The queue that the function drains instead of an Edge Function; null for none.';
revoke all on table queues.housekeeping from public, anon, authenticated, service_role;

create function queues.check_housekeeping() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function(new.kind, new.key, new.function) where new.kind in ('fold', 'prune', 'prune_queue', 'report');
  return new;
end $$;
comment on function queues.check_housekeeping() is 'Rejects housekeeping whose function does not exist.';
revoke all on function queues.check_housekeeping() from public;

create trigger check_housekeeping before insert or update on queues.housekeeping
  for each row execute function queues.check_housekeeping();

create function queues.prune(p_task queues.housekeeping, p_queue text, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_function regproc := queues.registered_function(p_task.kind, p_task.key, p_task.function);
  v_removed integer;
begin
  if p_task.kind = 'prune_queue' then
    execute format('select %s($1, $2)', v_function) into v_removed using p_queue, p_limit;
  else
    execute format('select %s($1)', v_function) into v_removed using p_limit;
  end if;
  return coalesce(v_removed, 0);
end $$;
comment on function queues.prune(queues.housekeeping, text, integer) is
  'Removes up to p_limit old rows and returns how many.';
revoke all on function queues.prune(queues.housekeeping, text, integer) from public;

create function queues.cleanup_step() returns integer
language plpgsql
set search_path = ''
-- Somebody who holds a lock on one table must not stop the others.
set lock_timeout = '2s'
as $$
declare
  c_rows constant integer := 5000;
  v_cleanup queues.cleanups;
  v_target record;
  v_removed integer;
  v_left integer := c_rows;
  v_all_tried boolean := true;
begin
  -- Of two concurrent dispatchers, one does the step.
  select * into v_cleanup from queues.cleanups where finished_at is null for update skip locked;

  for v_target in
    select t.*, coalesce(v_cleanup.errors ? t.name, false) as has_failed
    from (
      -- Every step folds; the rest is for the steps of a round.
      select 0 as position, 'queues.settlements' as name, queue, null::queues.housekeeping as task from queues.settings
      union all
      select 0, key, null, h from queues.housekeeping h where kind = 'fold'
      union all
      select h.position, replace(h.key, '{queue}', coalesce(s.queue, '')), s.queue, h
      from queues.housekeeping h left join queues.settings s on h.kind = 'prune_queue'
      where v_cleanup.id is not null and h.kind in ('prune', 'prune_queue')
    ) t
    -- What has failed in this round comes last: it may use up the time of the step.
    order by has_failed, t.position, t.queue
  loop
    begin
      if v_target.task is null then
        perform queues.fold_hours(v_target.queue, c_rows);
        continue;
      end if;
      if (v_target.task).kind = 'fold' then
        perform queues.prune(v_target.task, null, c_rows);
        continue;
      end if;
      v_removed := queues.prune(v_target.task, v_target.queue, v_left);
      v_left := v_left - v_removed;
      if v_removed > 0 then
        v_cleanup.removed := v_cleanup.removed || jsonb_build_object(
          v_target.name, coalesce((v_cleanup.removed -> v_target.name)::bigint, 0) + v_removed);
      end if;
    exception
      when query_canceled then
        -- Out of time: what was removed before is kept, and the next step goes on with the others.
        v_all_tried := v_target.has_failed;
        v_cleanup.errors := v_cleanup.errors || jsonb_build_object(v_target.name, sqlerrm);
        exit;
      when others then
        -- An error must not stop the calls of this tick or other tables.
        raise warning 'housekeeping of % failed: %', v_target.name, sqlerrm;
        v_cleanup.errors := v_cleanup.errors || jsonb_build_object(v_target.name, sqlerrm);
    end;
    exit when v_left <= 0;
  end loop;

  update queues.cleanups
  set removed = v_cleanup.removed, errors = v_cleanup.errors,
    finished_at = case when v_left = c_rows and v_all_tried then clock_timestamp() end
  where id = v_cleanup.id;
  return c_rows - v_left;
end $$;
comment on function queues.cleanup_step() is
  'One step of housekeeping: folds the numbers of past hours and, while a round is under way, removes up to 5000 old '
  'rows. Returns how many. The round ends with the step that finds none.';
revoke all on function queues.cleanup_step() from public;
