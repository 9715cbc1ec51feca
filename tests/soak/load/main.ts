/**
 * Likes at a steady rate with all that follows from them: wake-up, notifications, deliveries and analytics, while workers
 * are killed and the database is restarted. Prints figures once in a while. Fails if a like is lost or counted twice, and
 * if memory or tables do not level off.
 *
 *     LOAD_MINS     minutes of traffic (4)
 *     LOAD_PER_SEC  likes a second (10)
 */
import connect from "postgres";
import { startProviders } from "../../../local/providers/providers.ts";
import { startStack } from "../../../local/stack/stack.ts";
import { account } from "./account.ts";
import { Disturbances } from "./disturbances.ts";
import { type Figures, measure } from "./figures.ts";
import { growing } from "./level.ts";
import { gather, Likes } from "./traffic.ts";

const MINS = Number(Deno.env.get("LOAD_MINS") || 4);
const PER_SEC = Number(Deno.env.get("LOAD_PER_SEC") || 10);
/** Once a minute in a long run. */
const SAMPLE_SECS = Math.min(60, Math.max(5, MINS * 60 / 18));

let logBytes = 0;
await using providers = await startProviders();
await using stack = await startStack({
  scheduler: true,
  functionEnv: providers.env,
  pgSettings: { track_commit_timestamp: "on" },
  log: (line) => logBytes += line.length + 1,
});
// It outlives restarts: a statement that fails is repeated.
await using sql = Object.assign(connect(stack.adminDatabaseUrl, { max: 2, onnotice: () => {} }), {
  [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }),
});
await gather(sql, providers);

console.log(`${PER_SEC} likes a second for ${MINS} minutes, figures every ${Math.round(SAMPLE_SECS)} s`);
console.log(
  "likes  settled  calls/like  p50, p95, p99 s     connections  log KB  memory MB; queues' rows live + dead, index KB",
);
const likes = new Likes(stack, sql, PER_SEC);
const disturbances = new Disturbances(stack);
const samples: Figures[] = [];
const ends = performance.now() + MINS * 60_000;
while (performance.now() < ends) {
  const [{ since }] = await patient(() => sql`select clock_timestamp()::text as since`) as unknown as [
    { since: string },
  ];
  const before = logBytes;
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_SECS * 1000));
  const figures = await patient(() => measure(sql, since, logBytes - before));
  samples.push(figures);
  print(figures);
}
await disturbances.stop();
await likes.stop();

const wrong = [...await patient(() => account(stack, sql, likes, providers)), ...growing(samples)];
console.log(`${likes.accepted.length} likes, ${disturbances.kills} workers killed, ${disturbances.restarts} restarts`);
for (const line of wrong) console.log(`WRONG ${line}`);
console.log(wrong.length === 0 ? "every like is accounted for, and everything levels off" : "");
Deno.exitCode = wrong.length === 0 ? 0 : 1;

function print({ likes, settled, calls, latency, connections, memory, tables, logBytes }: Figures): void {
  const queues = tables.filter(({ name }) => /^pgmq\.q_(like_events|notifications|deliveries|analytics)$/.test(name));
  const sum = (of: "live" | "dead" | "indexBytes") => queues.reduce((total, table) => total + table[of], 0);
  console.log([
    String(likes).padStart(5),
    String(settled).padStart(7),
    (calls / Math.max(1, likes)).toFixed(2).padStart(10),
    latency.map((secs) => secs.toFixed(2)).join(", ").padEnd(18),
    String(connections).padStart(11),
    (logBytes / 1000).toFixed(0).padStart(6),
    `${Object.entries(memory).map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(", ")}; ` +
    `${sum("live")} + ${sum("dead")}, ${(sum("indexBytes") / 1000).toFixed(0)}`,
  ].join("  "));
}

/** Repeats what fails while the server is being restarted. */
async function patient<T>(work: () => PromiseLike<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
