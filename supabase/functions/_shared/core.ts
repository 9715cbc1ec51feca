/** The one import of the decision core. Each function's deno.json maps the name to the package that it needs. */
export * from "suplatzigram-queues/queues.js";
// Deno's type check loses them in some orders of imports.
export type * from "suplatzigram-queues/queues.js";
