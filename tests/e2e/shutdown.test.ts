/** The platform announces the end of a worker, which then releases the messages that it has not started. */
import { deepEqual, equal } from "node:assert/strict";
import { comment } from "./messages.ts";
import { Project, until } from "./project.ts";

Deno.test("shutdown", async (t) => {
  await using project = await Project.start();
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      await body();
    });
  const run = async () =>
    (await project.sql`select claimed::int, processed::int, released::int, stopped_because from queues.runs`)[0];
  /** Announces the end of the worker; resolves once the worker knows. */
  const announceEnd = async () => {
    const before = announcements();
    const ended = project.kill("notifications", "SIGTERM");
    await until(() => announcements() > before, "the announcement of the end");
    return () => ended;
  };
  const announcements = () => project.said.filter((line) => line.endsWith("] beforeunload")).length;
  const done = async (messages: number) => {
    const { body } = await project.call("notifications");
    deepEqual([body.processed, body.stoppedBecause], [messages, "empty"]);
    // A release is neither a failure nor a crash.
    equal(await project.count("queues.failures"), 0);
  };

  await it("a batch that was just claimed is released", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.send("notifications", Array.from({ length: 10 }, () => comment(owner, post!)));
    await using lock = await project.lock("lock table pgmq.q_notifications");
    const answer = project.call("notifications");
    await project.waiting(lock.pid);
    const ended = await announceEnd();
    await lock.release();
    const { status, body } = await answer;
    await ended();
    equal(status, 200);
    deepEqual([body.claimed, body.processed, body.released, body.stoppedBecause], [10, 0, 10, "interrupted"]);
    deepEqual(await run(), { claimed: 10, processed: 0, released: 10, stopped_because: "interrupted" });
    equal(await project.count("pgmq.q_notifications where vt <= clock_timestamp()"), 10);
    await done(10);
  });

  await it("a batch that the database refused is released instead of divided", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.sql`
      alter table notifications add constraint refusal check (data ->> 'comment' is distinct from 'refused')`;
    const bad = comment(owner, post!, "refused");
    await project.send("notifications", [...Array.from({ length: 9 }, () => comment(owner, post!)), bad]);
    await using lock = await project.lock("lock table notifications");
    const answer = project.call("notifications");
    await project.waiting(lock.pid);
    const ended = await announceEnd();
    await lock.release();
    const { body } = await answer;
    await ended();
    deepEqual([body.claimed, body.processed, body.released, body.stoppedBecause], [10, 0, 10, "interrupted"]);
    await done(9);
    const [letter] = await project.deadLetters("notifications");
    deepEqual([letter!.attempts, letter!.crashes], [1, 0]);
    await project.sql`alter table notifications drop constraint refusal`;
  });

  await it("a settlement in progress is finished, and the next batch released", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.set("notifications", { batch_size: 10 });
    await project.send("notifications", Array.from({ length: 30 }, () => comment(owner, post!)));
    await using lock = await project.lock("lock table notifications");
    const accepted = await project.call("notifications", {
      headers: { apikey: project.stack.secretKey, prefer: "respond-async" },
    });
    equal(accepted.status, 202);
    await project.waiting(lock.pid);
    const ended = await announceEnd();
    await lock.release();
    await ended();
    deepEqual(await run(), { claimed: 20, processed: 10, released: 10, stopped_because: "interrupted" });
    await done(20);
    equal(await project.count("notifications"), 30);
  });
});
