import assert from "node:assert/strict";
import { query } from "../database.ts";
import { startStack } from "../stack.ts";

const workers = new URL("fixtures/workers", import.meta.url).pathname;

Deno.test("the scheduler calls the functions of queues with a backlog, one call at a time", async (test) => {
  const calls: string[] = [];
  const log = (line: string) => {
    if (/^\[process-.*\] called/.test(line)) calls.push(line);
  };
  const callsOf = (name: string) => calls.filter((line) => line.startsWith(`[process-${name}]`));
  await using stack = await startStack({ functionsDir: workers, workersPerFunction: 1, log });
  const run = (text: string) => query(stack.databaseUrl, (sql) => sql.unsafe(text));
  /** A queue whose function answers at once is called once a tick. */
  const ticks = async (count: number) => {
    const before = callsOf("like-events").length;
    while (callsOf("like-events").length < before + count) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  await run(`select pgmq.send('like_events', '{}'), pgmq.send('notifications', '{}')`);
  stack.scheduler.start();
  await ticks(3);

  await test.step("a worker is asked to answer before it is done", () => {
    assert.equal(callsOf("like-events")[0], "[process-like-events] called POST respond-async");
  });
  await test.step("an empty queue is not called", () => {
    assert.deepEqual(callsOf("analytics"), []);
  });
  await test.step("while a call is unanswered there is no second one", async () => {
    assert.equal(callsOf("notifications").length, 1);
    const response = await fetch(`${stack.url}/functions/v1/process-notifications`);
    await response.body?.cancel();
    await ticks(2);
    assert.ok(callsOf("notifications").length > 1);
  });
  await test.step("a paused queue is not called", async () => {
    await run(`update queues.settings set paused = true where queue = 'notifications'`);
    // The tick under way may have read the settings before.
    await ticks(2);
    const before = callsOf("notifications").length;
    await ticks(2);
    assert.equal(callsOf("notifications").length, before);
  });
  await test.step("nor is one with as many live runs as workers", async () => {
    await run(`update queues.settings set paused = false, max_workers = 1 where queue = 'notifications'`);
    await run(`insert into queues.runs (id, queue) values (gen_random_uuid(), 'notifications')`);
    await ticks(2);
    const before = callsOf("notifications").length;
    await ticks(2);
    assert.equal(callsOf("notifications").length, before);
  });
  await test.step("a Postgres that is away for a while stops nothing", async () => {
    await stack.postgres.restart();
    await ticks(2);
  });
});
