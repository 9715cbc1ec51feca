/** The messages of the benchmark, stored beside the queue, so that every run drains the same ones. */
import type postgres from "postgres";

/**
 * Creates table bench.messages: likes, unlikes and views of several hundred posts, some popular, by about a thousand
 * sessions, a third of them signed in, over three days. The same in every run.
 */
export async function makeMessages(sql: postgres.Sql, count: number): Promise<void> {
  await sql`create schema bench`;
  await sql`select setseed(0.5)`;
  await sql`
    insert into public.profiles (id, username)
    select md5('profile ' || n)::uuid, 'person ' || n from generate_series(1, 200) n`;
  await sql`
    insert into public.posts_new (id, profile_id, caption)
    select md5('post ' || n)::uuid, md5('profile ' || 1 + n % 200)::uuid, 'Photo ' || n from generate_series(1, 500) n`;
  await sql`
    create table bench.messages as
    select n, jsonb_strip_nulls(jsonb_build_object(
      'event', case when kind < 0.5 then 'like' when kind < 0.6 then 'unlike' else 'post_view' end,
      'post_id', md5('post ' || post)::uuid,
      'session_id', md5('session ' || session)::uuid,
      'profile_id', case when session % 3 = 0 then md5('profile ' || 1 + session % 200)::uuid end,
      'new_count', (random() * 500)::integer,
      'timestamp', now() - interval '3 days' * (1 - n / ${count}::float8))) as message
    from (
      select n, random() as kind, 1 + floor(500 * random() ^ 2)::integer as post, (random() * 5000)::integer as session
      from generate_series(1, ${count}::integer) n
    ) events`;
  // The expected result of the floor and of our path.
  await sql`
    create table bench.expected_events as
    select message ->> 'event' as event_type, (message ->> 'post_id')::uuid as post_id, message ->> 'session_id' as session_id,
      (message ->> 'profile_id')::uuid as profile_id,
      message - '{event,post_id,session_id,profile_id,timestamp}'::text[] as metadata,
      (message ->> 'timestamp')::timestamptz as created_at
    from bench.messages`;
}

/** Fills the queue, and removes the results of earlier runs. */
export async function refill(sql: postgres.Sql): Promise<void> {
  await sql`truncate pgmq.q_analytics, pgmq.a_analytics, public.analytics_events, public.analytics_daily, queues.trending_hours,
    queues.trending_ranks, queues.runs`;
  await sql`
    select count(*)
    from (select array_agg(message order by n) as messages from bench.messages group by n / 1000 order by n / 1000) m,
      pgmq.send_batch('analytics', messages)`;
  // Every run starts with statistics and without dirty pages.
  await sql`vacuum (analyze) pgmq.q_analytics`;
  await sql`vacuum (analyze) public.analytics_events`;
  await sql`checkpoint`;
}

/** Claims messages, and returns the bytes that a function gets. */
export async function claimBytes(sql: postgres.Sql, limit: number): Promise<Uint8Array> {
  const [row] = await sql<{ claim: string }[]>`select public.claim_messages('analytics', ${limit})::text as claim`;
  return new TextEncoder().encode(row!.claim);
}
