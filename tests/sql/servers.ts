/** Servers with a migrated database, which each test copies. */
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { postgresUrl, startPostgres } from "../../local/stack/postgres.ts";
import { oldDefaultPrivileges } from "../../tools/migration/databases.ts";
import { pgtapSql } from "./pgtap.ts";

/** The versions that Supabase runs; `PG_VERSIONS=17` selects one. */
export const versions = (Deno.env.get("PG_VERSIONS") ?? "15,17").split(",").map(Number) as PostgresVersion[];

/**
 * What sessions of the SQL tests set: as far from the usual as can be, since it must not change anything. `IST` is another
 * zone when it is read back, and the clocks of Nepal are a quarter of an hour off.
 */
export const sessionSettings: Record<PostgresVersion, Record<string, string>> = {
  15: {
    datestyle: "SQL, DMY",
    timezone: "Asia/Kolkata",
    intervalstyle: "sql_standard",
    bytea_output: "escape",
    extra_float_digits: "-15",
  },
  17: {
    datestyle: "German",
    timezone: "Asia/Kathmandu",
    intervalstyle: "iso_8601",
    bytea_output: "escape",
    extra_float_digits: "-15",
    quote_all_identifiers: "on",
    xmloption: "document",
    // Names of the catalog come last, and others may hide them.
    search_path: `"$user", hidden, public, extensions, pg_catalog`,
  },
};
/** How databases compare text: the small I has no dot. */
const icuLocale = "tr-TR";

export interface Server extends AsyncDisposable {
  readonly version: PostgresVersion;
  /** A database with the migrations and pgTAP. */
  copy(): Promise<Database>;
  /** A database without migrations. */
  empty(): Promise<Database>;
  /** A database with nothing in it. */
  plain(): Promise<Database>;
}

/** A running server, and its database to copy. */
export interface Started {
  port: number;
  template: string;
}

/** The server that run.ts has started for all files; a new one if a file is run alone. */
export async function startServer(version: PostgresVersion): Promise<Server> {
  const shared: Record<string, Started> = JSON.parse(Deno.env.get("TEST_SERVERS") ?? "{}");
  const started = shared[version];
  if (started) return serverOf(version, started, () => Promise.resolve());
  const { stop, ...own } = await start(version);
  return serverOf(version, own, stop);
}

export async function start(version: PostgresVersion): Promise<Started & { stop(): Promise<void> }> {
  // The data is temporary.
  const postgres = await startPostgres({
    version,
    settings: { fsync: "off", max_prepared_transactions: "4" },
    icuLocale,
  });
  try {
    await preparePlatform(postgres);
    const template = await createDatabase(postgres);
    await query(template.adminUrl, async (sql) => {
      await sql.unsafe(oldDefaultPrivileges);
      await sql`set search_path = extensions`;
      await sql.unsafe(await pgtapSql());
    });
    await migrate(template.url);
    return { port: postgres.port, template: template.name, stop: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

function serverOf(version: PostgresVersion, { port, template }: Started, stop: () => Promise<void>): Server {
  const server = { url: (database?: string, role?: string) => postgresUrl(port, database, role) };
  return {
    version,
    copy: () => createDatabase(server, template),
    empty: () => createDatabase(server),
    plain: () => createDatabase(server, "template0"),
    [Symbol.asyncDispose]: stop,
  };
}
