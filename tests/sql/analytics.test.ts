/** Counting while several workers settle concurrently. */
import { deepEqual, equal } from "node:assert/strict";
import connect from "postgres";
import { startServer, versions } from "./servers.ts";
import { STATEMENT_TIMEOUT_MS } from "./sessions.ts";

for (const version of versions) {
  Deno.test(`analytics, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (workers: connect.Sql[]) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        const connection = { statement_timeout: STATEMENT_TIMEOUT_MS };
        const options = { max: 1, onnotice: () => {}, fetch_types: false, connection };
        const workers = Array.from({ length: 4 }, () => connect(database.url, options));
        try {
          await workers[0]!`insert into posts_new (id) select md5(n::text)::uuid from generate_series(1, 20) n`;
          await body(workers);
        } finally {
          await Promise.all(workers.map((sql) => sql.end({ timeout: 1 })));
        }
      });

    await it("events, counters and trending posts agree, whatever the order of settlements", async (workers) => {
      await Promise.all(workers.map((sql, n) => settleMany(sql, n)));
      const sql = workers[0]!;
      deepEqual([...(await sql`select count(*)::int from analytics_events`)], [{ count: 4 * ROUNDS * 40 }]);
      const differing = await sql`
        (select (created_at at time zone 'UTC')::date as day, event_type, post_id, count(*) from analytics_events group by 1, 2, 3
          except select day, event_type, post_id, count from analytics_daily)
        union all
        (select day, event_type, post_id, count from analytics_daily
          except select (created_at at time zone 'UTC')::date, event_type, post_id, count(*) from analytics_events group by 1, 2, 3)`;
      deepEqual([...differing], []);
      const trends = await sql`
        select post_id, hour, likes from queues.trending_hours
        except select post_id, date_trunc('hour', created_at), count(*) from analytics_events group by 1, 2`;
      deepEqual([...trends], []);
      await ranksAreThoseOfTheHours(sql);
    });

    await it("a half-life that changes while events are counted applies to all of them", async (workers) => {
      const [operator, ...others] = workers;
      let settling = true;
      const changing = (async () => {
        for (let n = 0; settling || n === 0; n++) {
          await operator!`update queues.trending_settings set half_life_secs = ${n % 2 ? 3600 : 7200}`;
        }
      })();
      await Promise.all(others.map((sql, n) => settleMany(sql, n))).finally(() => settling = false);
      await changing;
      await ranksAreThoseOfTheHours(operator!);
    });
  });
}

const ROUNDS = 15;

/** Settles a like of each post in each of two hours on either side of midnight, forwards or backwards. */
async function settleMany(sql: connect.Sql, worker: number): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const [{ answer }] = await sql`
      with events as (
        select md5(n::text)::uuid as post_id, midnight - h * interval '1 hour' as at, ${
      worker % 2 ? 1 : -1
    } * n as place
        from generate_series(1, 20) n, generate_series(0, 1) h,
          date_trunc('day', now() - interval '1 day', 'UTC') midnight
      )
      select settle_messages('analytics', jsonb_build_object('effects', jsonb_build_object(
        'analytics_events', jsonb_agg(jsonb_build_object('event_type', 'like', 'post_id', post_id, 'created_at', at) order by place),
        'analytics_daily', jsonb_agg(jsonb_build_object(
          'day', (at at time zone 'UTC')::date, 'event_type', 'like', 'post_id', post_id, 'count', 1) order by place),
        'trending', jsonb_agg(jsonb_build_object(
          'post_id', post_id, 'hour', at, 'weight', 1, 'gain', 1, 'likes', 1) order by place)))) as answer
      from events` as unknown as [{ answer: { applied: boolean } }];
    equal(answer.applied, true);
  }
}

/** A rank that is updated event by event equals the rank computed from all hours, except for rounding. */
async function ranksAreThoseOfTheHours(sql: connect.Sql): Promise<void> {
  await sql`create temp table kept as select * from queues.trending_ranks`;
  await sql`update queues.trending_settings set half_life_secs = half_life_secs`;
  const compared = await sql`
    select count(*)::int, bool_and(abs(k.rank - r.rank) < 1e-6 and k.last_hour = r.last_hour) as equal
    from kept k full join queues.trending_ranks r using (post_id)`;
  deepEqual([...compared], [{ count: 20, equal: true }]);
}
