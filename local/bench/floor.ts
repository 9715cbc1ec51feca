/**
 * The floor: the minimum for Postgres to move the messages from the queue to a table, in a procedure without our code. It
 * does not count, validate, or detect a message that was read twice.
 */
import type postgres from "postgres";

export async function createFloor(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    create procedure bench.floor(p_batch_size integer) language plpgsql as $$
    declare
      v_msg_ids bigint[];
    begin
      loop
        with claimed as materialized (
          select msg_id, message from pgmq.read('analytics', 60, p_batch_size)
        ), stored as (
          insert into public.analytics_events (event_type, post_id, session_id, profile_id, metadata, created_at)
          select message ->> 'event', (message ->> 'post_id')::uuid, message ->> 'session_id',
            (message ->> 'profile_id')::uuid,
            message - '{event,post_id,session_id,profile_id,timestamp}'::text[], (message ->> 'timestamp')::timestamptz
          from claimed
        )
        select array_agg(msg_id) into v_msg_ids from claimed;
        exit when v_msg_ids is null;
        perform pgmq.delete('analytics', v_msg_ids);
        commit;
      end loop;
    end $$`);
}

/** Empties the queue. */
export async function runFloor(sql: postgres.Sql, batchSize: number): Promise<void> {
  await sql`call bench.floor(${batchSize})`;
}
