/** The only import of the module that processes pictures. The deno.json of a function maps the name to its package. */
export * from "suplatzigram-images/images.js";
export type * from "suplatzigram-images/images.js";
