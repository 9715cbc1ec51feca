/** Trending posts and the daily report over many events: what they read and how long they take. */
import connect from "postgres";
import type { Stack } from "../stack/stack.ts";
import { median } from "./table.ts";

const POSTS = 100_000;
const SESSIONS = 500_000;

/** Prints the plan and the time of `trending_posts` and the time of `report_day`, with `count` events of 30 days. */
export async function analytics(stack: Stack, events: number): Promise<void> {
  let plans: string[] = [];
  // As the superuser, who may log the plans inside of a function.
  const sql = connect(stack.adminDatabaseUrl, {
    max: 1,
    onnotice: ({ message }) => message?.includes("plan:") && plans.push(message),
  });
  try {
    const loadSecs = await seconds(() => load(sql, events));
    const [{ hours, size }] = await sql`
      select (select count(*)::integer from queues.trending_hours) as hours,
        pg_size_pretty(pg_total_relation_size('public.analytics_events')) as size` as unknown as [
      { hours: number; size: string },
    ];
    console.log(
      `\n${events} events of 30 days on ${POSTS} posts (${size}), ${hours} of their hours, loaded in ${
        loadSecs.toFixed(0)
      } s`,
    );
    for (const window of ["1 hour", "24 hours", "7 days", "30 days"]) {
      const times: number[] = [];
      for (let n = 0; n < 5; n++) {
        times.push(1_000 * await seconds(() => sql`select * from public.trending_posts(${window}::interval, 20)`));
      }
      const [row] = await sql<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }[]>`
        explain (analyze, buffers, format json) select * from public.trending_posts(${window}::interval, 20)`;
      const plan = row!["QUERY PLAN"][0].Plan;
      const buffers = plan["Shared Hit Blocks"]! + plan["Shared Read Blocks"]!;
      console.log(
        `trending_posts('${window}', 20): ${plan["Actual Rows"]} posts, ${
          median(times).toFixed(1)
        } ms, ${buffers} buffers`,
      );
    }

    await sql`load 'auto_explain'`;
    await sql`select set_config(name, value, false) from (values
      ('auto_explain.log_min_duration', '0'), ('auto_explain.log_nested_statements', 'on'), ('auto_explain.log_analyze', 'on'),
      ('auto_explain.log_buffers', 'on'), ('auto_explain.log_timing', 'off'), ('client_min_messages', 'log')) s (name, value)`;
    plans = [];
    await sql`select * from public.trending_posts('24 hours', 20)`;
    await sql`set client_min_messages = warning`;
    const last = plans.findLast((plan) => plan.includes("candidates"))!;
    console.log(`the plan of its last look at the candidates:\n${last.slice(last.indexOf("Aggregate"))}`);

    const [{ day, count }] = await sql`
      select day::text, sum(count)::integer as count from public.analytics_daily
      group by day order by sum(count) desc limit 1` as unknown as [{ day: string; count: number }];
    const reportSecs = await seconds(() => sql`select queues.report_day(${day}::date)`);
    console.log(`report_day of the busiest day, ${count} events: ${reportSecs.toFixed(2)} s`);
  } finally {
    await sql.end();
  }
}

/** Inserts events with the counters that their settlements would have made. */
async function load(sql: connect.Sql, events: number): Promise<void> {
  await sql`truncate public.analytics_events, public.analytics_daily, queues.trending_hours, queues.trending_ranks`;
  await sql`
    insert into public.posts_new (id) select md5('post ' || n)::uuid from generate_series(1, ${POSTS}::integer) n
    on conflict do nothing`;
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid = 'public.analytics_events'::regclass and not indisprimary`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    // Old and new posts, some popular, most events soon after the post.
    await sql`
      insert into public.analytics_events (event_type, post_id, session_id, created_at)
      select case when kind < 0.5 then 'like' when kind < 0.6 then 'unlike' else 'post_view' end,
        md5('post ' || post)::uuid, 'session ' || session,
        now() - interval '30 days' * (post * 7919 % ${POSTS}::integer) / ${POSTS}::float8 * (1 - age ^ 3)
      from (
        select random() as kind, 1 + floor(${POSTS}::integer * random() ^ 3)::bigint as post,
          floor(${SESSIONS}::integer * random())::integer as session, random() as age
        from generate_series(1, ${events}::integer)
      ) e`;
  });
  for (const { definition } of indexes) await sql.unsafe(definition);
  await sql`
    insert into public.analytics_daily (day, event_type, post_id, count)
    select (created_at at time zone 'UTC')::date, event_type, post_id, count(*)
    from public.analytics_events group by 1, 2, 3`;
  await sql`
    insert into queues.trending_hours (post_id, hour, weight, gain, likes)
    select post_id, date_trunc('hour', created_at, 'UTC'), sum(case event_type when 'like' then 1 else -1 end),
      count(*) filter (where event_type = 'like'), sum(case event_type when 'like' then 1 else -1 end)
    from public.analytics_events where event_type in ('like', 'unlike') group by 1, 2`;
  await sql`update queues.trending_settings set half_life_secs = half_life_secs`;
  await sql`vacuum (analyze) public.analytics_events, public.analytics_daily, queues.trending_hours, queues.trending_ranks`;
}

async function seconds(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
