/** Checks that a run did all of its work. */
import type postgres from "postgres";

/** Throws unless every message became one event and left the queue as configured. */
export async function verify(sql: postgres.Sql, { counts, archives }: { counts: boolean; archives: boolean }) {
  const [found] = await sql<Record<string, number>[]>`
    with stored as (
      select event_type, post_id, session_id, profile_id, metadata, created_at from public.analytics_events
    ), expected_counters as (
      select (created_at at time zone 'UTC')::date as day, event_type, post_id, count(*) from bench.expected_events
      where ${counts} group by 1, 2, 3
    ), counters as (
      select day, event_type, post_id, count from public.analytics_daily
    )
    select
      (select count(*) from (select * from bench.expected_events except all select * from stored) m)::integer
        as "events missing",
      (select count(*) from (select * from stored except all select * from bench.expected_events) m)::integer
        as "events too many",
      (select count(*) from (select * from expected_counters except select * from counters) m)::integer
        as "counters missing or wrong",
      (select count(*) from (select * from counters except select * from expected_counters) m)::integer
        as "counters too many",
      (select count(*) from pgmq.q_analytics)::integer as "messages left in the queue",
      (select count(*) from pgmq.q_analytics_dlq)::integer as "dead letters",
      (select abs((select count(*) from bench.messages where ${archives}) - (select count(*) from pgmq.a_analytics)))::integer
        as "archived messages missing or too many"`;
  const wrong = Object.entries(found!).filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  if (wrong.length > 0) throw new Error(`the run is incomplete: ${wrong.join(", ")}`);
}
