import type { Host, Reply } from "./core.ts";
import { reply } from "./http.ts";
import { Rpc } from "./rpc.ts";
import { variables } from "./variables.ts";

/** Makes one delivery, described as JSON, for the caller with this key. */
export type Deliver = (delivery: string, key: string) => Promise<Reply>;

/** The deliveries of a worker, and what they have used of the process. */
export interface Deliveries {
  deliver: Deliver;
  cpuMs?(): number;
  memoryBytes?(): number;
}

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
export function newHost({ queue, runId, key, needsPlace }: Run, deliveries: Deliveries = noDeliveries): Host {
  const rpc = new Rpc(queue, runId, key, needsPlace);
  return {
    ...variables(),
    claim: (limit, alone) => rpc.claim(limit, alone),
    settle: (settlement) => rpc.settle(settlement),
    heartbeat: () => rpc.heartbeat(),
    deliver: (delivery) => deliveries.deliver(delivery, key),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: () => performance.now(),
    cpuMs: () => deliveries.cpuMs?.() ?? 0,
    memoryBytes: () => deliveries.memoryBytes?.() ?? 0,
    isStopping: () => stopping,
  };
}

/** For workers without deliveries, which do not load the code for them. */
const noDeliveries: Deliveries = {
  deliver: () => Promise.resolve(reply(0, "this worker makes no deliveries")),
};

/** This process does no more work: runs that begin or go on end as soon as they can. */
export function stop(): void {
  stopping = true;
}
