/**
 * Queues of other libraries, each as its documentation has it, with batches of the same size. Installed for the comparison
 * alone: Deno fetches the packages when they are imported.
 */
import connect from "postgres";
import { sleep } from "../parts.ts";
import { BATCH, type Open } from "./contenders.ts";

/** Fetches and completes batches; its own maintenance runs beside. Finished jobs stay in its table, as is its default. */
export const pgBoss: Open = async (url) => {
  const { PgBoss } = await load("pg-boss@12.38.0");
  const boss = new PgBoss({ connectionString: url, max: 4 });
  boss.on("error", (error: Error) => console.error(error));
  await boss.start();
  await boss.createQueue("analytics");
  return {
    send: async (count) => {
      await boss.insert("analytics", payloads(count).map((data) => ({ data })));
    },
    async consume() {
      const jobs: { id: string }[] = await boss.fetch("analytics", { batchSize: BATCH });
      if (jobs.length > 0) await boss.complete("analytics", jobs.map(({ id }) => id));
      return jobs.length;
    },
    backlog: () =>
      count(url, "select count(*)::int as left from pgboss.job where name = 'analytics' and state < 'completed'"),
    [Symbol.asyncDispose]: () => boss.stop({ graceful: false }),
  };
};

/** Its runner, which fetches and completes jobs in batches (`localQueue`, `completeJobBatchDelay`). */
export const graphileWorker: Open = async (url) => {
  const { Logger, run } = await load("graphile-worker@0.18.0");
  const sql = connect(url, { max: 1, onnotice: () => {} });
  let handled = 0;
  const runner = await run({
    connectionString: url,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    concurrency: BATCH,
    pollInterval: 100,
    taskList: { analytics: () => void handled++ },
    preset: { worker: { localQueue: { size: BATCH }, completeJobBatchDelay: 5, failJobBatchDelay: 5 } },
  });
  return {
    async send(count) {
      await sql`select count(*) from graphile_worker.add_jobs(array(
        select row('analytics', payload::json, null, null, null, null, null, null)::graphile_worker.job_spec
        from jsonb_array_elements(${sql.json(payloads(count))}) payload))`;
    },
    async consume() {
      await sleep(10);
      const count = handled;
      handled = 0;
      return count;
    },
    backlog: () => count(url, "select count(*)::int as left from graphile_worker._private_jobs"),
    async [Symbol.asyncDispose]() {
      await runner.stop();
      await sql.end({ timeout: 5 });
    },
  };
};

function payloads(count: number): { n: number; text: string }[] {
  return Array.from({ length: count }, (_, n) => ({ n, text: "x".repeat(100) }));
}

async function count(url: string, query: string): Promise<number> {
  const sql = connect(url, { max: 1 });
  try {
    return (await sql.unsafe(query))[0]!.left;
  } finally {
    await sql.end();
  }
}

// deno-lint-ignore no-explicit-any
function load(name: string): Promise<any> {
  return import(`npm:${name}`);
}
