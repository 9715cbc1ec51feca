/** The dispatcher: from a like to its notification without a call from outside. */
import { deepEqual, equal, match } from "node:assert/strict";
import { comment } from "./messages.ts";
import { Project, until } from "./project.ts";

Deno.test("dispatch", async (t) => {
  await using project = await Project.start({ scheduler: true });
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      await body();
    });
  const ticks = async (count: number) => {
    const done = () => project.count("cron.job_run_details where command ~ 'dispatch' and status = 'succeeded'");
    const before = await done();
    await until(async () => await done() >= before + count, `${count} ticks`);
  };
  const toggle = (post: string, session = "session") =>
    fetch(`${project.stack.url}/rest/v1/rpc/toggle_post_like`, {
      method: "POST",
      headers: { apikey: project.stack.publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ p_post_id: post, p_session_id: session }),
    }).then((response) => response.text());
  const secret = (name: string, value: string) =>
    project.sql`select vault.update_secret(id, ${value}) from vault.secrets where name = ${name}`;

  await it("empty queues cost no call", async () => {
    await ticks(4);
    equal(await project.count("queues.dispatches"), 0);
    equal(await project.count("queues.runs"), 0);
  });

  await it("likes become notifications without a tick, also those that arrive while a worker is idle", async () => {
    await project.sql`update queues.settings set schedule_secs = 3600`;
    // Every queue is due at first: no tick may come between the like and its worker.
    await until(
      async () =>
        await project.count(
          "queues.settings s left join queues.due d using (queue) " +
            "where not paused and function_name is not null and (d.at > clock_timestamp() + interval '1 minute') is not true",
        ) === 0,
      "ticks that put every queue off",
    );
    for (const queue of ["like_events", "notifications"]) await project.warm(queue);
    const { ids: posts } = await project.posts(3);
    /** Whether a message waits for the next tick, as after a commit that took longer than a worker is idle. */
    const isMissed = async () =>
      await project.count("queues.runs where finished_at is null") === 0 &&
      await project.count(
          "queues.dispatches where outcome is null and run_id is null and not exists (" +
            "select from net._http_response r where r.id = request_id)",
        ) === 0 &&
      await project.count("pgmq.q_like_events") + await project.count("pgmq.q_notifications") > 0;
    for (const [index, post] of posts.entries()) {
      await toggle(post);
      await until(async () => {
        // There is no tick here: another like wakes the workers again.
        if (await isMissed()) await toggle(post, crypto.randomUUID());
        return await project.count("notifications") === index + 1;
      }, "the notification");
    }
    await until(async () => {
      if (await isMissed()) await toggle(posts[0]!, crypto.randomUUID());
      return await project.count("pgmq.q_like_events") + await project.count("pgmq.q_notifications") === 0;
    }, "all of them handled");
    const calls = await project.sql`select distinct queue, cause from queues.dispatches order by queue`;
    deepEqual([...calls], [{ queue: "like_events", cause: "wake" }, { queue: "notifications", cause: "wake" }]);
    await project.sql`update queues.settings set schedule_secs = 1`;
    await project.drained("analytics");
  });

  await it("each call is linked to its run", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.send("notifications", [comment(owner, post!)]);
    await project.drained("notifications");
    await until(
      async () =>
        await project.count(
          "queues.dispatches d join queues.runs r on r.id = d.run_id where d.outcome = 'accepted'",
        ) > 0,
      "a call with its run",
    );
  });

  await it("a worker responds before it starts to work", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.sql`update queues.settings set paused = true where queue <> 'notifications'`;
    await using lock = await project.lock("lock table notifications");
    await project.send("notifications", [comment(owner, post!)]);
    await until(async () => await project.count("queues.dispatches where outcome = 'accepted'") > 0, "the answer");
    equal(await project.count("queues.runs where finished_at is not null and processed > 0"), 0);
    await lock.release();
    await project.drained("notifications");
    await project.sql`update queues.settings set paused = false`;
  });

  await it("a wrong key backs off and shows in health, and the right one repairs it", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await secret("queues_secret_key", "sb_secret_wrong");
    await project.send("notifications", [comment(owner, post!)]);
    await until(
      async () =>
        await project.count("queues.due where queue = 'notifications' and failed_calls > 1") === 1 &&
        await project.count("queues.dispatches where outcome = 'refused'") > 0,
      "two failed calls",
    );
    const [call] = await project
      .sql`select outcome, status_code from queues.dispatches where outcome <> 'timed_out'`;
    deepEqual([call!.outcome, call!.status_code], ["refused", 401]);
    const [health] = await project.sql`select verdict, remedy from queues.health() where queue = 'notifications'`;
    await secret("queues_secret_key", project.stack.secretKey);
    equal(health!.verdict, "failing");
    match(health!.remedy, /queues_secret_key/);
    await project.drained("notifications");
    await until(
      async () => await project.count("queues.due where queue = 'notifications' and failed_calls = 0") === 1,
      "no failed call any more",
    );
  });

  await it("an unreachable function loses nothing", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await secret("queues_project_url", "http://127.0.0.1:9");
    await project.send("notifications", [comment(owner, post!)]);
    await until(async () => await project.count("queues.dispatches where outcome = 'failed'") > 0, "a failed call");
    await secret("queues_project_url", project.stack.url);
    await project.drained("notifications");
    equal(await project.count("notifications"), 1);
  });

  await it("calls that pg_net lost are repeated", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.stack.scheduler.stop();
    await project.send("notifications", [comment(owner, post!)]);
    await project.sql`select queues.dispatch()`;
    await project.sql`select count(*) from queues.dispatches where request_id is not null`;
    // A crash of the database empties pg_net's unlogged tables.
    await using admin = await project.admin();
    await admin.sql`truncate net.http_request_queue`;
    await project.sql`update queues.dispatches set requested_at = requested_at - interval '2 minutes'`;
    project.stack.scheduler.start();
    await until(
      async () => await project.count("queues.dispatches where outcome = 'missing'") === 1,
      "a missing call",
    );
    await project.drained("notifications");
  });

  await it("a large backlog gets more workers, up to the cap", async () => {
    await project.set("analytics", { batch_size: 10, max_workers: 3 });
    // A call that waits for its process may be taken for lost.
    await project.warm("analytics", 2);
    await project.sql`update queues.settings set paused = true where queue = 'analytics'`;
    await project.sql`
      select pgmq.send_batch('analytics', array_agg(jsonb_build_object('event', 'visit', 'timestamp', now())))
      from generate_series(1, 3000)`;
    // No worker can finish, so that all run at the same time.
    await using lock = await project.lock("lock table analytics_events");
    await project.sql`update queues.settings set paused = false where queue = 'analytics'`;
    await until(async () => await project.count("queues.runs where finished_at is null") === 3, "three workers");
    await ticks(2);
    equal(await project.count("queues.dispatches"), 3);
    await lock.release();
    await project.drained("analytics");
    equal(await project.count("analytics_events"), 3000);
  });

  await it("a paused queue gets no calls until it is resumed", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.sql`select queues.pause('notifications')`;
    await project.send("notifications", [comment(owner, post!)]);
    await ticks(3);
    equal(await project.count("queues.dispatches"), 0);
    await project.sql`select queues.resume('notifications')`;
    await project.drained("notifications");
  });

  await it("a restart of the database during calls loses nothing", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.send("notifications", Array.from({ length: 200 }, () => comment(owner, post!)));
    await project.stack.postgres.restart();
    await project.reconnect();
    await project.drained("notifications");
    equal(await project.count("notifications"), 200);
  });
});
