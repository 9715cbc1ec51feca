/** The one import of the decision core. Each function's deno.json maps the name to the built package. */
export { drain, openMetrics } from "suplatzigram-queues/queues.js";
export type { Host, Reply } from "suplatzigram-queues/queues.js";
