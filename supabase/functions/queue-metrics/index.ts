import { openMetrics } from "../_shared/core.ts";
import { endpoint } from "../_shared/endpoint.ts";
import { respond } from "../_shared/http.ts";
import { queueMetrics } from "../_shared/rpc.ts";

/** The metrics of all queues, for Prometheus and compatible collectors. */
export default {
  fetch: endpoint("GET", async (_request, key) => respond(JSON.parse(openMetrics(await queueMetrics(key))))),
};
