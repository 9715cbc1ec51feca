/** The time from a like to its notification, with and without the wake-up of workers. */
import type postgres from "postgres";
import type { Stack } from "../stack/stack.ts";
import { sleep } from "./parts.ts";
import { heading, row } from "./table.ts";

/** A like a second on average, at random times, so that ticks come at every phase. */
const SPACING_MS = 1_000;
/** Two queues, a tick each, and a worker that starts. */
const DEADLINE_MS = 60_000;

/**
 * Likes over HTTP with the scheduler as the migrations set it up. Needs a stack with track_commit_timestamp: the time is
 * from the commit of the like to the commit of the notification.
 */
export async function latency(stack: Stack, sql: postgres.Sql, likes: number): Promise<void> {
  heading(`seconds from a like to its notification, ${likes} likes, a tick every 10 seconds`, [
    "p50",
    "p95",
    "slowest",
    "calls of workers",
  ]);
  await sql`update queues.rate_limits set enabled = false`;
  stack.scheduler.start();
  for (const wakes of [true, false]) {
    await sql`update queues.settings set wakes = ${wakes} where function_name ~ 'like|notification'`;
    // Warms up processes and caches.
    await run(stack, sql, 1);
    await sql`truncate queues.dispatches`;
    const posts = await run(stack, sql, likes);
    const [found] = await sql<{ secs: number[]; calls: number }[]>`
      select percentile_cont('{0.5,0.95,1}'::float8[]) within group (order by extract(epoch from settled - liked)) as secs,
        (select count(*)::integer from queues.dispatches where queue in ('like_events', 'notifications')) as calls
      from (
        select pg_xact_commit_timestamp(r.xmin) as liked, pg_xact_commit_timestamp(n.xmin) as settled
        from public.post_ratings r join public.notifications n on (n.data ->> 'post_id')::uuid = r.post_id
        where r.post_id = any (${posts}::uuid[])
      ) l`;
    row(wakes ? "with the wake-up" : "without", [...found!.secs.map((secs) => secs.toFixed(2)), `${found!.calls}`]);
  }
}

/** Likes new posts, and returns them once each has its notification. */
async function run(stack: Stack, sql: postgres.Sql, likes: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with owner as (
      insert into public.profiles (id, username) values (gen_random_uuid(), gen_random_uuid()::text) returning id
    )
    insert into public.posts_new (profile_id) select id from owner, generate_series(1, ${likes}::integer) returning id`;
  const posts = rows.map(({ id }) => id);
  await Promise.all(posts.map(async (post, n) => {
    await sleep(SPACING_MS * (n + Math.random()));
    await like(stack, post);
  }));
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const [{ count }] = await sql`
      select count(*)::integer as count from public.notifications
      where (data ->> 'post_id')::uuid = any (${posts}::uuid[])` as unknown as [{ count: number }];
    if (count === likes) return posts;
    if (performance.now() > deadline) throw new Error(`${likes} likes caused ${count} notifications`);
    await sleep(500);
  }
}

async function like(stack: Stack, post: string): Promise<void> {
  const response = await fetch(`${stack.url}/rest/v1/rpc/toggle_post_like`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ p_post_id: post, p_session_id: "session" }),
  });
  const answer = await response.json();
  if (!answer.success) throw new Error(`a like failed with ${response.status}: ${JSON.stringify(answer)}`);
}
