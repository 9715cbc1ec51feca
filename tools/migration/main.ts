/**
 * Writes migrations from supabase/schemas.
 *
 *     deno run -A -c local/deno.json tools/migration/main.ts next NAME   # make migration NAME=…
 *     deno run -A -c local/deno.json tools/migration/main.ts initial     # make initial-migration
 *     deno run -A -c local/deno.json tools/migration/main.ts release     # make release-migrations
 */
import { initialMigration, nextMigration, Refused } from "./generate.ts";
import { PROJECT } from "./project.ts";
import { release } from "./released.ts";

async function main([command, name]: string[]): Promise<void> {
  if (command === "next" && name) {
    const path = await nextMigration(PROJECT, name, Deno.env.get("CONFIRM") === "1");
    console.log(path ? `wrote ${path}` : "nothing to write: the migrations make what supabase/schemas says");
  } else if (command === "initial") {
    console.log(`wrote ${await initialMigration(PROJECT)}`);
  } else if (command === "release") {
    const added = await release(PROJECT);
    console.log(added.length ? `released: ${added.join(", ")}` : "every migration was released before");
  } else {
    throw new Refused("usage: make migration NAME=what_it_does");
  }
}

try {
  await main(Deno.args);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
