/** Writes migrations: what is still to be done to a database of the migrations so that it becomes what the schemas say. */
import type connect from "postgres";
import { type Database, query } from "../../local/stack/database.ts";
import type { Server } from "./databases.ts";
import { differences, fingerprint } from "./fingerprint.ts";
import { lossyStatements } from "./lossy.ts";
import { difference } from "./pg_delta.ts";
import { migrationFiles, type Project } from "./project.ts";
import { releasedHashes } from "./released.ts";

const callsSql = await Deno.readTextFile(new URL("calls.sql", import.meta.url));

/** A migration that is not written, or not as it has to be: what is wrong and what to do. */
export class Refused extends Error {}

/** Where the generated part of the initial migration begins: what is above it is written by hand and kept. */
const generatedBelow = "-- Generated from supabase/schemas, from here on.\n";

/** Writes the next migration and returns its path; none where there is nothing to write, several where one builds on another. */
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
      "this loses data, or fails where there are rows that it does not fit (a renamed column is dropped and added):\n\n" +
        lossy.map((statement) => `    ${statement}\n`).join("") +
        "\nif that is meant, repeat the command with CONFIRM=1; else write the migration by hand",
    );
  }
  const paths: string[] = [];
  // A new value of an enum is committed before it is used.
  for (const part of text.split(/(?<=^alter type [^;]* add value [^;]*;)\n+(?!alter type [^;]* add value )/m)) {
    const path = `${project.migrations}/${nextVersion(new Date(), migrationFiles(project))}_${name}.sql`;
    await Deno.writeTextFile(path, `-- Generated from supabase/schemas.\n\n${part.trim()}\n`);
    paths.push(path);
  }
  const migrated = await server.migrated(project.migrations).catch(async (error) => {
    for (const path of paths) await Deno.remove(path);
    throw new Refused(`pg-delta writes what Postgres does not accept: ${error.message}\n\nwrite the migration by hand`);
  });
  await checkEqual(migrated, to, `pg-delta does not see this: add it to ${paths.at(-1)} by hand`);
  return paths;
}

/** Writes the initial migration anew and returns its path. Only as long as no migration is released. */
export async function initialMigration(server: Server, project: Project): Promise<string> {
  if ((await releasedHashes(project)).size) {
    throw new Refused("the initial migration is released and stays as it is: make migration NAME=…");
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
    "bring the migrations that are written by hand in line with the schemas",
  );
  return path;
}

/** Refuses databases that differ. */
async function checkEqual(migrated: Database, described: Database, remedy: string): Promise<void> {
  const [a, b] = await Promise.all([migrated, described].map(({ url }) => query(url, fingerprint)));
  const found = differences(a!, b!, { a: "the migrations", b: "the schemas" });
  if (found.length) throw new Refused(`${found.join("\n")}\n\n${remedy}`);
}

/** Refuses a database whose functions call one that it does not have. */
async function checkCalls(database: Database): Promise<void> {
  const missing = await query(database.url, missingCalls);
  if (missing.length) throw new Refused(missing.join("\n"));
}

/** The calls in functions' bodies that name nothing in the schema they name. */
export async function missingCalls(sql: connect.Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ caller: string; called: string }[]>(callsSql);
  return rows.map(({ caller, called }) => `${caller} calls ${called}, which does not exist`);
}

/** The time of day, and later than every migration there is. */
export function nextVersion(now: Date, files: string[]): string {
  const last = files.map((file) => /^\d+/.exec(file)![0]).sort().at(-1) ?? "0";
  const version = now.toISOString().replace(/\D/g, "").slice(0, 14);
  return version > last ? version : `${BigInt(last) + 1n}`;
}
