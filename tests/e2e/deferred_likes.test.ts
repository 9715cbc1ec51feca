/** Likes over their limit that are deferred: a bot beside honest people, while workers are killed and Postgres restarts. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Answer, Project, until } from "./project.ts";

Deno.test("deferred likes", async (t) => {
  await using project = await Project.start();
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      await project.sql`delete from queues.rate_limit_keys`;
      await body();
    });

  await it("a like over its limit is answered 202 and applied once its limit allows", async () => {
    const { ids } = await project.posts(4);
    // A like every two seconds.
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 30, burst = 1 where action = 'like'`;
    const answers = await Promise.all([0, 1, 2, 3].map((n) => toggle(project, ids[n]!, "s")));
    const statuses = answers.map(({ status }) => status).sort();
    deepEqual(statuses, [200, 202, 202, 202]);
    const { applyAfter, ...deferred } = answers.find(({ status }) => status === 202)!.body;
    deepEqual(deferred, { success: true, deferred: true, isLiked: true });
    match(applyAfter, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);

    project.stack.scheduler.start();
    await settled(project);
    await project.stack.scheduler.stop();
    equal(await project.count("queues.deferred_likes where outcome = 'applied' and settled_at >= apply_after"), 3);
    deepEqual([...await project.sql`select likes::int from posts_new`].map(({ likes }) => likes), [1, 1, 1, 1]);
    deepEqual(await project.deadLetters("deferred_actions"), []);
    const calls = await project.count("queues.dispatches where queue = 'deferred_actions'");
    ok(calls <= 3, `${calls} calls for three likes at different times`);
  });
});

function settled(project: Project): Promise<void> {
  return until(
    async () => await project.count("queues.deferred_likes where outcome is null") === 0,
    "all deferred likes settled",
  );
}

async function toggle(project: Project, post: string, session: string): Promise<Answer> {
  const { url, publishableKey } = project.stack;
  const response = await fetch(`${url}/rest/v1/rpc/toggle_post_like`, {
    method: "POST",
    headers: { apikey: publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ p_post_id: post, p_session_id: session, p_defer: true }),
  });
  return { status: response.status, body: await response.json() };
}
