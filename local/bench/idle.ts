/** The cost of unused queues: the HTTP calls of the scheduler. */
import type postgres from "postgres";
import type { Stack } from "../stack/stack.ts";
import { sleep } from "./parts.ts";
import { heading, row } from "./table.ts";

/** Runs the scheduler over empty queues for `secs`, as the migrations schedule it. Throws if it calls a worker. */
export async function idle(stack: Stack, sql: postgres.Sql, secs: number): Promise<void> {
  heading(`${secs} seconds with empty queues`, ["ticks", "HTTP calls", "an hour", "processes started"]);
  stack.scheduler.start();
  const started = performance.now();
  await sleep(1_000 * secs);
  const ticks = await count(sql, "select count(*) from cron.job_run_details where status = 'succeeded'");
  const calls = await callsMade(sql);
  const hours = (performance.now() - started) / 3_600_000;
  const processes = await processesOf(stack, sql);
  row("", [ticks, calls, calls / hours, processes].map((number) => number.toFixed(0)));
  if (ticks === 0) throw new Error("the scheduler did not tick; run for more seconds");
  if (calls > 0 || processes > 0) throw new Error("empty queues caused calls");

  // Proves that the counter counts.
  await sql`select pgmq.send('notifications', '{}')`;
  const deadline = performance.now() + 30_000;
  while (await callsMade(sql) === 0) {
    if (performance.now() > deadline) throw new Error("a message caused no call");
    await sleep(100);
  }
  row("one message", ["", `${await callsMade(sql)}`]);
}

/** The number of all requests to pg_net. */
function callsMade(sql: postgres.Sql): Promise<number> {
  return count(
    sql,
    `select coalesce(pg_sequence_last_value(pg_get_serial_sequence('net.http_request_queue', 'id')::regclass), 0) as count`,
  );
}

/** A function's first process starts with its first request. */
async function processesOf(stack: Stack, sql: postgres.Sql): Promise<number> {
  const functions = await sql<{ name: string }[]>`
    select function_name as name from queues.settings where function_name is not null`;
  const pids = await Promise.all(functions.map(({ name }) => stack.functions.pids(name)));
  return pids.flat().length;
}

async function count(sql: postgres.Sql, query: string): Promise<number> {
  const [found] = await sql.unsafe<{ count: string }[]>(query);
  return Number(found!.count);
}
