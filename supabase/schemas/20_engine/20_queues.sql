-- A queue is a pgmq queue, a second pgmq queue for its dead letters, and a row of settings.

create function queues.create_queue(p_queue text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
begin
  if not exists (select from queues.settings where queue = p_queue) then
    raise exception 'queue `%` has no settings', p_queue
      using hint = 'insert its row into queues.settings first';
  end if;

  foreach v_name in array array[p_queue, p_queue || '_dlq'] loop
    perform pgmq.create(v_name);
  end loop;

  -- Every message soon leaves three dead rows at the front of the index, where each claim starts to scan.
  execute format(
    'alter table pgmq.%I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)',
    'q_' || p_queue);
end $$;
comment on function queues.create_queue(text) is
  'Creates the queue of a row of queues.settings, and <queue>_dlq for its dead letters. May be repeated.';
revoke all on function queues.create_queue(text) from public;

create function queues.missing_tables(p_queue text) returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select string_agg(name, ', ' order by name)
    from unnest(array['q_', 'a_']) kind, unnest(array['', '_dlq']) suffix, concat('pgmq.', kind, p_queue, suffix) name
    where to_regclass(name) is null);
end $$;
comment on function queues.missing_tables(text) is 'The pgmq tables that a queue lacks; null if it has them all.';
revoke all on function queues.missing_tables(text) from public;

create function queues.existing_queue(p_queue text) returns queues.settings
language plpgsql
stable
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_missing text := queues.missing_tables(p_queue);
begin
  if v_missing is not null then
    raise sqlstate 'PT404' using
      message = format('queue `%s` was dropped: %s missing', p_queue, v_missing),
      hint = format('select queues.create_queue(%L), or delete its row from queues.settings', p_queue);
  end if;
  return v_settings;
end $$;
comment on function queues.existing_queue(text) is
  'The settings of a queue. Raises PT404 if the queue is unknown or was dropped.';
revoke all on function queues.existing_queue(text) from public;

create function queues.backlog(p_queue text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_backlog integer;
begin
  -- As a parameter, the time can be compared by the index on vt; a volatile call cannot.
  execute format('select count(*) from (select from pgmq.%I where vt <= $1 limit 1000) visible', 'q_' || p_queue)
    into v_backlog using clock_timestamp();
  return v_backlog;
end $$;
comment on function queues.backlog(text) is 'Visible messages of a queue, counted up to 1000.';
revoke all on function queues.backlog(text) from public;
