/** Databases to compare, on a temporary server: one made by the migrations, one made by the schemas. */
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { startPostgres } from "../../local/stack/postgres.ts";
import { type Project, schemaFiles } from "./project.ts";

/** Older projects grant the roles of the API everything in `public`. The grants of the schemas must hold there too. */
export const oldDefaultPrivileges = `
  alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
  alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;
`;

export interface Server extends AsyncDisposable {
  readonly version: PostgresVersion;
  /** Runs `platform` as the superuser first. */
  migrated(migrations: string, platform?: string): Promise<Database>;
  described(project: Project, platform?: string): Promise<Database>;
}

export async function startServer(version: PostgresVersion): Promise<Server> {
  // The data is temporary.
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

/** Applies the schemas as the project's owner, in one transaction. */
async function applySchemas(url: string, project: Project): Promise<void> {
  await query(url, (sql) =>
    sql.begin(async (sql) => {
      // A function may be defined before the functions that it calls.
      await sql`set local check_function_bodies = off`;
      for (const file of schemaFiles(project)) {
        const text = await Deno.readTextFile(`${project.schemas}/${file}`);
        // `or replace` would hide a second definition.
        if (/^create or replace\b/im.test(text)) {
          throw new Error(`supabase/schemas/${file}: write \`create\`, without \`or replace\``);
        }
        await sql.unsafe(text).catch((error) => {
          const line = error.position ? `:${text.slice(0, Number(error.position)).split("\n").length}` : "";
          throw new Error(`supabase/schemas/${file}${line}: ${error.message} (${error.code})`, { cause: error });
        });
      }
    }));
}
