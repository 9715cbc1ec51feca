/** Workers keep their places while providers are slow, and lose them soon after a crash. */
import { equal } from "node:assert/strict";
import { startProviders } from "../../local/providers/providers.ts";
import { oldAnalytics } from "./messages.ts";
import { Project, until } from "./project.ts";
import { Recipients } from "./recipients.ts";

/** The silence after which a place is free: `c_silent` of supabase/schemas/20_engine/40_runs.sql. */
const SILENCE_SECS = 15;

Deno.test("heartbeats", async (t) => {
  await using providers = await startProviders();
  await using project = await Project.start({ functionEnv: providers.env });

  /** Sends a dozen requests to a service that answers after 20 seconds. */
  const waits = async (queue: string, service: "fcm" | "openai", send: () => Promise<void>) => {
    await project.reset();
    // Both run at the same time from the start, and until the test has seen what it waits for.
    await project.warm(queue, 2);
    await project.sql`update queues.notification_settings set breaker_failures = 1000`;
    await project.set(queue, { max_workers: 2, batch_size: 2, delivery_concurrency: 1, visibility_timeout_secs: 60 });
    await send();
    providers.fail(service, [{ share: 1, latencyMs: 20_000 }]);

    project.stack.scheduler.start();
    const runs = () => project.count(`queues.runs where queue = '${queue}' and claimed > 0`);
    await until(async () => await runs() >= 2, "both workers");
    // Signs of life long after the claim, from both at the same time: neither waits for its provider in silence. With the
    // times of the database, which are as late as a slow machine makes them.
    await until(async () => {
      const [row] = await project.sql`
        select min(extract(epoch from last_seen_at - started_at))::float as secs, count(*)::int from queues.runs
        where queue = ${queue} and finished_at is null`;
      return row!.count === 2 && row!.secs > SILENCE_SECS;
    }, "heartbeats of both workers after the silence that frees a place");
    equal(await runs(), 2, "no third run");
    await project.stack.scheduler.stop();
    providers.heal();
    await project.kill(queue);
  };

  await t.step("no more workers than allowed run while providers answer after 20 seconds", async () => {
    await waits("deliveries", "fcm", async () => {
      const recipients = new Recipients(project, providers);
      for (let n = 0; n < 12; n++) await recipients.like(await recipients.add({ devices: ["fcm"] }), `session ${n}`);
    });
  });

  await t.step("nor while a service that judges comments does", async () => {
    await waits("comment_opinions", "openai", async () => {
      await project.sql`update queues.comment_settings set opinion_provider = 'openai'`;
      const { ids: [post] } = await project.posts(1);
      await project.sql`
        with author as (insert into profiles (username) values ('ann') returning id)
        insert into comments (post_id, author_id, body, status, decided_at)
        select ${post!}, author.id, 'comment ' || n, 'flagged', now() from author, generate_series(1, 12) n`;
      await project.sql`select queues.ask_for_opinions(array(select c from comments c))`;
    });
  });

  await t.step("new messages do not wait for the leases of workers that crashed", async () => {
    await project.reset();
    await project.set("analytics", { max_workers: 2, visibility_timeout_secs: 3600, schedule_secs: 1 });
    const { ids: [post] } = await project.posts(1);
    // Two runs that crashed hold both places, and all messages so far.
    await project.send("analytics", [oldAnalytics(post!), oldAnalytics(post!)]);
    for (const run of [1, 2]) {
      await project.sql`select claim_messages('analytics', 1, ${`00000000-0000-4000-8000-00000000000${run}`})`;
    }
    const [sent] = await project.send("analytics", [oldAnalytics(post!)]);
    project.stack.scheduler.start();
    await until(
      async () => await project.count(`pgmq.a_analytics where msg_id = ${sent}`) === 1,
      "the new message, long before those leases end",
    );
    await project.stack.scheduler.stop();
    equal(await project.count("pgmq.q_analytics"), 2, "the others keep their leases");
  });
});
