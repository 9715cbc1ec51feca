import type { Host, Reply } from "./core.ts";
import { reply } from "./http.ts";
import { Rpc } from "./rpc.ts";
import { variables } from "./variables.ts";

/** Makes one request to a provider, described as JSON; never throws. */
export type Deliver = (delivery: string) => Promise<Reply>;

let stopping = false;
// Fires shortly before the platform ends the process: the run then releases what it has not begun.
addEventListener("beforeunload", () => {
  stopping = true;
});

export interface Run {
  queue: string;
  runId: string;
  /** The secret key that called the worker. */
  key: string;
  /** Whether it gets messages only while the queue has a place for another worker. */
  needsPlace: boolean;
}

/** The I/O of one run: the database, the providers, the clock, the environment. */
export function newHost({ queue, runId, key, needsPlace }: Run, deliver: Deliver = noProviders): Host {
  const rpc = new Rpc(queue, runId, key, needsPlace);
  return {
    ...variables(),
    claim: (limit, alone) => rpc.claim(limit, alone),
    settle: (settlement) => rpc.settle(settlement),
    heartbeat: () => rpc.heartbeat(),
    deliver,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: () => performance.now(),
    isStopping: () => stopping,
  };
}

/** For workers without deliveries, which do not load the code for them. */
function noProviders(): Promise<Reply> {
  return Promise.resolve(reply(0, "this worker has no providers"));
}
