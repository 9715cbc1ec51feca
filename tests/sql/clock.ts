/** A clock that a test sets, for the SQL functions and the defaults of one database. */
import type connect from "postgres";
import { type Database, query } from "../../local/stack/database.ts";

/**
 * Replaces `now()` and `clock_timestamp()`. Functions look them up when they run; defaults are bound to the originals, so
 * they are defined again. Each session has to set its clock before it reads the time.
 */
export async function stopClock(database: Database): Promise<void> {
  await query(database.adminUrl, (sql) =>
    sql.unsafe(`
      alter function pg_catalog.now() rename to real_now;
      alter function pg_catalog.clock_timestamp() rename to real_clock_timestamp;
      create function pg_catalog.now() returns timestamptz language sql stable
        as $$ select pg_catalog.current_setting('test.now')::timestamptz $$;
      create function pg_catalog.clock_timestamp() returns timestamptz language sql volatile
        as $$ select pg_catalog.current_setting('test.now')::timestamptz $$;
      do $$
      declare
        v_default record;
      begin
        for v_default in
          select adrelid::regclass as relation, attname, pg_get_expr(adbin, adrelid) as expression
          from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
          where pg_get_expr(adbin, adrelid) ~ 'real_(now|clock_timestamp)'
        loop
          execute format('alter table %s alter %I set default %s',
            v_default.relation, v_default.attname, replace(v_default.expression, 'real_', ''));
        end loop;
      end $$;
    `));
}

/** Sets the clock of a session, in microseconds after `at`. */
export async function setClock(sql: connect.Sql, at: string, us = 0): Promise<void> {
  // As JSON has it: a time as text depends on the session.
  await sql`select set_config('test.now',
    to_json(${at}::text::timestamptz + ${us} * interval '1 microsecond') #>> '{}', false)`;
}

/**
 * Replaces the clock as stopClock does, with one that stands at `at` but for a microsecond per look at it, for all sessions.
 * What a test does then takes no longer on a slow machine, and is done at the same time of the same day. The server was
 * started an hour before.
 */
export async function countClock(database: Database, at: string): Promise<void> {
  await stopClock(database);
  const epoch = Date.parse(at) / 1000;
  await query(database.adminUrl, (sql) =>
    sql.unsafe(`
      create schema test_clock;
      grant usage on schema test_clock to public;
      -- Not part of transactions, so that a rollback does not put the clock back.
      create sequence test_clock.us;
      grant all on sequence test_clock.us to public;
      create or replace function pg_catalog.now() returns timestamptz language sql stable
        as $$ select pg_catalog.to_timestamp(${epoch}) $$;
      create or replace function pg_catalog.clock_timestamp() returns timestamptz language sql volatile
        as $$ select pg_catalog.to_timestamp(${epoch}) + interval '1 microsecond'
          * case pg_catalog.current_setting('transaction_read_only') when 'on' then (select last_value from test_clock.us)
            else pg_catalog.nextval('test_clock.us') end $$;
      alter function pg_catalog.pg_postmaster_start_time() rename to real_pg_postmaster_start_time;
      create function pg_catalog.pg_postmaster_start_time() returns timestamptz language sql stable
        as $$ select pg_catalog.to_timestamp(${epoch - 3600}) $$;
    `));
}

/** Puts the clock of countClock forward. now() stays. */
export async function passTime(sql: connect.Sql, secs: number): Promise<void> {
  await sql`select setval('test_clock.us', nextval('test_clock.us') + ${secs * 1_000_000}::bigint)`;
}

/** Replaces the clock as stopClock does, with one that runs, and that `stepClock` puts forward or back for all sessions. */
export async function runClock(database: Database): Promise<void> {
  await stopClock(database);
  await query(database.adminUrl, (sql) =>
    sql.unsafe(`
      -- Not part of transactions, so that a step takes effect at once.
      create sequence public.clock_offset_ms minvalue -1000000000 start 0;
      grant all on sequence public.clock_offset_ms to public;
      create or replace function pg_catalog.clock_timestamp() returns timestamptz language plpgsql volatile
        as $$ begin
          return pg_catalog.real_clock_timestamp()
            + (select last_value from public.clock_offset_ms) * interval '1 millisecond';
        end $$;
      create or replace function pg_catalog.now() returns timestamptz language plpgsql stable
        as $$ begin
          return pg_catalog.real_now() + (select last_value from public.clock_offset_ms) * interval '1 millisecond';
        end $$;
    `));
}

export async function stepClock(sql: connect.Sql, ms: number): Promise<void> {
  await sql`select setval('public.clock_offset_ms', (select last_value from public.clock_offset_ms) + ${ms})`;
}
