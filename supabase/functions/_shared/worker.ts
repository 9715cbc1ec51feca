import { drain, type Host } from "./core.ts";
import { endpoint, type Handler } from "./endpoint.ts";
import { type Deliver, newHost } from "./host.ts";

/** What edge-runtime adds to Deno. */
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void } | undefined;

/**
 * The fetch handler of a worker: one request is one run over the queue. With `Prefer: respond-async` the answer is 202
 * at once and the run goes on behind it. What leaves the database goes through `deliver`.
 */
export function worker(queue: string, deliver?: Deliver): Handler {
  return endpoint("POST", async (request, key) => {
    const runId = crypto.randomUUID();
    const isAwaited = !request.headers.get("prefer")?.includes("respond-async");
    const running = run(queue, runId, newHost(queue, runId, key, deliver), isAwaited);
    if (!isAwaited) {
      if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(running);
      return Response.json({ queue, runId }, { status: 202 });
    }
    const { status, body } = await running;
    return Response.json(body, { status });
  });
}

interface Answer {
  status: number;
  body: unknown;
}

async function run(queue: string, runId: string, host: Host, isAwaited: boolean): Promise<Answer> {
  const wallMs = limit("QUEUES_WALL_MS");
  const cpuMs = limit("QUEUES_CPU_MS");
  let answer: Answer;
  try {
    answer = JSON.parse(await drain(queue, runId, host, isAwaited, wallMs, cpuMs));
  } catch (error) {
    // The core does not throw; a trap inside it still has to reach the caller and the log.
    const message = error instanceof Error ? error.message : String(error);
    answer = { status: 500, body: { error: { code: "core_failed", message } } };
  }
  const log = answer.status === 200 ? console.log : console.error;
  log(JSON.stringify({ queue, runId, status: answer.status, ...(answer.body as object) }));
  return answer;
}

/** A limit from the environment, in milliseconds; the core has its own defaults. */
function limit(name: string): number | undefined {
  const value = Number(Deno.env.get(name));
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
