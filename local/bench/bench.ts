/**
 * `make bench`: how fast the queues are, measured on this machine in this run; compare numbers of one run only.
 * BENCH_MESSAGES, BENCH_ROUNDS and BENCH_EVENTS scale it.
 */
import connect from "postgres";
import { logToFile } from "../log.ts";
import { startStack } from "../stack.ts";
import { analytics } from "./analytics.ts";
import { decisions, firstDecisions, size } from "./core.ts";
import { createFloor } from "./floor.ts";
import { claimBytes, makeMessages, refill } from "./messages.ts";
import { BATCH_SIZES, throughput } from "./throughput.ts";

const MESSAGES = Number(Deno.env.get("BENCH_MESSAGES") || 50_000);
const ROUNDS = Number(Deno.env.get("BENCH_ROUNDS") || 3);
const EVENTS = Number(Deno.env.get("BENCH_EVENTS") || 2_000_000);

async function main(): Promise<void> {
  const logFile = await Deno.makeTempFile({ prefix: "queues-bench-", suffix: ".log" });
  const claims = await Deno.makeTempDir({ prefix: "queues-bench-" });
  await using stack = await startStack({ workersPerFunction: 4, log: logToFile(logFile) });
  // As the superuser, for checkpoints between the runs.
  const sql = connect(stack.adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    await makeMessages(sql, MESSAGES);
    await createFloor(sql);
    await refill(sql);
    const files = new Map<number, string>();
    for (const limit of BATCH_SIZES) {
      files.set(limit, `${claims}/${limit}.json`);
      await Deno.writeFile(files.get(limit)!, await claimBytes(sql, limit));
    }
    console.log(
      `Postgres ${stack.postgres.version} with fsync on, ${navigator.hardwareConcurrency} processors; the output of the ` +
        `functions is in ${logFile}`,
    );
    size();
    await firstDecisions(files.get(BATCH_SIZES[0]!)!);
    await decisions(files);

    console.log(
      `\n${MESSAGES} messages a run, the median of ${ROUNDS} rounds. The floor is a procedure in the database that reads a ` +
        "batch,\ninserts its events, deletes its messages and commits. Ours also validates, counts and records its runs; " +
        "the default\nsettings archive what is done, which the floor does not: both are shown. Every run is checked to have " +
        "stored each\nevent once and, ours, to have counted it.",
    );
    await throughput(stack, sql, MESSAGES, ROUNDS);
    await analytics(stack, EVENTS);
  } finally {
    await sql.end();
    await Deno.remove(claims, { recursive: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  Deno.exit(1);
}
