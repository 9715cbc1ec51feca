/** Messages per second of process-analytics through the whole path, beside the floor. */
import type postgres from "postgres";
import type { Stack } from "../stack/stack.ts";
import { runFloor } from "./floor.ts";
import { refill } from "./messages.ts";
import { configure, type PathOptions, runPath, warmUp } from "./path.ts";
import { heading, median, row } from "./table.ts";
import { verify } from "./verify.ts";

export const BATCH_SIZES = [100, 1_000];
const WORKERS = [1, 4];

interface Result {
  messagesPerSec: number;
  calls: number;
}

/** Every round measures the floor and our path in turn, so that a busy machine slows both. */
export async function throughput(stack: Stack, sql: postgres.Sql, messages: number, rounds: number): Promise<void> {
  await warmUp(stack, Math.max(...WORKERS));
  heading("process-analytics, messages a second (of the floor)", ["floor", ...variants(0).map(columnName)]);
  for (const batchSize of BATCH_SIZES) {
    const floors: Result[] = [];
    const ours = variants(batchSize).map(() => [] as Result[]);
    for (let round = 0; round < rounds; round++) {
      for (const archives of [false, true]) {
        floors.push(await measure(sql, messages, () => runFloor(sql, batchSize), { counts: false, archives: false }));
        for (const [index, variant] of variants(batchSize).entries()) {
          if (variant.archives !== archives) continue;
          await configure(sql, variant);
          const work = () => runPath(stack, variant.workers);
          ours[index]!.push(await measure(sql, messages, work, { counts: true, archives }));
        }
      }
    }
    const floor = median(floors.map((result) => result.messagesPerSec));
    row(`batches of ${batchSize}`, [floor.toFixed(0), ...ours.map((results) => cell(results, floor))]);
    row("  calls of the function", ["", ...ours.map((results) => `${median(results.map((result) => result.calls))}`)]);
  }
}

async function measure(
  sql: postgres.Sql,
  messages: number,
  work: () => Promise<number | void>,
  expected: { counts: boolean; archives: boolean },
): Promise<Result> {
  await refill(sql);
  const started = performance.now();
  const calls = await work() ?? 1;
  const elapsedMs = performance.now() - started;
  await verify(sql, expected);
  return { messagesPerSec: messages / (elapsedMs / 1_000), calls };
}

function variants(batchSize: number): PathOptions[] {
  return [false, true].flatMap((archives) => WORKERS.map((workers) => ({ workers, batchSize, archives })));
}

function columnName({ workers, archives }: PathOptions): string {
  return `${workers} worker${workers > 1 ? "s" : ""}, ${archives ? "archive" : "delete"}`;
}

function cell(results: Result[], floor: number): string {
  const rate = median(results.map((result) => result.messagesPerSec));
  return `${rate.toFixed(0)} (${(100 * rate / floor).toFixed(0)} %)`;
}
