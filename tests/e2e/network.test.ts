/** Between a worker and the database anything can go missing: effects happen exactly once all the same. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { comment, likeEvent, oldAnalytics } from "./messages.ts";
import { Project, until, versions } from "./project.ts";
import { Proxy } from "./proxy.ts";

for (const pgVersion of versions) {
  Deno.test(`the network on Postgres ${pgVersion}`, async (t) => {
    await using proxy = new Proxy();
    await using project = await Project.start({ pgVersion, functionEnv: { SUPABASE_URL: proxy.url } });
    proxy.target = project.stack.url;
    const it = (behaviour: string, body: () => Promise<void>) =>
      t.step(behaviour, async () => {
        await project.reset();
        for (const queue of ["like_events", "notifications", "analytics"] as const) {
          await project.set(queue, { visibility_timeout_secs: 60 });
        }
        await body();
        proxy.onCall = () => Promise.resolve("pass");
      });
    /** Loses the first replies to a function. */
    const lose = (name: string, times: number) => {
      proxy.onCall = (called) => Promise.resolve(called === name && times-- > 0 ? "lose the reply" : "pass");
    };

    for (const times of [1, 3]) {
      await it(`a settlement whose reply is lost ${times}× happens once`, async () => {
        const { owner, ids: [post] } = await project.posts(1);
        await project.send("notifications", Array.from({ length: 20 }, () => comment(owner, post!)));
        await project.send("like_events", Array.from({ length: 20 }, () => likeEvent({ post_id: post })));
        await project.send("analytics", Array.from({ length: 20 }, () => oldAnalytics(post!)));
        for (const queue of ["notifications", "like_events", "analytics"] as const) {
          lose("settle_messages", times);
          const sent = await project.count(`pgmq.q_${queue}`);
          const { status, body } = await project.call(queue);
          equal(status, 200);
          deepEqual([body.processed, body.lost, body.retried, body.stoppedBecause], [sent, 0, 0, "empty"]);
        }
        equal(await project.count("notifications"), 20);
        equal(await project.count("analytics_events"), 40);
        equal((await project.sql`select sum(count)::int as sum from analytics_daily`)[0]!.sum, 40);
        const runs = await project.sql`select processed::int, lost::int, stopped_because from queues.runs`;
        deepEqual(runs.map((run) => run.processed).toSorted((a, b) => a - b), [20, 20, 40]);
        ok(runs.every((run) => run.lost === 0 && run.stopped_because === "empty"));
      });
    }

    await it("a dead letter whose settlement's reply is lost is written once", async () => {
      await project.send("like_events", ["null", "{}"]);
      lose("settle_messages", 2);
      equal((await project.call("like_events")).body.deadLettered, 2);
      equal((await project.deadLetters("like_events")).length, 2);
    });

    await it("a claim whose reply is lost is claimed again when its lease has run out", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.set("notifications", { visibility_timeout_secs: 1, batch_size: 10 });
      await project.send("notifications", Array.from({ length: 20 }, () => comment(owner, post!)));
      lose("claim_messages", 1);
      equal((await project.call("notifications")).body.processed, 10);
      await until(async () => (await project.call("notifications")).body.processed > 0, "the rest");
      await project.drained("notifications");
      equal(await project.count("notifications"), 20);
    });

    await it("a worker that lost its lease changes nothing", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.set("notifications", { visibility_timeout_secs: 1 });
      await project.send("notifications", Array.from({ length: 10 }, () => comment(owner, post!)));
      // The first worker's settlement is stuck on the way until the second one is done.
      const held = Promise.withResolvers<void>();
      const arrived = Promise.withResolvers<void>();
      let settlements = 0;
      proxy.onCall = async (name) => {
        if (name === "settle_messages" && settlements++ === 0) {
          arrived.resolve();
          await held.promise;
        }
        return "pass";
      };
      const slow = project.call("notifications");
      await arrived.promise;
      let quick = await project.call("notifications");
      await until(async () => {
        if (quick.body.claimed === 0) quick = await project.call("notifications");
        return quick.body.claimed > 0;
      }, "the leases to run out");
      held.resolve();
      // The quick one takes what was held in groups, as messages that may have killed a worker.
      await until(async () => {
        await project.call("notifications");
        return await project.count("pgmq.q_notifications") === 0;
      }, "the queue drained");
      const late = (await slow).body;
      ok(late.lost > 0 && late.lost + late.processed === 10, JSON.stringify(late));
      equal(await project.count("notifications"), 10);
      equal(await project.count("pgmq.a_notifications"), 10);
      deepEqual(await project.deadLetters("notifications"), []);
    });

    await it("an API that is away for a while is waited for by the schedule", async () => {
      const { ids: [post] } = await project.posts(1);
      await project.set("analytics", { visibility_timeout_secs: 2, batch_size: 10 });
      await project.send("analytics", Array.from({ length: 1000 }, () => oldAnalytics(post!)));
      project.stack.scheduler.start();
      await until(async () => await project.count("pgmq.a_analytics") > 0, "some progress");
      const before = project.said.length;
      proxy.leave();
      await until(
        () => project.said.slice(before).some((line) => line.includes("network_error")),
        "a run that gave up",
      );
      const left = await project.count("pgmq.q_analytics");
      ok(left > 0);
      proxy.comeBack();
      await project.drained("analytics");
      await project.stack.scheduler.stop();
      equal(await project.count("analytics_events"), 1000);
      deepEqual([...await project.sql`select count::int from analytics_daily`], [{ count: 1000 }]);
      deepEqual(await project.deadLetters("analytics"), []);
    });
  });
}
