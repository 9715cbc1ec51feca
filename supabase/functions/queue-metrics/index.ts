import { openMetrics } from "../_shared/core.ts";
import { endpoint } from "../_shared/endpoint.ts";
import { queueMetrics } from "../_shared/rpc.ts";

const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** The numbers of all queues for Prometheus and its like. */
export default {
  fetch: endpoint("GET", async (_request, key) => {
    const { status, body } = JSON.parse(openMetrics(await queueMetrics(key)));
    if (typeof body !== "string") return Response.json(body, { status });
    return new Response(body, { status, headers: { "content-type": OPEN_METRICS } });
  }),
};
