import { acceptRun, drain, type Host } from "./core.ts";
import { endpoint, type Handler } from "./endpoint.ts";
import { type Deliver, newHost } from "./host.ts";
import { type Answer, respond } from "./http.ts";

/** What edge-runtime adds to Deno. */
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void } | undefined;

/**
 * The fetch handler of a worker: one request is one run over the queue. A caller that does not wait for the run is
 * answered at once, and the run continues in the background. `deliver` makes the deliveries.
 */
export function worker(queue: string, deliver?: Deliver): Handler {
  return endpoint("POST", async (request, key) => {
    const runId = crypto.randomUUID();
    const prefer = request.headers.get("prefer") ?? undefined;
    const accepted = acceptRun(queue, runId, prefer);
    const host = newHost({ queue, runId, key, needsPlace: accepted !== undefined }, deliver);
    const running = run(queue, runId, host, prefer);
    if (accepted === undefined) return respond(await running);
    if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(running);
    return respond(JSON.parse(accepted));
  });
}

async function run(queue: string, runId: string, host: Host, prefer?: string): Promise<Answer> {
  let answer: Answer;
  try {
    answer = JSON.parse(await drain(queue, runId, host, prefer));
  } catch (error) {
    // The core does not throw, but it can trap. Reports that to the caller and to the log.
    const message = error instanceof Error ? error.message : String(error);
    answer = { status: 500, body: { error: { code: "core_failed", message } } };
  }
  const log = answer.status === 200 ? console.log : console.error;
  log(JSON.stringify({ queue, runId, status: answer.status, ...(answer.body as object) }));
  return answer;
}
