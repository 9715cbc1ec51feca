-- A queue is a pgmq queue, a second pgmq queue for its dead letters, and a row of settings. Data-only restores and logical
-- replication do not carry sequences, so the ids of messages may begin anew: they are moved past those in use.

create function queues.sequence_of(p_name text) returns regclass
language plpgsql
stable
set search_path = ''
as $$
begin
  return pg_get_serial_sequence(format('pgmq.%I', 'q_' || p_name), 'msg_id')::regclass;
end $$;
comment on function queues.sequence_of(text) is 'The sequence that gives the messages of a pgmq queue their ids.';
revoke all on function queues.sequence_of(text) from public;

create function queues.next_id(p_name text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_sequence regclass := queues.sequence_of(p_name);
  v_next bigint;
begin
  if v_sequence is null then
    raise sqlstate 'PT500' using
      message = format('the column msg_id of pgmq.%I is no identity any more, so messages get no ids', 'q_' || p_name),
      hint = format('alter table pgmq.%I alter column msg_id add generated always as identity; select queues.move_ids(%L)',
        'q_' || p_name, p_name);
  end if;
  execute format('select last_value + is_called::integer from %s', v_sequence) into v_next;
  return v_next;
end $$;
comment on function queues.next_id(text) is 'The id that the next message of a pgmq queue gets, if its sequence is not moved.';
revoke all on function queues.next_id(text) from public;

create function queues.taken_id(p_name text, p_next bigint) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_taken bigint;
  v_letter_taken bigint;
begin
  execute format($sql$
    select greatest(
      (select max(msg_id) from pgmq.%1$I where msg_id >= $1),
      (select max(msg_id) from pgmq.%2$I where msg_id >= $1))
    $sql$, 'q_' || p_name, 'a_' || p_name)
  into v_taken using p_next;

  -- The newest dead letter stands for all of them.
  if to_regclass(format('pgmq.%I', 'q_' || p_name || '_dlq')) is not null then
    execute format($sql$
      select substring(message ->> 'msg_id' from '^\d{1,18}$')::bigint from pgmq.%I order by msg_id desc limit 1
      $sql$, 'q_' || p_name || '_dlq')
    into v_letter_taken;
    if v_letter_taken >= p_next then
      v_taken := greatest(v_taken, v_letter_taken);
    end if;
  end if;
  -- Others send meanwhile: an id that was seen above and that the sequence has passed by now came from there.
  return case when v_taken >= queues.next_id(p_name) then v_taken end;
end $$;
comment on function queues.taken_id(text, bigint) is
  'The highest id from p_next on that a message of a pgmq queue has, or of its archive, or that its newest dead letter had; '
  'null if its sequence is not behind.';
revoke all on function queues.taken_id(text, bigint) from public;

create function queues.letters_taken_id(p_name text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_taken bigint;
begin
  if to_regclass(format('pgmq.%I', 'q_' || p_name || '_dlq')) is null
    or to_regclass(format('pgmq.%I', 'a_' || p_name || '_dlq')) is null then
    return null;
  end if;
  execute format($sql$
    select max((message ->> 'msg_id')::bigint)
    from (select message from pgmq.%1$I union all select message from pgmq.%2$I) l
    where message ->> 'queue' = $1 and message ->> 'msg_id' ~ '^\d{1,18}$'
    $sql$, 'q_' || p_name || '_dlq', 'a_' || p_name || '_dlq')
  into v_taken using p_name;
  return v_taken;
end $$;
comment on function queues.letters_taken_id(text) is
  'The highest id that a message of a queue had before it became a dead letter. Reads all dead letters.';
revoke all on function queues.letters_taken_id(text) from public;

create function queues.move_ids(p_name text) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- So many ids that no producers use them up between two statements.
  c_far constant integer := 10000;
  v_next bigint;
  v_taken bigint;
begin
  -- One at a time, so that nobody moves it back. Sequences are not part of transactions, so this sees what others did.
  perform pg_advisory_xact_lock(hashtextextended('queues.move_ids', 0) # hashtextextended(p_name, 0));
  v_taken := greatest(
    queues.taken_id(p_name, queues.next_id(p_name)), queues.letters_taken_id(p_name),
    (select max(msg_id) from queues.failures where queue = p_name));
  -- Read last, as in taken_id.
  v_next := queues.next_id(p_name);
  if v_taken >= v_next then
    raise warning 'the ids of queue `%` began anew at %: they go on after %', p_name, v_next, v_taken;
    -- setval would move it back if producers have passed v_taken meanwhile; nextval only goes on.
    if v_taken - v_next < c_far then
      perform nextval(queues.sequence_of(p_name)) from generate_series(v_next, v_taken);
    else
      perform setval(queues.sequence_of(p_name), v_taken);
    end if;
  end if;
end $$;
comment on function queues.move_ids(text) is
  'Moves the sequence of a pgmq queue past the ids of its messages, its archive, its dead letters and its failures.';
revoke all on function queues.move_ids(text) from public;

create function queues.keep_ids_fresh() returns trigger
language plpgsql
-- Whoever may send a message need not be able to move the sequence.
security definer
set search_path = ''
as $$
declare
  -- The comparison costs more than a message. A session makes it once in this time, unless the sequence goes back.
  c_compared_for constant interval := interval '10 seconds';
  v_name text := substr(tg_table_name, 3);
  v_setting text := 'compared_ids.' || tg_table_name;
  v_compared text := nullif(current_setting(v_setting, true), '');
  v_last bigint := pg_sequence_last_value(tg_argv[0]::regclass);
begin
  if v_last >= split_part(v_compared, ' ', 1)::bigint
    and clock_timestamp() < to_timestamp(split_part(v_compared, ' ', 2)::float8) + c_compared_for then
    return null;
  end if;
  if queues.taken_id(v_name, coalesce(v_last, 0) + 1) is not null then
    perform queues.move_ids(v_name);
    v_last := pg_sequence_last_value(tg_argv[0]::regclass);
  end if;
  perform set_config(v_setting, concat(coalesce(v_last, 0), ' ', extract(epoch from clock_timestamp())), false);
  return null;
exception
  when others then
    -- A producer does not need a table that only this reads.
    raise warning 'the ids of pgmq.% were not compared: %', tg_table_name, sqlerrm;
    return null;
end $$;
comment on function queues.keep_ids_fresh() is
  'Moves the sequence of a pgmq queue before messages get ids that are taken, so that no producer fails.';
revoke all on function queues.keep_ids_fresh() from public;

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
    execute format(
      'create or replace trigger keep_ids_fresh before insert on pgmq.%I '
      'for each statement execute function queues.keep_ids_fresh(%L)', 'q_' || v_name,
      queues.sequence_of(v_name));
  end loop;
  -- Always: also while a replica or a restore writes. See queues.marks.
  execute format(
    'create or replace trigger stay_above_mark before insert or update of vt on pgmq.%1$I for each row '
    'when (new.vt < clock_timestamp() - interval ''100 milliseconds'') execute function queues.stay_above_mark(); '
    'alter table pgmq.%1$I enable always trigger stay_above_mark', 'q_' || p_queue);
  -- The dead letters first: their ids are in their own queue, those of the messages in both.
  perform queues.move_ids(p_queue || '_dlq');
  perform queues.move_ids(p_queue);

  -- Every message soon leaves three dead rows at the front of the index, where each claim starts to scan.
  execute format(
    'alter table pgmq.%I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)',
    'q_' || p_queue);
end $$;
comment on function queues.create_queue(text) is
  'Creates the queue of a row of queues.settings, and <queue>_dlq for its dead letters, and moves their ids past those in '
  'use. May be repeated.';
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

create function queues.ids_problem(p_queue text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
  v_next bigint;
  v_taken bigint;
begin
  foreach v_name in array array[p_queue, p_queue || '_dlq'] loop
    v_next := queues.next_id(v_name);
    v_taken := queues.taken_id(v_name, v_next);
    if v_taken is not null then
      return format('the sequence of pgmq.q_%s is behind: its next id is %s, and ids up to %s are taken', v_name, v_next, v_taken);
    end if;
  end loop;
  return null;
end $$;
comment on function queues.ids_problem(text) is 'Says which sequence of a queue is behind; null if none is.';
revoke all on function queues.ids_problem(text) from public;

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
