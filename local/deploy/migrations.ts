import type connect from "postgres";
import { editedMigrations, migrationFiles } from "../stack/migrate.ts";
import { supabase } from "../tools/supabase-cli.ts";
import { type Problem, refuse } from "./problem.ts";
import type { Project } from "./project.ts";

/** What `supabase db push` would refuse, and what it would miss: a migration edited after it was applied. */
export async function migrationProblems(sql: connect.Sql, folder: string): Promise<Problem[]> {
  const [recorded] = await sql`select to_regclass('supabase_migrations.schema_migrations') is not null as exists`;
  if (!recorded!.exists) return [];
  const problems: Problem[] = [];
  const ours = new Set(files(folder).map((name) => name.split("_")[0]));
  const rows = await sql`select version from supabase_migrations.schema_migrations order by version`;
  const foreign = rows.map(({ version }) => version as string).filter((version) => !ours.has(version));
  if (foreign.length) {
    problems.push({
      what: `the database has migrations that are not here: ${foreign.join(", ")}`,
      remedy:
        "a project's migrations live in one folder: put these files beside the app's own in supabase/migrations " +
        "and deploy from there, or deploy a newer version of this project. For one that was taken back by hand: " +
        `supabase migration repair --status reverted ${foreign[0]}`,
    });
  }
  const edited = await editedMigrations(sql, `${folder}/supabase/migrations`);
  if (edited.length) {
    const version = edited[0]!.split("_")[0];
    problems.push({
      what: `migrations were edited after they were applied to this database: ${edited.join(", ")}`,
      remedy:
        "an applied migration is not applied again: take the edit back and write a new migration (make migration). " +
        "If the database has the change already: supabase migration repair --status reverted " +
        `${version}, then --status applied ${version}`,
    });
  }
  return problems;
}

/** The migrations that this database does not have yet. */
export async function pendingMigrations(sql: connect.Sql, folder: string): Promise<{ file: string; text: string }[]> {
  const [table] = await sql`select to_regclass('supabase_migrations.schema_migrations') is not null as exists`;
  const rows = table!.exists ? await sql`select version from supabase_migrations.schema_migrations` : [];
  const recorded = new Set(rows.map(({ version }) => version as string));
  return files(folder).filter((file) => !recorded.has(file.split("_")[0]!)).map((file) => ({
    file,
    text: Deno.readTextFileSync(`${folder}/supabase/migrations/${file}`),
  }));
}

/**
 * Applies the pending migrations in a transaction that is rolled back, after what a takeover removes: the server's own
 * word on whether they fit. It holds the locks of the migrations for as long, and gives up if it must wait for them.
 */
export async function rehearse(
  sql: connect.Sql,
  folder: string,
  before: (sql: connect.TransactionSql) => Promise<unknown>,
) {
  const pending = await pendingMigrations(sql, folder);
  if (pending.length === 0) return;
  let at = "what is taken over";
  const done = new Error("rehearsed");
  try {
    await sql.begin(async (sql) => {
      await sql`set local lock_timeout = '30s'`;
      await before(sql);
      for (const { file, text } of pending) {
        at = file;
        await sql.unsafe(text);
        await sql`reset role`;
      }
      at = "a like";
      await tryLike(sql);
      throw done;
    });
  } catch (error) {
    if (error === done) return;
    const { message, detail, hint } = error as Record<string, string | undefined>;
    refuse(
      [`the migrations do not fit this database: ${at} would fail: ${message}`, detail, hint].filter(Boolean).join(
        "\n",
      ),
      "nothing was changed: correct that and deploy again",
    );
  }
}

/** Likes a post of the app, signed in if it has people: the app's own constraints and triggers have their say. */
async function tryLike(sql: connect.TransactionSql): Promise<void> {
  const [post] = await sql`select id from public.posts_new limit 1`;
  if (!post) return;
  const [person] = await sql`select id from public.profiles limit 1`;
  const claims = person ? { sub: person.id, role: "authenticated" } : { role: "anon" };
  await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
  await sql`select public.toggle_post_like(${post.id}, gen_random_uuid()::text)`;
}

/** Applies new migrations. Returns a summary. */
export async function push(sql: connect.Sql, project: Project, folder: string): Promise<string> {
  const url = new URL(project.databaseUrl);
  // In the environment: everyone on this machine can read arguments.
  const env = { PGPASSWORD: decodeURIComponent(url.password) };
  url.password = "";
  let said: string;
  try {
    said = await supabase(folder, ["db", "push", "--include-all", `--remote=${url.href}`, "--yes"], env);
  } catch (error) {
    refuse(
      (error as Error).message,
      "each migration is applied as a whole or not at all: fix the error and deploy again",
    );
  }
  // Makes the API read the schema again.
  await sql`notify pgrst, 'reload schema'`;
  const applied = [...said.matchAll(/Applying migration (\d+)/g)].length;
  return applied ? `${applied} applied` : "up to date";
}

/** The names of the migrations. */
export function files(folder: string): string[] {
  return migrationFiles(`${folder}/supabase/migrations`);
}
