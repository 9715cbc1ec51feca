/** Postgres goes away in the middle of a drain: what was committed stays, what was not is done later, once. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { oldAnalytics } from "./messages.ts";
import { Project, until, versions } from "./project.ts";

for (const pgVersion of versions) {
  Deno.test(`outages of Postgres ${pgVersion}`, async (t) => {
    await using project = await Project.start({ pgVersion });
    const outages: [string, () => Promise<void>][] = [
      ["restarted", () => project.stack.postgres.restart()],
      ["killed", async () => {
        await project.stack.postgres.kill();
        await project.stack.postgres.restart();
      }],
    ];
    for (const [outage, happen] of outages) {
      await t.step(`a drain goes on after Postgres was ${outage}`, async () => {
        await project.reset();
        await project.set("analytics", { visibility_timeout_secs: 2, batch_size: 20, max_crashes: 10 });
        const { ids } = await project.posts(10);
        await project.send("analytics", ids.flatMap((id) => Array.from({ length: 300 }, () => oldAnalytics(id))));
        project.stack.scheduler.start();
        await until(async () => await project.count("pgmq.a_analytics") >= 300, "some progress");
        await happen();
        await project.reconnect();
        ok(await project.count("pgmq.q_analytics") > 0, `${outage} mid-drain`);
        await project.drained("analytics");
        await project.stack.scheduler.stop();

        equal(await project.count("pgmq.a_analytics"), 3000);
        equal(await project.count("analytics_events"), 3000);
        deepEqual([...await project.sql`select distinct count::int from analytics_daily`], [{ count: 300 }]);
        deepEqual(await project.deadLetters("analytics"), []);
        equal(await project.count("queues.failures where failures > 0"), 0);
      });
    }
  });
}
