/** Messages that the database refuses, or cannot store for a while, affect no neighbours and are not lost. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import connect from "postgres";
import { comment, oldAnalytics } from "./messages.ts";
import { backend, Project, until, versions } from "./project.ts";

for (const pgVersion of versions) {
  Deno.test(`isolation on Postgres ${pgVersion}`, async (t) => {
    await using project = await Project.start({ pgVersion });
    const it = (behaviour: string, body: () => Promise<void>) =>
      t.step(behaviour, async () => {
        await project.reset();
        await project.set("notifications", { visibility_timeout_secs: 60, backoff_base_secs: 10, max_retries: 3 });
        await body();
      });

    await it("messages to accounts that are gone are dropped with a reason, with their neighbours", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.set("notifications", { batch_size: 100 });
      const ids = await project.send(
        "notifications",
        Array.from({ length: 100 }, (_, n) => comment(n % 2 === 0 ? owner : crypto.randomUUID(), post!)),
      );
      const { body } = await project.call("notifications");
      deepEqual([body.processed, body.deadLettered, body.batches], [100, 0, 1]);
      equal(await project.count("notifications"), 50);
      equal(await project.count("queues.settlements where processed > 0"), 1, "in one settlement");
      const dropped = await project.sql`
        select msg_id::int, headers #>> '{dropped,code}' as code from pgmq.a_notifications
        where headers ? 'dropped' order by msg_id`;
      deepEqual([...dropped], ids.filter((_, n) => n % 2 === 1).map((msg_id) => ({ msg_id, code: "recipient_gone" })));
      deepEqual(await project.deadLetters("notifications"), []);
    });

    await it("accounts deleted after the claim are treated alike", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      const { owner: leaver } = await project.posts(1);
      await project.set("notifications", { batch_size: 100 });
      const ids = await project.send(
        "notifications",
        Array.from({ length: 100 }, (_, n) => comment(n % 2 === 0 ? owner : leaver, post!)),
      );
      const deletion = connect(project.stack.databaseUrl, { max: 1 });
      try {
        const call = await deletion.begin(async (sql) => {
          await sql`delete from profiles where id = ${leaver}`;
          // The claim still sees the account; the settlement waits for the deletion.
          const call = project.call("notifications");
          await project.waiting(await backend(sql));
          return () => call;
        });
        const { body } = await call();
        deepEqual([body.claimed, body.processed, body.deadLettered, body.batches], [100, 100, 0, 1]);
      } finally {
        await deletion.end();
      }
      equal(await project.count("notifications"), 50);
      equal(await project.count("queues.settlements where processed > 0"), 1, "in one settlement");
      const dropped = await project.sql`
        select msg_id::int, headers #>> '{dropped,code}' as code from pgmq.a_notifications
        where headers ? 'dropped' order by msg_id`;
      deepEqual([...dropped], ids.filter((_, n) => n % 2 === 1).map((msg_id) => ({ msg_id, code: "recipient_gone" })));
      deepEqual(await project.deadLetters("notifications"), []);
    });

    await project.sql`
      alter table notifications add constraint refusal check (data ->> 'comment' is distinct from 'refused')`;

    await it("a notification that the database refuses is the only dead letter of its batch", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.set("notifications", { batch_size: 101 });
      const good = () => Array.from({ length: 50 }, (_, n) => comment(owner, post!, `comment ${n}`));
      const ids = await project.send("notifications", [...good(), comment(owner, post!, "refused"), ...good()]);

      const { status, body } = await project.call("notifications");
      equal(status, 200);
      deepEqual([body.claimed, body.processed, body.deadLettered, body.batches], [101, 100, 1, 1]);
      const [letter, ...others] = await project.deadLetters("notifications");
      deepEqual(others, []);
      deepEqual([letter!.msg_id, letter!.reason, letter!.attempts, letter!.crashes], [
        ids[50],
        "database_rejected",
        1,
        0,
      ]);
      match(letter!.error, /^23514: .*violates check constraint "refusal"/);
      equal(await project.count("notifications"), 100);
      equal(await project.count("(select distinct data ->> 'comment' from notifications) s"), 50);
      equal(await project.count("pgmq.a_notifications"), 100);
    });

    await it("each of several bad rows is found, also adjacent ones", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      const bad = new Set([0, 1, 2, 33, 50, 98, 99]);
      const texts = Array.from({ length: 100 }, (_, n) => bad.has(n) ? "refused" : "comment");
      const ids = await project.send("notifications", texts.map((text) => comment(owner, post!, text)));
      equal((await project.call("notifications")).body.processed, 93);
      equal(await project.count("notifications"), 93);
      const letters = await project.deadLetters("notifications");
      deepEqual(letters.map((letter) => letter.msg_id), [...bad].map((n) => ids[n]));
    });

    await it("an event is kept without its deleted post", async () => {
      const { ids: [gone, kept] } = await project.posts(2);
      await project.send("analytics", [oldAnalytics(gone!), oldAnalytics(kept!), oldAnalytics(gone!)]);
      await project.sql`delete from posts_new where id = ${gone!}`;
      equal((await project.call("analytics")).body.processed, 3);
      await project.sql`delete from posts_new where id = ${kept!}`;
      const events = await project
        .sql`select post_id, metadata ->> 'post_id' as was from analytics_events order by was`;
      deepEqual([...events], [{ post_id: null, was: gone }, { post_id: null, was: gone }, {
        post_id: null,
        was: null,
      }]);
      const counters = await project.sql`select post_id, count::int from analytics_daily order by count`;
      deepEqual([...counters], [{ post_id: kept, count: 1 }, { post_id: gone, count: 2 }]);
    });

    await it("events are kept when their post is deleted during settlement", async () => {
      const { ids } = await project.posts(20);
      await project.send("analytics", ids.flatMap((id) => Array.from({ length: 20 }, () => oldAnalytics(id))));
      await project.set("analytics", { batch_size: 20 });
      const run = project.call("analytics");
      for (const id of ids) await project.sql`delete from posts_new where id = ${id}`;
      equal((await run).body.processed, 400);
      equal(await project.count("analytics_events where post_id is null"), 400);
      equal((await project.sql`select sum(count)::int as sum from analytics_daily`)[0]!.sum, 400);
    });

    await it("a short lock on a table delays the batch", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.send("notifications", Array.from({ length: 8 }, () => comment(owner, post!)));
      await using lock = await project.lock("lock table notifications");
      const run = project.call("notifications");
      await project.waiting(lock.pid);
      await lock.release();
      deepEqual((await run).body, {
        queue: "notifications",
        claimed: 8,
        processed: 8,
        retried: 0,
        deferred: 0,
        deadLettered: 0,
        lost: 0,
        released: 0,
        batches: 1,
        stoppedBecause: "empty",
      });
      equal(await project.count("notifications"), 8);
    });

    await it("a long lock on a table costs a retry and loses nothing", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      // More than there can be while the lock is held.
      await project.set("notifications", { backoff_base_secs: 1, max_retries: 100 });
      await project.send("notifications", Array.from({ length: 4 }, () => comment(owner, post!)));
      // 8 s on the platform.
      await project.sql`alter function settle_messages(text, jsonb) set lock_timeout = '50ms'`;
      try {
        await using lock = await project.lock("lock table notifications");
        const run = project.call("notifications");
        await until(async () => await project.count("queues.failures where failures > 0") > 0, "a retry");
        await lock.release();
        const { status, body } = await run;
        equal(status, 200);
        ok(body.retried > 0);
        equal(body.deadLettered, 0);
        const [failure] = await project.sql`select last_code, last_error from queues.failures`;
        equal(failure!.last_code, "database_busy");
        match(failure!.last_error, /^PT409: queue `notifications` is locked by another transaction/);
      } finally {
        await project.sql`alter function settle_messages(text, jsonb) reset lock_timeout`;
      }
      project.stack.scheduler.start();
      await project.drained("notifications");
      await project.stack.scheduler.stop();
      equal(await project.count("notifications"), 4);
      equal(await project.count("pgmq.a_notifications"), 4);
      deepEqual(await project.deadLetters("notifications"), []);
    });

    await it("a message whose table stays locked is dead-lettered after its retries", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.set("notifications", { backoff_base_secs: 1, max_retries: 1 });
      const [id] = await project.send("notifications", [comment(owner, post!)]);
      await project.sql`alter function settle_messages(text, jsonb) set lock_timeout = '50ms'`;
      try {
        await using _ = await project.lock("lock table notifications");
        project.stack.scheduler.start();
        await project.drained("notifications");
        await project.stack.scheduler.stop();
      } finally {
        await project.sql`alter function settle_messages(text, jsonb) reset lock_timeout`;
      }
      const [letter] = await project.deadLetters("notifications");
      deepEqual([letter!.msg_id, letter!.reason, letter!.attempts, letter!.crashes], [id, "retries_exhausted", 2, 0]);
      match(letter!.error, /^database_busy: PT409/);
      deepEqual(letter!.history.map(({ code }) => code), ["database_busy", "retries_exhausted"]);
      equal(await project.count("notifications"), 0);
    });

    await it("a batch is released while its table is not writable", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.send("notifications", Array.from({ length: 4 }, () => comment(owner, post!)));
      await project.sql`revoke insert on notifications from postgres`;
      try {
        const { status, body } = await project.call("notifications");
        equal(status, 500);
        equal(body.error.code, "misconfigured");
        match(body.error.message, /^42501: permission denied for table notifications/);
      } finally {
        await project.sql`grant insert on notifications to postgres`;
      }
      // Released: visible at once, without a failure.
      const runs = await project.sql`select released::int, stopped_because from queues.runs`;
      deepEqual([...runs], [{ released: 4, stopped_because: "settle_failed" }]);
      equal((await project.call("notifications")).body.processed, 4);
      equal(await project.count("notifications"), 4);
    });

    await it("messages of a worker without permission to settle are claimed again after their leases", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.send("notifications", Array.from({ length: 4 }, () => comment(owner, post!)));
      await project.sql`revoke execute on function settle_messages(text, jsonb) from service_role`;
      try {
        const { status, body } = await project.call("notifications");
        equal(status, 500);
        match(body.error.message, /^42501: permission denied for function settle_messages/);
      } finally {
        await project.sql`grant execute on function settle_messages(text, jsonb) to service_role`;
      }
      await project.expire("notifications");
      project.stack.scheduler.start();
      await project.drained("notifications");
      await project.stack.scheduler.stop();
      equal(await project.count("notifications"), 4);
      deepEqual(await project.deadLetters("notifications"), []);
    });
  });
}
