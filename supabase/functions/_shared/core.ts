/** The only import of the decision core. The deno.json of each function maps the name to its package. */
export * from "suplatzigram-queues/queues.js";
// Without this, the type check misses the types in some orders of imports.
export type * from "suplatzigram-queues/queues.js";
