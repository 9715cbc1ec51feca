/** Servers with a migrated database to copy: one copy per test. */
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { type Postgres, startPostgres } from "../../local/stack/postgres.ts";
import { oldDefaultPrivileges } from "../../tools/migration/databases.ts";
import { pgtapSql } from "./pgtap.ts";

/** Both that Supabase runs; `PG_VERSIONS=17` narrows them down. */
export const versions = (Deno.env.get("PG_VERSIONS") ?? "15,17").split(",").map(Number) as PostgresVersion[];

export interface Server extends AsyncDisposable {
  readonly version: PostgresVersion;
  /** A database with the migrations and pgTAP. */
  copy(): Promise<Database>;
  /** A database without. */
  empty(): Promise<Database>;
}

export async function startServer(version: PostgresVersion): Promise<Server> {
  // Nothing here outlives the run, so nothing needs to survive a power cut.
  const postgres: Postgres = await startPostgres({ version, settings: { fsync: "off" } });
  try {
    await preparePlatform(postgres);
    const template = await createDatabase(postgres);
    await query(template.adminUrl, async (sql) => {
      await sql.unsafe(oldDefaultPrivileges);
      await sql`set search_path = extensions`;
      await sql.unsafe(await pgtapSql());
    });
    await migrate(template.url);
    return {
      version,
      copy: () => createDatabase(postgres, template.name),
      empty: () => createDatabase(postgres),
      [Symbol.asyncDispose]: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
