/** Whether each like had each of its effects exactly once, and its push at least once. */
import type connect from "postgres";
import type { Providers } from "../../../local/providers/providers.ts";
import type { Stack } from "../../../local/stack/stack.ts";
import type { Likes } from "./traffic.ts";

const DRAIN_MS = 300_000;

/** Waits until the queues are empty. Returns what is wrong, in words. */
export async function account(stack: Stack, sql: connect.Sql, likes: Likes, providers: Providers): Promise<string[]> {
  await drained(sql);
  await stack.scheduler.stop();
  const rows = await sql<{ post: string }[]>`select post_id as post from public.post_ratings`;
  const liked = new Set(rows.map(({ post }) => post));
  const [found] = await sql`
    select (select count(*)::int from pgmq.a_like_events) as archived,
      (select count(*)::int from public.analytics_events where event_type = 'like') as events,
      (select count(distinct post_id)::int from public.analytics_events where event_type = 'like') as "posts with an event",
      (select coalesce(sum(count), 0)::int from public.analytics_daily where event_type = 'like') as "counted for the day",
      (select count(*)::int from public.notifications) as notifications,
      (select count(distinct data ->> 'post_id')::int from public.notifications) as "posts with a notification",
      (select count(*)::int from queues.notification_deliveries where channel = 'push' and status = 'sent') as pushes`;
  const [dead] = await sql`
    select (select count(*) from pgmq.q_like_events_dlq) + (select count(*) from pgmq.q_notifications_dlq)
      + (select count(*) from pgmq.q_analytics_dlq) + (select count(*) from pgmq.q_deliveries_dlq) as letters`;
  const arrived = providers.log.arrivals("fcm").size;
  const lost = likes.accepted.filter((post) => !liked.has(post)).length;
  const strangers = liked.size - likes.accepted.length - likes.unanswered.filter((post) => liked.has(post)).length +
    lost;
  return [
    ...lost > 0 ? [`${lost} likes that were accepted are not in post_ratings`] : [],
    ...strangers !== 0 ? [`${strangers} likes are in post_ratings that nobody sent`] : [],
    ...Object.entries({ ...found, "pushes at the provider": arrived }).flatMap(([what, count]) =>
      count === liked.size ? [] : [`${what}: ${count} for ${liked.size} likes`]
    ),
    ...Number(dead!.letters) > 0 ? [`${dead!.letters} dead letters`] : [],
  ];
}

async function drained(sql: connect.Sql): Promise<void> {
  const ends = performance.now() + DRAIN_MS;
  for (;;) {
    const [row] = await sql`
      select (select count(*) from pgmq.q_like_events)::int + (select count(*) from pgmq.q_notifications)::int
        + (select count(*) from pgmq.q_deliveries)::int + (select count(*) from pgmq.q_analytics)::int as left`;
    if (row!.left === 0) return;
    if (performance.now() > ends) throw new Error(`${row!.left} messages are still in the queues`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
