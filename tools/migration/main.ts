/**
 * Writes migrations from supabase/schemas.
 *
 *     deno run -A -c local/deno.json tools/migration/main.ts next NAME   # make migration NAME=…
 *     deno run -A -c local/deno.json tools/migration/main.ts initial     # make initial-migration
 *     deno run -A -c local/deno.json tools/migration/main.ts release     # make release-migrations
 */
import { startServer } from "./databases.ts";
import { initialMigration, nextMigration, Refused } from "./generate.ts";
import { PROJECT } from "./project.ts";
import { release } from "./released.ts";

async function main([command, name]: string[]): Promise<void> {
  if (command === "next" && name) {
    await using server = await startServer(17);
    const paths = await nextMigration(server, PROJECT, name, Deno.env.get("CONFIRM") === "1");
    for (const path of paths) console.log(`wrote ${path}`);
    if (paths.length === 0) console.log("nothing to write: the migrations make what supabase/schemas says");
  } else if (command === "initial") {
    await using server = await startServer(17);
    console.log(`wrote ${await initialMigration(server, PROJECT)}`);
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
