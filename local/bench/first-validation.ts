/** Run by itself: milliseconds from the import of zod to the first claim validated, the one in the file named. */
const bytes = Deno.readFileSync(Deno.args[0]!);
const started = performance.now();
const { claim } = await import("./schema.ts");
claim.parse(JSON.parse(new TextDecoder().decode(bytes)));
console.log(performance.now() - started);
