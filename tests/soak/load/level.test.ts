/** A soak that finds nothing must be able to find something. */
import { deepEqual } from "node:assert/strict";
import type { Figures } from "./figures.ts";
import { growing } from "./level.ts";

function samples(
  of: (n: number) => { mb?: number; queue?: number; history?: { live: number; bytes: number } },
): Figures[] {
  return Array.from({ length: 9 }, (_, n) => {
    const { mb = 40, queue = 100_000, history = { live: 10_000 * n, bytes: 1_000_000 * n } } = of(n);
    const table = (name: string, live: number, bytes: number) => ({ name, live, dead: 0, bytes, indexBytes: 0 });
    return {
      likes: 0,
      settled: 0,
      calls: 0,
      latency: [],
      connections: 0,
      memory: { postgrest: mb },
      tables: [table("pgmq.q_analytics", 0, queue), table("pgmq.a_analytics", history.live, history.bytes)],
      logBytes: 0,
    };
  });
}

Deno.test("a history that grows with its rows, and small changes, level off", () => {
  deepEqual(growing(samples((n) => ({ mb: 40 + n % 3 }))), []);
});

Deno.test("memory that grows is found", () => {
  deepEqual(growing(samples((n) => ({ mb: 40 * 2 ** n }))), [
    "the memory of postgrest in MB grew from 1280.0 to 10240.0",
  ]);
});

Deno.test("a queue whose table grows is found", () => {
  const found = growing(samples((n) => ({ queue: 10_000_000 * n * n })));
  deepEqual(found, ["the bytes of pgmq.q_analytics grew from 250000000.0 to 640000000.0"]);
});

Deno.test("a history that grows faster than its rows is found", () => {
  const found = growing(samples((n) => ({ history: { live: 2000 * (n + 1), bytes: 100_000 * (n + 1) ** 3 } })));
  deepEqual(found, ["the bytes of each row of pgmq.a_analytics grew from 1800.0 to 4050.0"]);
});
