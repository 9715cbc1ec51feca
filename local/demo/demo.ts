/**
 * `make demo`: the main job on real parts. Starts the stack, likes photos over HTTP, kills a worker meanwhile, waits until
 * the queues are drained, and accounts for every event. Exits with 0 only if none is missing.
 */
import { query } from "../stack/database.ts";
import { logToFile } from "../stack/log.ts";
import { uploadPicture } from "../stack/pictures.ts";
import { harbor } from "../stack/scenes.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { type Account, account } from "./account.ts";
import { drive, seed, TOGGLES, type Traffic } from "./traffic.ts";

/** A killed worker's messages are visible again after this time. */
const VISIBILITY_TIMEOUT_SECS = 4;
/** An error if the queues are not drained by then. */
const DRAIN_TIMEOUT_MS = 120_000;

async function main(): Promise<boolean> {
  const logFile = await Deno.makeTempFile({ prefix: "queues-demo-", suffix: ".log" });
  say(`starting Postgres, PostgREST, the gateway and the functions (their output: ${logFile})`);
  await using stack = await startStack({
    port: Number(Deno.env.get("PORT") || 0),
    dbPort: Number(Deno.env.get("DB_PORT") || 0),
    scheduler: true,
    dispatchSecs: 1,
    log: logToFile(logFile),
  });
  say(`the stack is up at ${stack.url}, with ${stack.migrations.length} migrations applied`);
  await query(
    stack.databaseUrl,
    (sql) =>
      sql`
      update queues.settings set visibility_timeout_secs = ${VISIBILITY_TIMEOUT_SECS}, batch_size = 100
      where queue in ('like_events', 'notifications', 'analytics')`,
  );
  // A few clients act for many people.
  await query(stack.databaseUrl, (sql) => sql`update queues.rate_limits set enabled = false`);
  const posts = await seed(stack);

  say(`${TOGGLES} likes and unlikes from many clients at once, over HTTP with the publishable key`);
  const driving = drive(stack, posts);
  say("and a picture of one post, uploaded to Storage");
  await uploadPicture(stack, posts.at(-1)!.ownerId, posts.at(-1)!.id, harbor);
  const killed = killWorker(stack);
  const traffic = await driving;
  say(`all have succeeded or failed, ${perSec(TOGGLES, traffic.elapsedMs)} a second`);
  say(`killed the worker of like_events with SIGKILL while it held ${await killed} messages`);

  say("waiting until the scheduler has drained the queues");
  await drained(stack);
  const result = await account(stack, traffic);
  print(traffic, result);
  return result.checks.every((check) => check.expected === check.found);
}

/** Kills a worker in the middle of a batch, after a third of the traffic. */
async function killWorker(stack: Stack): Promise<number> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  return await query(stack.databaseUrl, async (sql) => {
    for (;;) {
      if (performance.now() > deadline) throw new Error("found no worker in the middle of a batch");
      const [held] = await sql<{ count: number; passed: number }[]>`
        select count(*) filter (where read_ct > 0 and vt > clock_timestamp())::int,
          coalesce(max(msg_id), 0)::int as passed from pgmq.q_like_events`;
      if (held!.count > 0 && held!.passed > TOGGLES / 3) {
        await stack.functions.kill("process-like-events", "SIGKILL");
        // It may have settled its messages just before it was killed.
        const [left] = await sql<{ count: number }[]>`
          select count(*)::int from pgmq.q_like_events where read_ct > 0 and vt > clock_timestamp()`;
        if (left!.count > 0) return left!.count;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
}

async function drained(stack: Stack): Promise<void> {
  const deadline = performance.now() + DRAIN_TIMEOUT_MS;
  await query(stack.databaseUrl, async (sql) => {
    for (;;) {
      const [left] = await sql<{ messages: number }[]>`
        select (select count(*) from pgmq.q_like_events)::int + (select count(*) from pgmq.q_notifications)::int
          + (select count(*) from pgmq.q_analytics)::int + (select count(*) from pgmq.q_image_processing)::int as messages`;
      if (left!.messages === 0) return;
      if (performance.now() > deadline) throw new Error(`${left!.messages} messages are still in the queues`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
}

function print(traffic: Traffic, result: Account): void {
  const likes = traffic.toggles.filter((toggle) => toggle.isLiked).length;
  const refused = [...traffic.refused].map(([code, count]) => `${count} ${code}`).join(", ");
  console.log(`
Toggles        ${likes} likes, ${traffic.toggles.length - likes} unlikes; refused: ${refused}
Posts          ${result.posts.likes} likes on posts that still exist, ${result.posts.ratings} ratings

Queue               runs  not ended  claimed  processed  retried  dead letters`);
  for (const run of result.runs) {
    console.log(
      [run.queue.padEnd(18)].concat(
        [run.runs, run.unfinished, run.claimed, run.processed, run.retried, run.deadLettered]
          .map((count, column) => String(count).padStart([6, 11, 9, 11, 9, 14][column]!)),
      ).join(""),
    );
  }
  console.log(`
${result.claimedAgain} messages were claimed again after their worker was killed.
${Math.round(result.messagesPerSec)} messages a second from the first claim to the last settlement, traffic included.

Dead letters`);
  for (const { queue, reason, count, example } of result.deadLetters) {
    console.log(`  ${queue.padEnd(14)} ${String(count).padStart(2)}  ${reason.padEnd(18)} ${example}`);
  }
  console.log("\nEvery event exactly once");
  for (const { what, expected, found } of result.checks) {
    const numbers = expected === found ? String(found) : `expected ${expected}, found ${found}`;
    console.log(`  ${expected === found ? "ok   " : "WRONG"} ${what}: ${numbers}`);
  }
}

function perSec(count: number, ms: number): number {
  return Math.round(count / (ms / 1_000));
}

function say(text: string): void {
  console.log(`${(performance.now() / 1_000).toFixed(1).padStart(5)} s  ${text}`);
}

try {
  const isWhole = await main();
  console.log(isWhole ? "\nEvery event is accounted for." : "\nSome events are not accounted for.");
  Deno.exit(isWhole ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  Deno.exit(1);
}
