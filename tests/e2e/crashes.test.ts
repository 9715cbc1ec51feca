/** Killed workers: their messages are processed once all the same, and are not blamed for the crash. */
import { deepEqual, equal, match } from "node:assert/strict";
import { comment, likeEvent, oldAnalytics } from "./messages.ts";
import { Project, until } from "./project.ts";

Deno.test("crashes", async (t) => {
  await using project = await Project.start();
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      for (const queue of ["like_events", "notifications", "analytics"] as const) {
        await project.set(queue, { visibility_timeout_secs: 60, batch_size: 100, max_crashes: 3 });
      }
      await body();
    });
  /** Cancels a settlement that waits for a lock, as if it had never arrived. */
  const cancel = async (pid: number) => void await project.sql`select pg_cancel_backend(${pid})`;

  await it("the next worker processes the batch of a killed one", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    const likes = Array.from(
      { length: 30 },
      (_, n) => likeEvent({ post_id: post, post_owner_id: owner, liker_session_id: `session ${n}` }),
    );
    await project.send("like_events", [...likes, likeEvent({ event_type: "love" })]);
    await using lock = await project.lock("lock table pgmq.q_analytics");
    const run = project.call("like_events");
    const settlement = await project.waiting(lock.pid);
    await project.kill("like_events");
    equal((await run).status, 502);
    await cancel(settlement);
    await lock.release();

    deepEqual([await project.count("pgmq.q_like_events"), await project.count("pgmq.q_notifications")], [31, 0]);
    await project.expire("like_events");
    project.stack.scheduler.start();
    await project.drained("like_events", "notifications", "analytics");
    await project.stack.scheduler.stop();
    deepEqual(
      [
        await project.count("pgmq.a_like_events"),
        await project.count("analytics_events"),
        await project.count("queues.notification_actors where is_active"),
        await project.count("notifications where actor_count = 30"),
      ],
      [30, 30, 30, 1],
    );
    deepEqual([...await project.sql`select distinct read_ct from pgmq.a_like_events`], [{ read_ct: 2 }]);
    // The crash does not count as an attempt.
    const [letter] = await project.deadLetters("like_events");
    deepEqual([letter!.reason, letter!.attempts, letter!.crashes, letter!.history.length], ["unknown_type", 1, 1, 1]);
    const [killed] = await project
      .sql`select claimed::int, processed::int, finished_at from queues.runs order by started_at`;
    deepEqual(killed, { claimed: 31, processed: 0, finished_at: null });
  });

  await it("a settlement in progress when its worker is killed is applied once", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.set("notifications", { visibility_timeout_secs: 1 });
    await project.send("notifications", Array.from({ length: 10 }, () => comment(owner, post!)));
    // It waits as long as the rest takes: another process has to start meanwhile.
    await project.sql`alter function settle_messages(text, jsonb) set lock_timeout = '10min'`;
    await using lock = await project.lock("lock table notifications");
    const run = project.call("notifications");
    await project.waiting(lock.pid);
    await project.kill("notifications");
    await run;
    // The settlement keeps its messages even though their leases have run out.
    await until(
      async () => await project.count("pgmq.q_notifications where vt > clock_timestamp()") === 0,
      "the leases",
    );
    const meanwhile = await project.call("notifications");
    equal(meanwhile.body.claimed, 0);
    await lock.release();
    await project.drained("notifications");
    await project.sql`alter function settle_messages(text, jsonb) reset lock_timeout`;
    equal(await project.count("notifications"), 10);
    equal(await project.count("pgmq.a_notifications where read_ct = 1"), 10);
  });

  await it("a message that keeps killing its workers is dead-lettered without its neighbours", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    const { owner: deadly } = await project.posts(0);
    const good = () => Array.from({ length: 10 }, () => comment(owner, post!));
    const ids = await project.send("notifications", [...good(), comment(deadly, post!), ...good()]);
    await using lock = await project.lock(`select from profiles where id = '${deadly}' for update`);
    await project.set("notifications", { max_workers: 1 });
    project.stack.scheduler.start();
    const stuck = () => project.locked(lock.pid);
    let kills = 0;
    await until(async () => {
      if ((await stuck()).length > 0) {
        await project.kill("notifications");
        // Its place is still taken, so no other settlement comes.
        await until(async () => {
          const settlements = await stuck();
          for (const settlement of settlements) await cancel(settlement);
          return settlements.length === 0;
        }, "the settlement's end");
        kills++;
        await project.expire("notifications");
      }
      return await project.count("pgmq.q_notifications") === 0;
    }, "the queue drained");
    await lock.release();
    await project.stack.scheduler.stop();
    const [letter, ...others] = await project.deadLetters("notifications");
    deepEqual(others, []);
    deepEqual(
      [letter!.msg_id, letter!.reason, letter!.attempts, letter!.crashes],
      [ids[10], "worker_crashed", 0, 3],
    );
    match(letter!.error, /3 workers ended/);
    equal(kills, 3);
    equal(await project.count(`notifications where recipient_id = '${owner}'`), 20);
    equal(await project.count("notifications"), 20);
  });

  await it("workers killed again and again during a large drain repeat nothing and lose nothing", async () => {
    const { ids } = await project.posts(10);
    await project.set("analytics", { batch_size: 50, max_crashes: 100 });
    const each = 40;
    let sent = 0;
    const sendMore = async () => {
      await project.send("analytics", ids.flatMap((id) => Array.from({ length: each }, () => oldAnalytics(id))));
      sent += each;
    };
    project.stack.scheduler.start();
    for (let kills = 0, done = 0; kills < 5;) {
      const before = done;
      await until(async () => {
        // However fast the workers are, there is work left when they are killed.
        while (await project.count("pgmq.q_analytics") < 1000) await sendMore();
        return (done = await project.count("pgmq.a_analytics")) > before;
      }, "some progress");
      await project.kill("analytics");
      // Unless this process has slept meanwhile: then that was no kill mid-drain.
      if (await project.count("pgmq.q_analytics") > 0) kills++;
      await project.expire("analytics");
    }
    await project.drained("analytics");
    await project.stack.scheduler.stop();
    equal(await project.count("pgmq.a_analytics"), ids.length * sent);
    equal(await project.count("analytics_events"), ids.length * sent);
    const counters = await project.sql`select distinct count::int from analytics_daily`;
    deepEqual([...counters], [{ count: sent }]);
    deepEqual(await project.deadLetters("analytics"), []);
  });
});
