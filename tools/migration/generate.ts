/** Writes migrations: the statements that turn a database made by the migrations into the one that the schemas describe. */
import type connect from "postgres";
import { type Database, query } from "../../local/stack/database.ts";
import type { Server } from "./databases.ts";
import { differences, fingerprint } from "./fingerprint.ts";
import { lossyStatements } from "./lossy.ts";
import { difference } from "./pg_delta.ts";
import { migrationFiles, type Project } from "./project.ts";
import { releasedHashes } from "./released.ts";

const callsSql = await Deno.readTextFile(new URL("calls.sql", import.meta.url));

/** A migration cannot be written, or is incomplete. The message says why and what to do. */
export class Refused extends Error {}

/** The line before the generated part of the initial migration. The part above it is written by hand and kept. */
const generatedBelow = "-- Generated from supabase/schemas, from here on.\n";

/** Writes the next migration. Returns its path, several if one part has to be committed first, none if nothing changed. */
export async function nextMigration(
  server: Server,
  project: Project,
  name: string,
  isConfirmed: boolean,
): Promise<string[]> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Refused(`\`${name}\` is not a name: use a-z, 0-9 and _`);
  const to = await server.described(project);
  await checkCalls(to);
  const from = await server.migrated(project.migrations);
  const text = await difference(from.url, to.url);
  if (!text) {
    await checkEqual(from, to, "pg-delta does not see this: write a migration for it by hand");
    return [];
  }
  const lossy = lossyStatements(text);
  if (lossy.length && !isConfirmed) {
    throw new Refused(
      "these statements lose data or may fail on existing rows (a renamed column is dropped and added):\n\n" +
        lossy.map((statement) => `    ${statement}\n`).join("") +
        "\nto write them anyway, repeat the command with CONFIRM=1; otherwise write the migration by hand",
    );
  }
  const paths: string[] = [];
  // A new value of an enum can be used only after it has been committed.
  for (const part of text.split(/(?<=^alter type [^;]* add value [^;]*;)\n+(?!alter type [^;]* add value )/m)) {
    const path = `${project.migrations}/${nextVersion(new Date(), migrationFiles(project))}_${name}.sql`;
    await Deno.writeTextFile(path, `-- Generated from supabase/schemas.\n\n${part.trim()}\n`);
    paths.push(path);
  }
  const migrated = await server.migrated(project.migrations).catch(async (error) => {
    for (const path of paths) await Deno.remove(path);
    throw new Refused(`Postgres rejects what pg-delta wrote: ${error.message}\n\nwrite the migration by hand`);
  });
  await checkEqual(migrated, to, `pg-delta does not see this: add it to ${paths.at(-1)} by hand`);
  return paths;
}

/** Writes the initial migration again, before the first release, and returns its path. */
export async function initialMigration(server: Server, project: Project): Promise<string> {
  if ((await releasedHashes(project)).size) {
    throw new Refused("the initial migration is released and must not change; use make migration NAME=…");
  }
  const files = migrationFiles(project);
  const initial = files.findIndex((file) => file.endsWith("_initial.sql"));
  if (initial < 0) throw new Refused(`${project.migrations} has no migration named initial`);
  const path = `${project.migrations}/${files[initial]}`;
  const [head, generated] = (await Deno.readTextFile(path)).split(generatedBelow);
  if (generated === undefined) throw new Refused(`${path} has no line \`${generatedBelow.trim()}\``);

  const to = await server.described(project);
  await checkCalls(to);
  const before = await Deno.makeTempDir({ prefix: "queues-initial-" });
  try {
    for (const file of files.slice(0, initial)) {
      await Deno.copyFile(`${project.migrations}/${file}`, `${before}/${file}`);
    }
    const text = await difference((await server.migrated(before)).url, to.url);
    await Deno.writeTextFile(path, `${head}${generatedBelow}\n${text}\n`);
  } finally {
    await Deno.remove(before, { recursive: true });
  }
  await checkEqual(
    await server.migrated(project.migrations),
    to,
    "adjust the migrations written by hand to the schemas",
  );
  return path;
}

/** Fails if the databases differ. */
async function checkEqual(migrated: Database, described: Database, remedy: string): Promise<void> {
  const [a, b] = await Promise.all([migrated, described].map(({ url }) => query(url, fingerprint)));
  const found = differences(a!, b!, { a: "the migrations", b: "the schemas" });
  if (found.length) throw new Refused(`${found.join("\n")}\n\n${remedy}`);
}

/** Fails if a function calls one that does not exist. */
async function checkCalls(database: Database): Promise<void> {
  const missing = await query(database.url, missingCalls);
  if (missing.length) throw new Refused(missing.join("\n"));
}

/** The calls in the bodies of functions to functions that do not exist. */
export async function missingCalls(sql: connect.Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ caller: string; called: string }[]>(callsSql);
  return rows.map(({ caller, called }) => `${caller} calls ${called}, which does not exist`);
}

/** The current time, or the next version if a migration has a later one. */
export function nextVersion(now: Date, files: string[]): string {
  const last = files.map((file) => /^\d+/.exec(file)![0]).sort().at(-1) ?? "0";
  const version = now.toISOString().replace(/\D/g, "").slice(0, 14);
  return version > last ? version : `${BigInt(last) + 1n}`;
}
