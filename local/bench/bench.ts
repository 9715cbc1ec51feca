/**
 * `make bench`: the speed of the queues on this machine. Compare numbers of one run only.
 * BENCH_PARTS=idle,latency runs these parts only; other variables scale them.
 */
import { preparePlatform } from "../platform/platform.ts";
import { startProviders } from "../providers/providers.ts";
import { startPostgres } from "../stack/postgres.ts";
import { ROOT } from "../tools/paths.ts";
import { analytics } from "./analytics.ts";
import { claims } from "./bloat/claims.ts";
import { schedule } from "./bloat/schedule.ts";
import { bundles, likeToBell } from "./bell.ts";
import { consoleBundles } from "./console.ts";
import { decisions, firstDecisions, size } from "./core.ts";
import { deliveries, PROVIDER_MS } from "./deliveries.ts";
import { dispatch } from "./dispatch.ts";
import { createFloor } from "./floor.ts";
import { idle } from "./idle.ts";
import { images } from "./images/run.ts";
import { latency } from "./latency.ts";
import { moderation } from "./moderation/run.ts";
import { limits } from "./limits.ts";
import { claimBytes, makeMessages, refill } from "./messages.ts";
import { logFile, onStack, PG_VERSION, setting } from "./parts.ts";
import { reading } from "./reading.ts";
import { BATCH_SIZES, throughput } from "./throughput.ts";

const MESSAGES = setting("BENCH_MESSAGES", 50_000);
const ROUNDS = setting("BENCH_ROUNDS", 3);
const EVENTS = setting("BENCH_EVENTS", 2_000_000);
const IDLE_SECS = setting("BENCH_IDLE_SECS", 60);
const BACKLOG = setting("BENCH_BACKLOG", 1_000_000);
const LIKES = setting("BENCH_LIKES", 60);
const PUSHES = setting("BENCH_PUSHES", 1_000);
const LIMIT_TURNS = setting("BENCH_LIMIT_TURNS", 100);
const LIMIT_HITS = setting("BENCH_LIMIT_HITS", 100_000);
const BLOAT_MINUTE_SECS = setting("BENCH_BLOAT_MINUTE_SECS", 60);
const BLOAT_PER_SEC = setting("BENCH_BLOAT_PER_SEC", 1_000);
const BLOAT_FINISHED = setting("BENCH_BLOAT_FINISHED", 1_000_000);
const BLOAT_VISIBLE = setting("BENCH_BLOAT_VISIBLE", 10_000_000);
const BELLS = setting("BENCH_BELLS", 20);
const NOTIFICATIONS = setting("BENCH_NOTIFICATIONS", 1_000_000);

const PARTS: Record<string, () => Promise<void>> = {
  async core() {
    const claims = await Deno.makeTempDir({ prefix: "queues-bench-" });
    try {
      const files = new Map(BATCH_SIZES.map((limit) => [limit, `${claims}/${limit}.json`]));
      await onStack({}, async (_, sql) => {
        await makeMessages(sql, BATCH_SIZES.reduce((sum, limit) => sum + limit));
        await refill(sql);
        for (const [limit, file] of files) await Deno.writeFile(file, await claimBytes(sql, limit));
      });
      size();
      const deliveries = `${claims}/deliveries.json`;
      const contract = await Deno.readTextFile(`${ROOT}/tests/contract/deliveries.not_made.json`);
      await Deno.writeTextFile(deliveries, JSON.stringify(JSON.parse(contract).claim));
      await firstDecisions(files.get(BATCH_SIZES[0]!)!, deliveries);
      await decisions(files);
    } finally {
      await Deno.remove(claims, { recursive: true });
    }
  },
  throughput: () =>
    onStack({ workersPerFunction: 4 }, async (stack, sql) => {
      await makeMessages(sql, MESSAGES);
      await createFloor(sql);
      await refill(sql);
      console.log(
        `\n${MESSAGES} messages a run, the median of ${ROUNDS} rounds. The floor is a procedure in the database that ` +
          "reads a batch,\ninserts its events, deletes its messages and commits. Ours also validates, counts and records " +
          "its runs; the default\nsettings archive what is done, which the floor does not: both are shown. Every run is " +
          "checked to have stored each\nevent once and, ours, to have counted it.",
      );
      await throughput(stack, sql, MESSAGES, ROUNDS);
    }),
  analytics: () => onStack({}, (stack) => analytics(stack, EVENTS)),
  async bloat() {
    const postgres = await startPostgres({ version: PG_VERSION, settings: { max_prepared_transactions: "1" } });
    try {
      await preparePlatform(postgres);
      await schedule(postgres, { minuteSecs: BLOAT_MINUTE_SECS, perSec: BLOAT_PER_SEC });
      await claims(postgres, BLOAT_FINISHED, BLOAT_VISIBLE);
    } finally {
      await postgres.stop();
    }
  },
  idle: () => onStack({}, (stack, sql) => idle(stack, sql, IDLE_SECS)),
  dispatch: () => onStack({}, (stack, sql) => dispatch(stack, sql, BACKLOG)),
  latency: () => onStack({ pgSettings: { track_commit_timestamp: "on" } }, (stack, sql) => latency(stack, sql, LIKES)),
  limits: () => onStack({}, (stack, sql) => limits(stack, sql, LIMIT_TURNS, LIMIT_HITS)),
  async deliveries() {
    await using providers = await startProviders({ latencyMs: PROVIDER_MS });
    await onStack(
      { functionEnv: providers.env },
      (stack, sql) => deliveries(stack, sql, providers, PUSHES, ROUNDS),
    );
  },
  reading: () => onStack({}, (stack) => reading(stack, NOTIFICATIONS)),
  moderation,
  async bell() {
    await bundles();
    await consoleBundles();
    await onStack({ realtime: true }, (stack, sql) => likeToBell(stack, sql, BELLS));
  },
  images,
};

async function main(): Promise<void> {
  const names = (Deno.env.get("BENCH_PARTS") || Object.keys(PARTS).join()).split(",");
  const unknown = names.filter((name) => !(name in PARTS));
  if (unknown.length > 0) {
    throw new Error(`unknown parts of the benchmark: ${unknown.join(", ")}; known: ${Object.keys(PARTS).join(", ")}`);
  }
  console.log(
    `Postgres ${PG_VERSION} with fsync on, ${navigator.hardwareConcurrency} processors; the output of the functions is in ` +
      logFile,
  );
  for (const name of names) await PARTS[name]!();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  Deno.exit(1);
}
