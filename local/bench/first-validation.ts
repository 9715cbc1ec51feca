/** Run alone: prints the milliseconds from the import of zod to its first validation, of the claim in the given file. */
const bytes = Deno.readFileSync(Deno.args[0]!);
const started = performance.now();
const { claim } = await import("./schema.ts");
claim.parse(JSON.parse(new TextDecoder().decode(bytes)));
console.log(performance.now() - started);
