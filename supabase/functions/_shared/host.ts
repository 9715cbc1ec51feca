import type { Host, Reply } from "./core.ts";
import { environment } from "./environment.ts";
import { reply } from "./http.ts";
import { Rpc } from "./rpc.ts";

/** Makes one request to a provider, described as JSON; never throws. */
export type Deliver = (delivery: string) => Promise<Reply>;

let stopping = false;
// Edge Functions announce the end of their process so; what is not begun by then is given back.
addEventListener("beforeunload", () => {
  stopping = true;
});

/** The I/O of one run: the database, the providers, the clock. */
export function newHost(queue: string, runId: string, key: string, deliver: Deliver = nowhere): Host {
  const rpc = new Rpc(queue, runId, key);
  return {
    claim: (limit) => rpc.claim(limit),
    settle: (settlement) => rpc.settle(settlement),
    deliver,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    now: () => performance.now(),
    isStopping: () => stopping,
    environment,
  };
}

/** Most workers send nothing, and do not load what they would need to. */
function nowhere(): Promise<Reply> {
  return Promise.resolve(reply(0, "this worker has no providers"));
}
