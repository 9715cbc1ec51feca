import type { Host, Reply } from "./core.ts";
import { post } from "./http.ts";
import { Rpc } from "./rpc.ts";

/** No provider takes longer to accept a message; one that does is tried again. */
const DELIVERY_TIMEOUT_MS = 15_000;

let stopping = false;
// Edge Functions announce the end of their process so; what is not begun by then is given back.
addEventListener("beforeunload", () => {
  stopping = true;
});

/** The I/O of one run: the database, the providers, the clock. */
export function newHost(queue: string, runId: string, key: string): Host {
  const rpc = new Rpc(queue, runId, key);
  return {
    claim: (limit) => rpc.claim(limit),
    settle: (settlement) => rpc.settle(settlement),
    deliver,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: () => performance.now(),
    isStopping: () => stopping,
  };
}

/** Makes the request of a delivery; a provider that knows the header does not act on the same key twice. */
export function deliver(delivery: string): Promise<Reply> {
  const { key, url, body } = JSON.parse(delivery) as { key: string; url: string; body: string };
  return post(url, { "idempotency-key": key }, body, DELIVERY_TIMEOUT_MS);
}
