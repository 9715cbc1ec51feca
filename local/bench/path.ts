/** Our path: HTTP to the function, which claims and settles through the gateway and PostgREST. */
import type postgres from "postgres";
import type { Stack } from "../stack/stack.ts";

export interface PathOptions {
  workers: number;
  batchSize: number;
  /** Archive acknowledged messages, as the default settings do, or delete them. */
  archives: boolean;
}

/** Configures the queue for a run; not measured. */
export async function configure(sql: postgres.Sql, { batchSize, archives }: PathOptions): Promise<void> {
  await sql`
    update queues.settings set batch_size = ${batchSize}, retention_days = ${archives ? 90 : null}
    where queue = 'analytics'`;
}

/** Runs workers concurrently until the queue is empty, as the dispatcher does. Returns the number of calls. */
export async function runPath(stack: Stack, workers: number): Promise<number> {
  const calls = await Promise.all(Array.from({ length: workers }, () => drain(stack)));
  return calls.reduce((sum, count) => sum + count, 0);
}

/** Starts the processes before a run. */
export async function warmUp(stack: Stack, workers: number): Promise<void> {
  await runPath(stack, workers);
  const pids = await stack.functions.pids("process-analytics");
  if (pids.length !== workers) throw new Error(`${pids.length} processes serve ${workers} workers`);
}

async function drain(stack: Stack): Promise<number> {
  for (let calls = 1;; calls++) {
    const response = await fetch(`${stack.url}/functions/v1/process-analytics`, {
      method: "POST",
      headers: { apikey: stack.secretKey },
    });
    const answer = await response.json();
    if (response.status !== 200) throw new Error(`the function answered ${response.status}: ${JSON.stringify(answer)}`);
    if (answer.stoppedBecause === "empty") return calls;
  }
}
