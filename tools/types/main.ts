/** `make types`: writes web/notifications/src/database.ts from the migrations. */
import { query } from "../../local/stack/database.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { startServer } from "../migration/databases.ts";
import { PROJECT } from "../migration/project.ts";
import { databaseTypes } from "./generate.ts";
import { formatted } from "./format.ts";

export const TYPES = `${ROOT}/web/notifications/src/database.ts`;

if (import.meta.main) {
  await using server = await startServer(17);
  const database = await server.migrated(PROJECT.migrations);
  await Deno.writeTextFile(TYPES, await formatted(await query(database.url, databaseTypes)));
  console.log(`wrote ${TYPES}`);
}
