/** Several workers on one queue. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { comment, oldAnalytics } from "./messages.ts";
import { Project, until } from "./project.ts";

Deno.test("workers", async (t) => {
  await using project = await Project.start({ workersPerFunction: 4 });

  await t.step("four workers share a backlog and count exactly", async () => {
    await project.reset();
    const four = () => Promise.all([1, 2, 3, 4].map(() => project.call("analytics")));
    // Starts the processes.
    await four();
    equal((await project.pid("analytics")).length, 4);
    await project.set("analytics", { batch_size: 100 });
    const { ids } = await project.posts(25);
    // Every batch has events of every post, so that all settlements lock the same counters.
    await project.sql`
      select pgmq.send_batch('analytics', array_agg(message)) from (
        select jsonb_build_object('event', case when n % 2 = 0 then 'like' else 'view' end, 'new_count', n,
          'post_id', (${ids}::uuid[])[1 + n % 25], 'session_id', n::text, 'timestamp', now()) as message
        from generate_series(1, 5000) n) m`;
    // No worker can settle before each has claimed, so that each has a share.
    await using lock = await project.lock("lock table analytics_events");
    const running = four();
    await until(async () => await project.count("queues.runs where claimed > 0") === 4, "four claims");
    await lock.release();
    const answers = await running;
    for (const { status, body } of answers) {
      equal(status, 200);
      ok(body.claimed > 0);
      deepEqual([body.processed, body.lost, body.retried, body.deadLettered], [body.claimed, 0, 0, 0]);
    }
    equal(answers.reduce((sum, { body }) => sum + body.processed, 0), 5000);
    const counted = await project.sql`select count::int, count(*)::int as counters from analytics_daily group by 1`;
    deepEqual([...counted], [{ count: 100, counters: 50 }]);
    equal(await project.count("analytics_events"), 5000);
    equal(await project.count("(select distinct session_id from analytics_events) s"), 5000);
    equal(await project.count("pgmq.a_analytics"), 5000);
    const [runs] = await project.sql`
      select count(*)::int as runs, sum(processed)::int as processed from queues.runs where claimed > 0`;
    deepEqual(runs, { runs: 4, processed: 5000 });
  });

  await t.step("a duplicate dispatch repeats nothing", async () => {
    await project.reset();
    const { owner, ids: [post] } = await project.posts(1);
    await project.send("notifications", Array.from({ length: 300 }, (_, n) => comment(owner, post!, `${n}`)));
    const answers = await Promise.all([1, 2].map(() => project.call("notifications")));
    equal(answers.reduce((sum, { body }) => sum + body.processed, 0), 300);
    equal(await project.count("notifications"), 300);
    equal(await project.count("(select distinct data ->> 'comment' from notifications) s"), 300);
  });

  await t.step("concurrent workers find all invalid messages", async () => {
    await project.reset();
    const { owner, ids: [post] } = await project.posts(1);
    await project.sql`
      alter table notifications add constraint refusal check (data ->> 'comment' is distinct from 'refused')`;
    await project.set("notifications", { batch_size: 25 });
    const messages = Array.from(
      { length: 200 },
      (_, n) => n % 40 === 7 ? comment(owner, post!, "refused") : n % 40 === 8 ? "null" : comment(owner, post!),
    );
    await project.send("notifications", messages);
    await Promise.all([1, 2, 3].map(() => project.call("notifications")));
    equal(await project.count("notifications"), 190);
    const reasons = (await project.deadLetters("notifications")).map((letter) => letter.reason).toSorted();
    deepEqual(reasons, [...Array(5).fill("database_rejected"), ...Array(5).fill("not_an_object")]);
  });

  await t.step("the dispatcher starts no more workers than the queue allows", async () => {
    await project.reset();
    const { ids: [post] } = await project.posts(1);
    await project.set("analytics", { max_workers: 1, batch_size: 10 });
    // A call that waits for its process may be taken for lost.
    await project.warm("analytics");
    await project.send("analytics", Array.from({ length: 1500 }, () => oldAnalytics(post!)));
    project.stack.scheduler.start();
    await project.drained("analytics");
    await project.stack.scheduler.stop();
    const overlapping = await project.count(
      `queues.runs a join queues.runs b on a.id <> b.id and a.started_at between b.started_at and b.finished_at`,
    );
    equal(overlapping, 0);
    equal(await project.count("analytics_events"), 1500);
  });
});
