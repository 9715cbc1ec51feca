/** The one import of the decision core. Each function's deno.json maps the name to the package that it needs. */
export * from "suplatzigram-queues/queues.js";
// In some orders of imports, the type check does not find the types otherwise.
export type * from "suplatzigram-queues/queues.js";
