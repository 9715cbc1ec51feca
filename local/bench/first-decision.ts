/** Run alone: prints the milliseconds from the import of the core to its first decision, on the claim in the given file. */
const bytes = Deno.readFileSync(Deno.args[0]!);
const started = performance.now();
const { decide } = await import("../../pkg/core/queues.js");
decide("analytics", bytes);
console.log(performance.now() - started);
