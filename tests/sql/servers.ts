/** Servers with a migrated database, which each test copies. */
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { type Postgres, postgresUrl, startPostgres } from "../../local/stack/postgres.ts";
import { oldDefaultPrivileges } from "../../tools/migration/databases.ts";
import { countClock } from "./clock.ts";
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
/** The time in counted databases: the sessions have another day by then, or clocks that are about to be put back. */
const clocks: Record<PostgresVersion, string> = { 15: "2028-02-29T20:45:00Z", 17: "2027-10-31T00:59:50Z" };
/** How databases compare text: the small I has no dot. */
const icuLocale = "tr-TR";

export interface Server extends AsyncDisposable {
  readonly version: PostgresVersion;
  /** A database with the migrations. */
  copy(): Promise<Database>;
  /** The same with pgTAP, and with a clock that no speed of the machine and no time of the day changes: see `countClock`. */
  counted(): Promise<Database>;
  /** A database without migrations. */
  empty(): Promise<Database>;
  /** A database with nothing in it. */
  plain(): Promise<Database>;
}

/** A running server, and its databases to copy. */
export interface Started {
  port: number;
  template: string;
  counted: string;
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
    // Its statistics would change plans in the middle of a test, and its locks come at any time.
    settings: { fsync: "off", autovacuum: "off", max_prepared_transactions: "4" },
    icuLocale,
  });
  try {
    await preparePlatform(postgres);
    const template = await createDatabase(postgres);
    await query(template.adminUrl, (sql) => sql.unsafe(oldDefaultPrivileges));
    await migrate(template.url);
    const counted = await countedDatabase(postgres, oldDefaultPrivileges);
    return { port: postgres.port, template: template.name, counted: counted.name, stop: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** A database whose clock was replaced before anything looked at it. `first` is run before the migrations. */
export async function countedDatabase(server: Pick<Postgres, "url" | "version">, first: string): Promise<Database> {
  const database = await createDatabase(server);
  await countClock(database, clocks[server.version]);
  await query(database.adminUrl, (sql) => sql.unsafe(first));
  await migrate(database.url);
  await query(database.adminUrl, async (sql) => {
    await sql`set search_path = extensions`;
    await sql.unsafe(await pgtapSql());
  });
  return database;
}

function serverOf(version: PostgresVersion, { port, template, counted }: Started, stop: () => Promise<void>): Server {
  const server = { url: (database?: string, role?: string) => postgresUrl(port, database, role) };
  return {
    version,
    copy: () => createDatabase(server, template),
    counted: () => createDatabase(server, counted),
    empty: () => createDatabase(server),
    plain: () => createDatabase(server, "template0"),
    [Symbol.asyncDispose]: stop,
  };
}
