/** Run alone: prints the milliseconds from the import of a package to its first decision, on the claim in a file. */
const [file, queue, name] = Deno.args as [string, string, "core" | "deliveries"];
const packages = {
  core: () => import("../../pkg/core/queues.js"),
  deliveries: () => import("../../pkg/deliveries/queues.js"),
};
const bytes = Deno.readFileSync(file);
const started = performance.now();
const { decide } = await packages[name]();
decide(queue, bytes);
console.log(performance.now() - started);
