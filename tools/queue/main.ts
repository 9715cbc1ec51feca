/**
 * Adds a queue to this project, and prints what to fill in.
 *
 *     deno run -A -c local/deno.json tools/queue/main.ts NAME   # make queue NAME=…
 */
import { ROOT } from "../../local/tools/paths.ts";
import { generateQueue, Refused } from "./generate.ts";

const [name] = Deno.args;
if (!name) {
  console.error("usage: make queue NAME=comment_events");
  Deno.exit(2);
}
try {
  const changes = await generateQueue(ROOT, name, new Date());
  for (const { path, before } of changes) console.log(`${before === undefined ? "wrote" : "added to"} ${path}`);
  const migration = changes.find(({ path }) => path.startsWith("supabase/migrations/"))!.path;
  console.log(nextSteps(name, migration));
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  Deno.exit(1);
}

function nextSteps(name: string, migration: string): string {
  return `
The queue works: each message with a \`post_id\` and a \`timestamp\` becomes an analytics event \`${name}\`.
Fill in:
  1. src/queues/${name}/message.rs: the fields of a message, and what makes one invalid
  2. src/queues/${name}/mod.rs: what a message causes
  3. ${migration}: settings that differ
     from the defaults of queues.settings; repeat them in tests/schema/inventory/${name}.txt
  4. tests/contract/${name}.events_and_rejects.json: a claim, and its settlement, which
     UPDATE_CONTRACTS=1 cargo test --test contract
     writes for your review
  5. supabase/tests/65_${name}/: what the database promises; its tables and functions go to supabase/schemas/65_${name}/
Then:
  make build test, and commit pkg/ with the rest

A transaction sends with
  select pgmq.send('${name}', jsonb_build_object('post_id', …, 'timestamp', now()));`;
}
