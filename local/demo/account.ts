/** The demo's account: what the queues did, and whether every event was processed exactly once. */
import type postgres from "postgres";
import { query } from "../stack/database.ts";
import type { Stack } from "../stack/stack.ts";
import type { Traffic } from "./traffic.ts";

export interface Check {
  what: string;
  expected: number;
  found: number;
}

export interface Account {
  checks: Check[];
  posts: { likes: number; ratings: number };
  runs: {
    queue: string;
    runs: number;
    unfinished: number;
    claimed: number;
    processed: number;
    retried: number;
    deadLettered: number;
  }[];
  /** Messages that were claimed again after their worker was killed. */
  claimedAgain: number;
  deadLetters: { queue: string; reason: string; count: number; example: string }[];
  messagesPerSec: number;
}

export async function account(stack: Stack, traffic: Traffic): Promise<Account> {
  return await query(stack.databaseUrl, async (sql) => ({
    checks: await checks(sql, traffic),
    ...await facts(sql),
  }));
}

async function checks(sql: postgres.Sql, traffic: Traffic): Promise<Check[]> {
  // An event of a deleted post is kept without its reference to the post.
  const toggles = traffic.toggles.map(({ isLiked, postId, sessionId }) =>
    `${isLiked} ${postId === traffic.deletedPostId ? "gone" : postId} ${sessionId}`
  );
  const likes = traffic.toggles.filter((toggle) => toggle.isLiked).length;
  const events = await sql<{ key: string }[]>`
    select concat((event_type = 'like')::text, ' ', coalesce(post_id::text, 'gone'), ' ', session_id) as key
    from public.analytics_events`;
  const [found] = await sql<Record<string, number>[]>`
    select
      (select count(*) from pgmq.a_like_events)::int as archived,
      (select sum(count) from public.analytics_daily where event_type = 'like')::int as likes,
      (select sum(count) from public.analytics_daily where event_type = 'unlike')::int as unlikes,
      (select coalesce(sum(actor_count), 0) from public.notifications where withdrawn_at is null)::int as told,
      -- By the last toggle of each pair.
      (select count(*) from (
        select distinct on (message ->> 'post_id', coalesce(message ->> 'liker_profile_id', message ->> 'liker_session_id'))
          message
        from pgmq.a_like_events
        order by message ->> 'post_id', coalesce(message ->> 'liker_profile_id', message ->> 'liker_session_id'),
          (message ->> 'timestamp')::timestamptz desc) last
        where message ->> 'event_type' = 'like'
          and message ->> 'post_owner_id' <> coalesce(message ->> 'liker_profile_id', ''))::int as liked,
      (select count(*) from pgmq.a_notifications)::int as notified,
      (select count(*) from public.post_images where status = 'ready' and jsonb_array_length(variants) = 3)::int as pictures,
      (select count(*) from public.posts_new p
        where likes <> (select count(*) from public.post_ratings where post_id = p.id))::int as miscounted,
      (select count(*) from (select message from pgmq.q_like_events_dlq union all
        select message from pgmq.q_notifications_dlq union all select message from pgmq.q_analytics_dlq) d)::int as dead,
      (select count(*) from (select msg_id from pgmq.q_like_events union all
        select msg_id from pgmq.q_notifications union all select msg_id from pgmq.q_analytics) q)::int as left`;
  return [
    { what: "successful toggles and archived messages", expected: toggles.length, found: found!.archived! },
    { what: "toggles without exactly one analytics event", expected: 0, found: difference(toggles, events) },
    { what: "likes counted for the day", expected: likes, found: found!.likes! },
    { what: "unlikes counted for the day", expected: toggles.length - likes, found: found!.unlikes! },
    {
      what: "likes of other people's posts, and likes in notifications",
      expected: found!.liked!,
      found: found!.told!,
    },
    { what: "pictures with all variants", expected: 1, found: found!.pictures! },
    { what: "invalid messages and dead letters", expected: traffic.poison, found: found!.dead! },
    { what: "messages left in the queues", expected: 0, found: found!.left! },
    { what: "posts whose like count differs from their ratings", expected: 0, found: found!.miscounted! },
  ];
}

/** The number of elements of two multisets without a counterpart in the other. */
function difference(expected: string[], found: { key: string }[]): number {
  const balance = new Map<string, number>();
  const add = (key: string, step: number) => balance.set(key, (balance.get(key) ?? 0) + step);
  for (const key of expected) add(key, 1);
  for (const { key } of found) add(key, -1);
  return [...balance.values()].reduce((sum, count) => sum + Math.abs(count), 0);
}

async function facts(sql: postgres.Sql): Promise<Omit<Account, "checks">> {
  const runs = await sql<Account["runs"]>`
    select queue, count(*)::int as runs, count(*) filter (where finished_at is null)::int as unfinished,
      sum(claimed)::int as claimed, sum(processed)::int as processed, sum(retried)::int as retried,
      sum(dead_lettered)::int as "deadLettered"
    from queues.runs where claimed > 0 or dead_lettered > 0
    group by queue order by min(started_at)`;
  const deadLetters = await sql<Account["deadLetters"]>`
    select message ->> 'queue' as queue, message ->> 'reason' as reason, count(*)::int, min(message ->> 'error') as example
    from (select message from pgmq.q_like_events_dlq union all
      select message from pgmq.q_notifications_dlq union all select message from pgmq.q_analytics_dlq) d
    group by 1, 2 order by 1, 3 desc`;
  const [totals] = await sql<{ claimedAgain: number; messagesPerSec: number; likes: number; ratings: number }[]>`
    select
      (select count(*) from (select read_ct from pgmq.a_like_events union all
        select read_ct from pgmq.a_notifications union all select read_ct from pgmq.a_analytics) a
        where read_ct > 1)::int as "claimedAgain",
      (select sum(processed + dead_lettered) from queues.runs)::int
        / (select greatest(0.001, extract(epoch from max(last_seen_at) - min(started_at))) from queues.runs
          where claimed > 0)::float as "messagesPerSec",
      (select sum(likes) from public.posts_new)::int as likes,
      (select count(*) from public.post_ratings)::int as ratings`;
  const { claimedAgain, messagesPerSec, likes, ratings } = totals!;
  return { runs, deadLetters, claimedAgain, messagesPerSec, posts: { likes, ratings } };
}
