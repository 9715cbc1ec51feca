/**
 * Applies migrations as the Supabase CLI does: in the order of their names, as role postgres, each in one transaction
 * with its row in supabase_migrations.schema_migrations. Recorded migrations are skipped.
 *
 *     deno run -A --config local/deno.json local/stack/migrate.ts URL [FOLDER]
 */
import type connect from "postgres";
import { postgreSplitterOptions, splitQuery } from "dbgate-query-splitter";
import { MIGRATIONS } from "../tools/paths.ts";
import { query } from "./database.ts";

/** Returns the names of the applied files. */
export async function migrate(url: string, folder = MIGRATIONS): Promise<string[]> {
  return await query(url, async (sql) => {
    await sql`create schema if not exists supabase_migrations`;
    await sql`create table if not exists supabase_migrations.schema_migrations (
      version text primary key, statements text[], name text)`;
    const recorded = new Set(
      (await sql`select version from supabase_migrations.schema_migrations`).map((row) => row.version as string),
    );
    const applied = [];
    for (const file of migrationFiles(folder)) {
      const [, version, name] = /^(\d+)_(.*)\.sql$/.exec(file) as unknown as [string, string, string];
      if (recorded.has(version)) continue;
      const text = await Deno.readTextFile(`${folder}/${file}`);
      try {
        await sql.begin(async (sql) => {
          await sql.unsafe(text);
          // A migration may have changed the role or the search_path.
          await sql`reset all`;
          await sql`reset role`;
          await sql`insert into supabase_migrations.schema_migrations (version, statements, name)
                    select ${version}, array_agg(statement order by place), ${name}
                    from jsonb_array_elements_text(${sql.json(splitQuery(text, postgreSplitterOptions) as string[])})
                      with ordinality s (statement, place)`;
        });
      } catch (error) {
        throw new Error(`migration ${file} failed: ${describe(error, text)}`, { cause: error });
      }
      applied.push(file);
    }
    // Makes PostgREST read the schema again.
    if (applied.length > 0) await sql`notify pgrst, 'reload schema'`;
    return applied;
  });
}

/** The applied migrations whose files say something else by now. White space and semicolons are left out of account. */
export async function editedMigrations(sql: connect.Sql, folder = MIGRATIONS): Promise<string[]> {
  const [table] = await sql`select to_regclass('supabase_migrations.schema_migrations') is not null as exists`;
  if (!table!.exists) return [];
  const recorded = await sql<{ version: string; text: string | null }[]>`
    select version, array_to_string(statements, '') as text from supabase_migrations.schema_migrations`;
  const essence = (text: string) => text.replace(/[\s;]+/g, "");
  return migrationFiles(folder).filter((file) => {
    const text = recorded.find(({ version }) => file.startsWith(`${version}_`))?.text;
    return text && essence(text) !== essence(Deno.readTextFileSync(`${folder}/${file}`));
  });
}

/** In the order in which they are applied. */
export function migrationFiles(folder = MIGRATIONS): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => /^\d+_.*\.sql$/.test(name)).sort();
}

/** The server's error with its line number. */
function describe(error: unknown, text: string): string {
  const { message, code, position, detail, where } = error as Record<string, string | undefined>;
  const line = position ? ` at line ${text.slice(0, Number(position)).split("\n").length}` : "";
  return [`${message} (${code})${line}`, detail, where].filter(Boolean).join("\n");
}

if (import.meta.main) {
  const [url, folder] = Deno.args;
  if (!url) {
    console.error("usage: deno run -A --config local/deno.json local/stack/migrate.ts URL [FOLDER]");
    Deno.exit(2);
  }
  const applied = await migrate(url, folder);
  console.log(applied.length ? `applied ${applied.join(", ")}` : "nothing to apply");
}
