/**
 * `make dev`: runs the local stack in the foreground until Ctrl-C. Environment variables:
 *
 *     PORT        of the gateway (54321)
 *     DB_PORT     of Postgres (54322)
 *     WEB_PORT    of the pages (54323)
 *     CONSOLE_PORT  of the console (54324)
 *     DATA_DIR    folder that keeps the data between runs
 *     PG_VERSION  15 or 17 (17)
 *     ENV_FILE    file for addresses and keys (.env.local); the next run uses its keys again
 */
import type { PostgresVersion } from "../tools/binaries.ts";
import { ROOT } from "../tools/paths.ts";
import { envFileValues, writeEnvFile } from "./env-file.ts";
import { query } from "./database.ts";
import { newKeys } from "./keys.ts";
import { serveConsole, servePages } from "./pages.ts";
import { addPeople, PASSWORD, people } from "./people.ts";
import { addPictures } from "./pictures.ts";
import { startStack } from "./stack.ts";

const envFile = Deno.env.get("ENV_FILE") || `${ROOT}/.env.local`;

/** Resolves at the first signal to end. Before the stack is up there is no listener: the watchdog cleans up then. */
function signaled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, () => resolve());
  });
}

async function main(): Promise<void> {
  const stack = await startStack({
    port: integer("PORT", 54321),
    dbPort: integer("DB_PORT", 54322),
    dataDir: Deno.env.get("DATA_DIR") || undefined,
    pgVersion: postgresVersion(),
    keys: await knownKeys(),
    scheduler: true,
    realtime: true,
  });
  await query(stack.adminDatabaseUrl, addPeople);
  await addPictures(stack);
  const pages = servePages({ port: integer("WEB_PORT", 54323), url: stack.url, key: stack.publishableKey });
  const operators = serveConsole({ port: integer("CONSOLE_PORT", 54324), url: stack.url, key: stack.publishableKey });
  const end = signaled();
  await writeEnvFile(envFile, {
    SUPABASE_URL: stack.url,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    JWT_SECRET: stack.jwtSecret,
    DATABASE_URL: stack.databaseUrl,
  });
  console.log(`
The stack is up, with ${stack.migrations.length} new migrations applied.

  pages      ${pages.url}
  console    ${operators.url}, for operator@example.com
  API        ${stack.url}/rest/v1
  functions  ${stack.url}/functions/v1/<name>
  database   ${stack.databaseUrl}
  keys       in ${envFile}
  sign in    as ${people.map(({ email }) => email).join(", ")}, with the password ${PASSWORD}
             (a token for curl: make token USER=${people[0]!.name})

Ctrl-C stops it${Deno.env.get("DATA_DIR") ? "" : " and removes its data (DATA_DIR=<folder> keeps it)"}.`);
  if (stack.editedMigrations.length) {
    console.log(`
These migrations were edited after they were applied to the data in DATA_DIR, which do not have the change:
  ${stack.editedMigrations.join("\n  ")}
Start with another DATA_DIR, or take the edit back and write a new migration (make migration).`);
  }
  await end;
  console.log("stopping");
  await Promise.all([pages.stop(), operators.stop()]);
  await stack.stop();
}

function integer(name: string, otherwise: number): number {
  const value = Number(Deno.env.get(name) || otherwise);
  if (Number.isInteger(value) && value >= 0 && value < 65536) return value;
  throw new Error(`${name} is not a port: \`${Deno.env.get(name)}\``);
}

function postgresVersion(): PostgresVersion {
  const value = Deno.env.get("PG_VERSION") || "17";
  if (value === "15" || value === "17") return Number(value) as PostgresVersion;
  throw new Error(`PG_VERSION must be 15 or 17, not \`${value}\``);
}

/** The keys of the last run, so that an app with those keys keeps working. */
async function knownKeys() {
  const known = await envFileValues(envFile);
  const { SUPABASE_PUBLISHABLE_KEY: publishableKey, SUPABASE_SECRET_KEY: secretKey, JWT_SECRET: jwtSecret } = known;
  return publishableKey && secretKey && jwtSecret ? { publishableKey, secretKey, jwtSecret } : newKeys();
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  console.error(error instanceof Error ? `error: ${error.message}` : error);
  Deno.exit(1);
}
