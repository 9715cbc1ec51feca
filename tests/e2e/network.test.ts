/** Lost requests and replies between a worker and the database: effects happen exactly once all the same. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { comment, likeEvent, oldAnalytics } from "./messages.ts";
import { Project, until } from "./project.ts";
import { Proxy } from "./proxy.ts";

Deno.test("the network", async (t) => {
  await using proxy = new Proxy();
  await using project = await Project.start({ functionEnv: { SUPABASE_URL: proxy.url } });
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
  /** Drops the first replies of a function. */
  const lose = (name: string, times: number) => {
    proxy.onCall = (called) => Promise.resolve(called === name && times-- > 0 ? "lose the reply" : "pass");
  };

  for (const times of [1, 3]) {
    await it(`a settlement whose reply is lost ${times}× is applied once`, async () => {
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

  await it("a dead letter is written once when the reply of its settlement is lost", async () => {
    await project.send("like_events", ["null", "{}"]);
    lose("settle_messages", 2);
    equal((await project.call("like_events")).body.deadLettered, 2);
    equal((await project.deadLetters("like_events")).length, 2);
  });

  await it("messages of a lost claim are claimed again after their leases", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.set("notifications", { batch_size: 10 });
    await project.send("notifications", Array.from({ length: 20 }, () => comment(owner, post!)));
    lose("claim_messages", 1);
    equal((await project.call("notifications")).body.processed, 10);
    await project.expire("notifications");
    await until(async () => {
      await project.call("notifications");
      return await project.count("pgmq.q_notifications") === 0;
    }, "the queue drained");
    equal(await project.count("notifications"), 20);
  });

  await it("a worker that lost its lease changes nothing", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.warm("notifications", 2);
    // A batch that is not full is the last: the first worker claims no other meanwhile.
    await project.set("notifications", { batch_size: 100 });
    await project.send("notifications", Array.from({ length: 10 }, () => comment(owner, post!)));
    // The first worker's settlement is held until the second worker has settled.
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
    await project.expire("notifications");
    const second = await project.call("notifications");
    ok(second.body.claimed > 0, JSON.stringify(second));
    held.resolve();
    // Claimed again in groups, as messages that may have killed a worker.
    await until(async () => {
      await project.call("notifications");
      return await project.count("pgmq.q_notifications") === 0;
    }, "the queue drained");
    const late = (await slow).body;
    ok(late.lost > 0 && late.lost + late.processed === late.claimed, JSON.stringify(late));
    equal(await project.count("notifications"), 10);
    equal(await project.count("pgmq.a_notifications"), 10);
    deepEqual(await project.deadLetters("notifications"), []);
  });

  await it("the schedule continues after an outage of the API", async () => {
    const { ids: [post] } = await project.posts(1);
    await project.set("analytics", { batch_size: 10 });
    await project.send("analytics", Array.from({ length: 1000 }, () => oldAnalytics(post!)));
    const before = project.said.length;
    // In the middle of the work, however fast it is: before the fourth of a hundred batches is settled.
    let settlements = 0;
    proxy.onCall = (name) => {
      if (name === "settle_messages" && ++settlements === 4) proxy.leave();
      return Promise.resolve("pass");
    };
    project.stack.scheduler.start();
    await until(
      () => project.said.slice(before).some((line) => line.includes("network_error")),
      "a run that gave up",
    );
    const left = await project.count("pgmq.q_analytics");
    ok(left > 0 && left < 1000, `${left} left`);
    proxy.comeBack();
    await project.expire("analytics");
    await project.drained("analytics");
    await project.stack.scheduler.stop();
    equal(await project.count("analytics_events"), 1000);
    deepEqual([...await project.sql`select count::int from analytics_daily`], [{ count: 1000 }]);
    deepEqual(await project.deadLetters("analytics"), []);
  });
});
