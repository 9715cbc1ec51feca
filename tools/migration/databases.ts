/** Databases to compare: one made of the migrations, one made of the schemas, on a server that is removed afterwards. */
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { startPostgres } from "../../local/stack/postgres.ts";
import { type Project, schemaFiles } from "./project.ts";

/** Older projects give the API's roles everything in public: what the schemas grant must hold there too. */
export const oldDefaultPrivileges = `
  alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
`;

export interface Server extends AsyncDisposable {
  readonly version: PostgresVersion;
  /** `platform` is run as the superuser before anything else. */
  migrated(migrations: string, platform?: string): Promise<Database>;
  described(project: Project, platform?: string): Promise<Database>;
}

export async function startServer(version: PostgresVersion): Promise<Server> {
  // Nothing here outlives the run, so nothing needs to survive a power cut.
  const postgres = await startPostgres({ version, settings: { fsync: "off" } });
  try {
    await preparePlatform(postgres);
    const create = async (platform: string, fill: (url: string) => Promise<unknown>) => {
      const database = await createDatabase(postgres);
      if (platform) await query(database.adminUrl, (sql) => sql.unsafe(platform));
      await fill(database.url);
      return database;
    };
    return {
      version,
      migrated: (migrations, platform = "") => create(platform, (url) => migrate(url, migrations)),
      described: (project, platform = "") => create(platform, (url) => applySchemas(url, project)),
      [Symbol.asyncDispose]: () => postgres.stop(),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Makes what the schemas describe, as the project's owner, all or nothing. */
async function applySchemas(url: string, project: Project): Promise<void> {
  await query(url, (sql) =>
    sql.begin(async (sql) => {
      // A function may be defined before those that it calls.
      await sql`set local check_function_bodies = off`;
      for (const file of schemaFiles(project)) {
        const text = await Deno.readTextFile(`${project.schemas}/${file}`);
        // It would hide that something is defined twice.
        if (/^create or replace\b/im.test(text)) throw new Error(`supabase/schemas/${file}: create or replace`);
        await sql.unsafe(text).catch((error) => {
          const line = error.position ? `:${text.slice(0, Number(error.position)).split("\n").length}` : "";
          throw new Error(`supabase/schemas/${file}${line}: ${error.message} (${error.code})`, { cause: error });
        });
      }
    }));
}
