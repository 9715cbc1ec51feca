/** Concurrent dispatchers and producers. */
import { deepEqual, equal } from "node:assert/strict";
import connect from "postgres";
import { startServer, versions } from "./servers.ts";

for (const version of versions) {
  Deno.test(`dispatch, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (one: connect.Sql, two: connect.Sql) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        const [one, two] = [1, 2].map(() => connect(database.url, { max: 1, onnotice: () => {}, fetch_types: false }));
        try {
          await one!`select vault.create_secret('https://project.example', 'queues_project_url'),
            vault.create_secret('sb_secret_of_the_test', 'queues_secret_key')`;
          await body(one!, two!);
        } finally {
          await Promise.all([one!.end(), two!.end()]);
        }
      });

    await it("two concurrent ticks call a worker once", async (one, two) => {
      await one`select pgmq.send('analytics', '{}')`;
      await one`select queues.dispatch()`;
      await one`truncate queues.dispatches`;
      await one`update queues.due set at = '-infinity'`;
      await one`begin`;
      deepEqual([...(await one`select queues.dispatch() as calls`)], [{ calls: 1 }]);
      // The first tick has not committed: the second must neither wait for it nor repeat its work.
      deepEqual([...(await two`select queues.dispatch() as calls`)], [{ calls: 0 }]);
      await one`commit`;
      deepEqual([...(await two`select queues.dispatch() as calls`)], [{ calls: 0 }]);
      deepEqual([...(await two`select count(*)::int from queues.dispatches`)], [{ count: 1 }]);
    });

    await it("an open transaction with a like does not block other likes", async (one, two) => {
      await one`insert into posts_new (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid
        from generate_series(1, 2) n`;
      await one`begin`;
      await one`select toggle_post_like('00000000-0000-4000-8000-000000000001', 'one')`;
      await two`set lock_timeout = '5min'`;
      const [{ answer }] = await two`
        select toggle_post_like('00000000-0000-4000-8000-000000000002', 'two') as answer` as [
        { answer: { success: boolean } },
      ];
      equal(answer.success, true);
      deepEqual([...(await two`select count(*)::int from queues.dispatches`)], [{ count: 0 }]);
      await one`commit`;
      deepEqual([...(await two`select queue, cause from queues.dispatches`)], [{
        queue: "like_events",
        cause: "wake",
      }]);
    });

    await it("an open transaction with a like does not block ticks", async (one, two) => {
      await one`insert into posts_new (id) values ('00000000-0000-4000-8000-000000000001')`;
      await one`select pgmq.send('analytics', '{}'), pgmq.send('like_events', '{}')`;
      await one`begin`;
      await one`select toggle_post_like('00000000-0000-4000-8000-000000000001', 'one')`;
      await two`set lock_timeout = '5min'`;
      deepEqual([...(await two`select queues.dispatch() as calls`)], [{ calls: 2 }]);
      await one`rollback`;
    });
  });
}
