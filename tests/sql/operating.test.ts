/** Concurrent operators and housekeeping lose and repeat nothing, and do not wait for each other. */
import { deepEqual, equal } from "node:assert/strict";
import connect from "postgres";
import { startServer, versions } from "./servers.ts";
import { STATEMENT_TIMEOUT_MS } from "./sessions.ts";

for (const version of versions) {
  Deno.test(`operating, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (one: connect.Sql, two: connect.Sql) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        const [one, two] = [1, 2].map(() =>
          connect(database.url, {
            max: 1,
            onnotice: () => {},
            fetch_types: false,
            connection: { statement_timeout: STATEMENT_TIMEOUT_MS },
          })
        );
        try {
          await body(one!, two!);
        } finally {
          await Promise.all([one!.end(), two!.end()]);
        }
      });

    await it("two concurrent redrives send each message once and keep to the rate", async (one, two) => {
      await bury(one, 50);
      const redrive = (sql: connect.Sql) =>
        sql`select (queues.redrive('analytics', '{}', 30, 0.1) ->> 'redriven')::int as redriven`;
      await one`begin`;
      deepEqual([...(await redrive(one))], [{ redriven: 30 }]);
      const second = redrive(two).execute();
      await blocking(one, second);
      await one`commit`;
      deepEqual([...(await second)], [{ redriven: 20 }]);
      const [sent] = await one`
        select count(*)::int, count(distinct message)::int as messages,
          (max(vt) - min(vt) > interval '480 seconds') as spread
        from pgmq.q_analytics`;
      deepEqual({ ...sent }, { count: 50, messages: 50, spread: true });
    });

    await it("a concurrent redrive and discard divide the dead letters", async (one, two) => {
      await bury(one, 50);
      await one`begin`;
      await one`select queues.redrive('analytics', '{}', 30)`;
      await two`set lock_timeout = '5min'`;
      const [discarded] = await two`select queues.discard('analytics', '{}', 30) -> 'discarded' as count`;
      equal(discarded!.count, 20);
      await one`commit`;
      const [ends] = await one`
        select (select count(*)::int from pgmq.q_analytics) as redriven,
          (select count(*)::int from pgmq.a_analytics_dlq) as archived,
          (select count(*)::int from pgmq.q_analytics_dlq) as "left"`;
      deepEqual({ ...ends }, { redriven: 30, archived: 20, left: 0 });
    });

    await it("a claim and a withdrawal divide the messages, and do not wait for each other", async (one, two) => {
      await one`select pgmq.send('analytics', jsonb_build_object('n', n)) from generate_series(1, 5) n`;
      await one`begin`;
      await one`select public.claim_messages('analytics', 2, null)`;
      await two`set lock_timeout = '2s'`;
      const withdraw = async () => (await two`select queues.withdraw('analytics') as result`)[0]!.result;
      deepEqual(await withdraw(), { withdrawn: 3, left: 2, in_flight: 0 });
      await one`commit`;
      deepEqual(await withdraw(), { withdrawn: 0, left: 0, in_flight: 2 });
      const [ends] = await one`
        select (select count(*)::int from pgmq.q_analytics) as claimed,
          (select count(*)::int from pgmq.q_analytics_dlq) as withdrawn`;
      deepEqual({ ...ends }, { claimed: 2, withdrawn: 3 });
    });

    await it("a redrive that is rolled back changes nothing", async (one) => {
      await bury(one, 3);
      await one`begin`;
      await one`select queues.redrive('analytics')`;
      await one`rollback`;
      deepEqual([...(await one`select count(*)::int from pgmq.q_analytics_dlq`)], [{ count: 3 }]);
      deepEqual([
        ...(await one`select (select count(*) from pgmq.q_analytics) + (select count(*) from queues.failures)
        as count`),
      ], [{ count: "0" }]);
    });

    await it("two concurrent ticks do one step of housekeeping", async (one, two) => {
      await archive(one, 6000);
      await one`select queues.daily()`;
      await one`begin`;
      deepEqual([...(await one`select queues.cleanup_step() as removed`)], [{ removed: 5000 }]);
      await two`set lock_timeout = '5min'`;
      deepEqual([...(await two`select queues.cleanup_step() as removed`)], [{ removed: 0 }]);
      await one`commit`;
      deepEqual([...(await two`select queues.cleanup_step() as removed`)], [{ removed: 1000 }]);
    });

    await it("housekeeping skips rows that are in use", async (one, two) => {
      await archive(one, 10);
      await one`select queues.daily()`;
      await one`begin`;
      await one`select from pgmq.a_analytics where msg_id <= 4 for update`;
      await two`set lock_timeout = '5min'`;
      deepEqual([...(await two`select queues.cleanup_step() as removed`)], [{ removed: 6 }]);
      await one`commit`;
    });

    await it("two concurrent daily jobs start one round", async (one, two) => {
      await one`begin`;
      await one`select queues.daily()`;
      const second = two`select queues.daily()`.execute();
      await blocking(one, second);
      await one`commit`;
      await second;
      deepEqual([...(await one`select count(*)::int from queues.cleanups`)], [{ count: 1 }]);
      deepEqual([...(await one`select count(*)::int from analytics_reports`)], [{ count: 1 }]);
    });

    await it("settlements that two sessions fold at once are counted once", async (one, two) => {
      await one`
        insert into queues.settlements (queue, at, processed)
        select 'analytics', clock_timestamp() - interval '5 hours', 1 from generate_series(1, 100)`;
      const counted = (sql: connect.Sql) =>
        sql`select (queues.counters('analytics') ->> 'processed')::int as processed`.then(([row]) => row!.processed);
      await one`begin`;
      await one`select queues.cleanup_step()`;
      await two`set lock_timeout = '5min'`;
      await two`select queues.cleanup_step()`;
      deepEqual([await counted(one), await counted(two)], [100, 100]);
      await one`commit`;
      equal(await counted(two), 100);
    });

    await it(
      "a queue is resumed while a tick calls its workers, without a deadlock",
      async (one, two) => {
        await one`select queues.pause('analytics')`;
        await one`select queues.dispatch()`;
        // As a tick does: the queue, then rows that refer to its settings.
        await one`begin`;
        await one`select from queues.due where queue = 'analytics' for update`;
        const resumed = two`select queues.resume_queue('{"queue": "analytics"}') ->> 'affected' as affected`.execute();
        await blocking(one, resumed);
        await one`insert into queues.dispatches (queue, cause) values ('analytics', 'schedule')`;
        await one`commit`;
        deepEqual([...(await resumed)], [{ affected: "1" }]);
      },
    );
  });
}

async function bury(sql: connect.Sql, count: number): Promise<void> {
  await sql`
    insert into pgmq.q_analytics_dlq (vt, message)
    select now(), jsonb_build_object('message', n, 'reason', 'r', 'error', 'e', 'history', '[]'::jsonb)
    from generate_series(1, ${count}::int) n`;
}

async function archive(sql: connect.Sql, count: number): Promise<void> {
  await sql`
    insert into pgmq.a_analytics (msg_id, vt, enqueued_at, archived_at, message)
    select n, now(), now(), now() - interval '1 year', '1' from generate_series(1, ${count}::int) n`;
}

/** Resolves once the session of `statement` waits for a lock of the session `owner`. */
async function blocking(owner: connect.Sql, statement: Promise<unknown>): Promise<void> {
  let ended = false;
  statement.then(() => ended = true, () => ended = true);
  for (;;) {
    const [row] = await owner`
      select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))) as blocks`;
    if (row!.blocks) return;
    if (ended) throw new Error("the statement ended without waiting for a lock");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
