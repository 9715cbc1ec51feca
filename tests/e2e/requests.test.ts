/** Calls of workers: permissions, methods, responses, and no secret in responses and logs. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { signToken } from "../../local/stack/keys.ts";
import { comment, likeEvent } from "./messages.ts";
import { type Answer, Project, until } from "./project.ts";

const queues = ["like_events", "analytics", "notifications"] as const;

Deno.test("requests", async (t) => {
  await using project = await Project.start();
  const { secretKey, publishableKey, jwtSecret } = project.stack;
  const answers: Answer[] = [];
  const call = async (name: string, init?: RequestInit) => {
    const answer = await project.call(name, init);
    answers.push(answer);
    return answer;
  };
  const tokens = [
    await signToken(jwtSecret, { role: "service_role" }),
    await signToken(jwtSecret, { role: "authenticated", sub: crypto.randomUUID() }),
  ];

  await t.step("a call without the secret key starts no run", async () => {
    const strangers: Record<string, string>[] = [
      {},
      { apikey: "" },
      { apikey: publishableKey },
      { apikey: "sb_secret_wrong" },
      { apikey: `${secretKey}x` },
      { apikey: secretKey.slice(0, -1) },
      { authorization: `Bearer ${secretKey}` },
      ...tokens.map((token) => ({ authorization: `Bearer ${token}` })),
      ...tokens.map((token) => ({ apikey: publishableKey, authorization: `Bearer ${token}` })),
    ];
    for (const queue of queues) {
      for (const headers of strangers) {
        const { status, body } = await call(queue, { headers });
        equal(status, 401, JSON.stringify(headers));
        ok(typeof body === "object", `${body}`);
      }
    }
    equal(await project.count("queues.runs"), 0);
  });

  await t.step("only POST starts a run", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const { status, body } = await call("analytics", { method, headers: { apikey: secretKey } });
      deepEqual([status, body.error.code], [405, "method_not_allowed"]);
      equal((await call("analytics", { method, headers: {} })).status, 401);
    }
    equal(await project.count("queues.runs"), 0);
  });

  await t.step("an unknown function is not found", async () => {
    for (const name of ["nothing", "like_events_dlq"]) equal((await call(name)).status, 404);
  });

  await t.step("ignores the body of a request", async () => {
    for (const body of ["{", "null", JSON.stringify({ queue: "analytics", limit: -1 }), "x".repeat(100_000)]) {
      const { status, body: summary } = await call("like_events", {
        headers: { apikey: secretKey },
        method: "POST",
        body,
      });
      deepEqual([status, summary.queue, summary.stoppedBecause], [200, "like_events", "empty"]);
    }
  });

  await t.step("with respond-async the response comes before the run", async () => {
    await project.reset();
    await project.send("like_events", [likeEvent(), likeEvent()]);
    await using lock = await project.lock("lock table pgmq.q_analytics");
    const { status, body } = await call("like_events", {
      method: "POST",
      headers: { apikey: secretKey, prefer: "respond-async" },
    });
    deepEqual([status, body.queue], [202, "like_events"]);
    await project.waiting(lock.pid);
    await lock.release();
    await project.drained("like_events");
    await until(async () => await project.count("queues.runs where finished_at is not null") === 1, "the run's end");
    const [run] = await project.sql`select id, processed::int, stopped_because from queues.runs`;
    deepEqual(run, { id: body.runId, processed: 2, stopped_because: "empty" });
  });

  await t.step("the response to a failure has a code", async () => {
    await project.reset();
    await project
      .sql`revoke execute on function claim_messages(text, integer, uuid, boolean, boolean) from service_role`;
    try {
      const { status, body } = await call("analytics");
      equal(status, 500);
      equal(body.error.code, "misconfigured");
      match(body.error.message, /permission denied/);
    } finally {
      await project
        .sql`grant execute on function claim_messages(text, integer, uuid, boolean, boolean) to service_role`;
    }
    const [settings] = await project.sql`delete from queues.settings where queue = 'analytics' returning *`;
    const { status, body } = await call("analytics");
    await project.sql`insert into queues.settings ${project.sql(settings!)}`;
    equal(status, 404);
    match(body.error.message, /there is no queue `analytics`/);
  });

  await t.step("a run logs one line, and one for what failed in a settlement", async () => {
    await project.reset();
    await project.send("like_events", ["null", likeEvent()]);
    await call("like_events");
    const [{ id }] = await project.sql`select id from queues.runs` as unknown as [{ id: string }];
    const lines = () =>
      project.said.filter((line) => line.startsWith("[process-like-events]") && line.includes(id))
        .map((line) => JSON.parse(line.slice(line.indexOf("{"))));
    // One goes to standard output and the other to standard error: either may be read first.
    await until(() => lines().length >= 2, "two lines");
    const [[run, ...more], [failures, ...others]] = [
      lines().filter(({ status }) => status),
      lines().filter(({ status }) => !status),
    ];
    deepEqual([more, others], [[], []]);
    deepEqual([run.queue, run.status, run.processed, run.deadLettered], ["like_events", 200, 1, 1]);
    deepEqual([failures.queue, failures.runId], ["like_events", id]);
    deepEqual(failures.failed.map(({ outcome }: { outcome: string }) => outcome), ["dead_lettered"]);
  });

  await t.step("no response and no log contains a secret", async () => {
    await project.stack.postgres.kill();
    equal((await call("notifications")).status, 500);
    await project.stack.postgres.restart();
    await project.reconnect();
    const everything = [...project.said, ...answers.map((answer) => JSON.stringify(answer))].join("\n");
    ok(everything.includes("like_events") && everything.includes("misconfigured"), "there is something to look at");
    for (const secret of [secretKey, jwtSecret, ...tokens]) ok(!everything.includes(secret));
    // Keys, tokens, and URLs with a password.
    for (
      const pattern of [/sb_(secret|publishable)_[\w-]{8}/, /eyJ[\w-]+\.[\w-]+/, /postgres(ql)?:\/\/[^\s/]*:[^\s/]*@/]
    ) {
      const found = pattern.exec(everything);
      equal(found && everything.slice(found.index - 100, found.index + 100), null);
    }
  });
});

Deno.test("a run stops at its time limit and leaves the rest visible", async () => {
  await using project = await Project.start({ functionEnv: { QUEUES_WALL_MS: "5000" } });
  const { owner, ids: [post] } = await project.posts(1);
  await project.set("notifications", { batch_size: 1 });
  await project.warm("notifications");
  // Too many for one run, however fast the machine is.
  const count = 10_000;
  await project.send("notifications", Array.from({ length: count }, () => comment(owner, post!)));
  const { status, body } = await project.call("notifications");
  equal(status, 200);
  equal(body.stoppedBecause, "wall_budget");
  ok(body.processed > 0 && body.processed < count, `${body.processed}`);
  equal(body.processed + body.released, body.claimed);
  equal(await project.count("pgmq.q_notifications where vt <= clock_timestamp()"), count - body.processed);
  equal(await project.count("notifications"), body.processed);
});
