/** Postgres stops in the middle of a drain: commits stay, and all else is done later, once. */
import { deepEqual, equal } from "node:assert/strict";
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
      await t.step(`a drain continues after Postgres was ${outage}`, async () => {
        await project.reset();
        await project.set("analytics", { batch_size: 20, max_crashes: 100 });
        const { ids } = await project.posts(10);
        let each = 0;
        project.stack.scheduler.start();
        // Until it was mid-drain: on a busy machine this process may have slept until all was done.
        for (let left = 0, before = 0; left === 0;) {
          await until(async () => {
            if (await project.count("pgmq.q_analytics") < 1000) {
              await project.send("analytics", ids.flatMap((id) => Array.from({ length: 200 }, () => oldAnalytics(id))));
              each += 200;
            }
            return await project.count("pgmq.a_analytics") >= before + 300;
          }, "some progress");
          await happen();
          await project.reconnect();
          left = await project.count("pgmq.q_analytics");
          before = await project.count("pgmq.a_analytics");
          await project.expire("analytics");
        }
        await project.drained("analytics");
        await project.stack.scheduler.stop();

        equal(await project.count("pgmq.a_analytics"), ids.length * each);
        equal(await project.count("analytics_events"), ids.length * each);
        deepEqual([...await project.sql`select distinct count::int from analytics_daily`], [{ count: each }]);
        deepEqual(await project.deadLetters("analytics"), []);
        equal(await project.count("queues.failures where failures > 0"), 0);
      });
    }

    await t.step("a like that succeeded before Postgres was killed has its effects", async () => {
      await project.reset();
      const { ids: [post] } = await project.posts(1);
      const answered: string[] = [];
      const people = Array.from({ length: 10 }, async (_, person) => {
        for (let n = 0;; n++) {
          const session = `${person} ${n}`;
          const { success } = await toggle(project, post!, session);
          if (!success) return;
          answered.push(session);
        }
      });
      await until(() => answered.length >= 100, "some likes");
      project.stack.scheduler.start();
      await until(async () => await project.count("pgmq.a_like_events") > 0, "some progress");
      await project.stack.postgres.kill();
      await Promise.all(people);
      await project.stack.postgres.restart();
      await project.reconnect();
      // Claims whose replies were lost in the crash.
      await project.expire("like_events", "notifications", "analytics");
      await project.drained("like_events", "notifications", "analytics");
      await project.stack.scheduler.stop();

      const events = await project.sql`select message ->> 'liker_session_id' as session from pgmq.a_like_events`;
      const sessions = new Set(events.map((event) => event.session));
      deepEqual(answered.filter((session) => !sessions.has(session)), []);
      const [counted] = await project.sql`select likes::int from posts_new`;
      const counts = await Promise.all(
        ["post_ratings", "pgmq.a_like_events", "analytics_events", "queues.notification_actors where is_active"]
          .map((from) => project.count(from)),
      );
      deepEqual(counts, Array(4).fill(counted!.likes));
    });
  });
}

/** Likes a post over HTTP. Without a response it is no success. */
async function toggle(project: Project, postId: string, sessionId: string): Promise<{ success: boolean }> {
  const response = await fetch(`${project.stack.url}/rest/v1/rpc/toggle_post_like`, {
    method: "POST",
    headers: { apikey: project.stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ p_post_id: postId, p_session_id: sessionId }),
  });
  const answer = await response.json();
  return response.ok ? answer : { success: false };
}
