import { acceptRun, drain, type Host } from "./core.ts";
import { endpoint, type Handler } from "./endpoint.ts";
import { type Deliveries, newHost, stop } from "./host.ts";
import { type Answer, respond } from "./http.ts";

/** What edge-runtime adds to Deno. */
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void } | undefined;

/**
 * The fetch handler of a worker: one request is one run over the queue. A caller that does not wait for the run is
 * answered at once, and the run continues in the background.
 */
export function worker(queue: string, deliveries?: Deliveries): Handler {
  return endpoint("POST", async (request, key) => {
    const runId = crypto.randomUUID();
    const prefer = request.headers.get("prefer") ?? undefined;
    const accepted = acceptRun(queue, runId, prefer);
    const host = newHost({ queue, runId, key, needsPlace: accepted !== undefined }, deliveries);
    const running = run(queue, runId, host, prefer);
    if (accepted === undefined) return respond(await running);
    if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(running);
    return respond(JSON.parse(accepted));
  });
}

let runs = 0;
let retired = false;

async function run(queue: string, runId: string, host: Host, prefer?: string): Promise<Answer> {
  let answer: Answer;
  runs++;
  try {
    const { retire, ...rest } = JSON.parse(await drain(queue, runId, host, prefer));
    answer = rest;
    if (retire) retireProcess();
  } catch (error) {
    // The core does not throw, but it can trap. Reports that to the caller and to the log.
    const message = error instanceof Error ? error.message : String(error);
    answer = { status: 500, body: { error: { code: "core_failed", message } } };
  }
  const log = answer.status === 200 ? console.log : console.error;
  log(JSON.stringify({ queue, runId, status: answer.status, ...(answer.body as object) }));
  runs--;
  endRetired();
  return answer;
}

/** Work that this process cannot do, another can. */
function retireProcess(): void {
  retired = true;
  stop();
}

/** Ends a retired process after its last run. Edge Functions have no call for that; an uncaught error does it. */
function endRetired(): void {
  if (!retired || runs > 0) return;
  // Later, so that the answer of the run can leave.
  setTimeout(() => {
    throw new Error("this worker has used up its memory and ends; the next call starts another");
  }, 200);
}
