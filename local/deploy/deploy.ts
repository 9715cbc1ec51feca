/**
 * `make deploy PROJECT_REF=<ref>`: deploys to a Supabase project and proves that it works there. Every step is idempotent,
 * so a deploy can be repeated at any time.
 *
 *     SUPABASE_ACCESS_TOKEN  may write the project's functions
 *     SUPABASE_DB_PASSWORD   of the role postgres; or DATABASE_URL
 *     SUPABASE_SECRET_KEY    for the dispatcher; needed once, then stored in Vault
 *     SMOKE_TEST_SECS        limit of the last step
 *     TAKE_OVER              1 to replace what an app made for the same work: functions, cron jobs, queues
 *     DEPLOY_TO_LOOPBACK     1 to deploy to a stack on this machine
 */
import connect from "postgres";
import { howToPublish } from "../tools/console.ts";
import { ROOT } from "../tools/paths.ts";
import { appTableWarnings } from "./app-tables.ts";
import { checkWorkers, deployFunctions } from "./functions.ts";
import { checkJobs } from "./jobs.ts";
import { push } from "./migrations.ts";
import { preflight } from "./preflight.ts";
import { refuse, Refused } from "./problem.ts";
import { isLoopback, type Project, readProject } from "./project.ts";
import { smokeTest } from "./smoke.ts";
import { takeOver } from "./taken.ts";
import { storeSecrets } from "./secrets.ts";

async function deploy(folder: string): Promise<void> {
  const project = await readProject(Deno.env.toObject(), await linkedRef(folder));
  const { password } = new URL(project.databaseUrl);
  for (const secret of [project.secretKey, password, decodeURIComponent(password)]) if (secret) secrets.push(secret);
  console.log(`deploying to ${project.ref}`);
  const sql = await connected(project);
  try {
    const mayTakeOver = Deno.env.get("TAKE_OVER") === "1";
    await step("preflight", () => preflight(sql, project, folder, mayTakeOver));
    for (const warning of await appTableWarnings(sql)) console.log(`note    ${warning}`);
    if (mayTakeOver) await step("takeover", () => takeOver(sql, folder));
    await step("migrations", () => push(sql, project, folder));
    await step("secrets", () => storeSecrets(sql, project));
    await step("functions", () => deployFunctions(project, folder));
    await step("workers", () => checkWorkers(sql, project));
    await step("jobs", () => checkJobs(sql));
    await step("smoke test", () => smokeTest(sql, Number(Deno.env.get("SMOKE_TEST_SECS")) || undefined));
    console.log(`\n${howToPublish(project.url)}`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Never printed, whoever wrote the line. */
const secrets = ["SUPABASE_ACCESS_TOKEN", "SUPABASE_DB_PASSWORD"].map((name) => Deno.env.get(name) ?? "").filter(
  Boolean,
);

function withoutSecrets(text: string): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, "***"), text);
}

async function step(name: string, work: () => Promise<string>): Promise<void> {
  const done = await work().catch((error) => {
    console.error(`failed  ${name}`);
    throw error;
  });
  console.log(withoutSecrets(`done    ${name.padEnd(12)}${done}`));
}

async function connected({ databaseUrl }: Project): Promise<connect.Sql> {
  const { hostname, searchParams } = new URL(databaseUrl);
  const ssl = isLoopback(hostname) || searchParams.has("sslmode") ? {} : { ssl: "require" as const };
  // Prepared statements do not survive in every pooler.
  const sql = connect(databaseUrl, { max: 1, prepare: false, onnotice: () => {}, fetch_types: false, ...ssl });
  try {
    await sql`select 1`;
    return sql;
  } catch (error) {
    await sql.end({ timeout: 5 });
    refuse(
      `cannot connect to the database: ${(error as Error).message || (error as { code?: string }).code}`,
      "check the password, and that DATABASE_URL, if set, is the session pooler's (dashboard: Connect); " +
        "restore a paused project in the dashboard",
    );
  }
}

/** The project of `supabase link`. */
async function linkedRef(folder: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(`${folder}/supabase/.temp/project-ref`)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  try {
    await deploy(Deno.args[0] ?? ROOT);
  } catch (error) {
    const problems = error instanceof Refused ? error.problems : [{
      what: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      remedy: "deploying again is safe: it skips what is done",
    }];
    for (const { what, remedy } of problems) console.error(withoutSecrets(`\n${what}\n  → ${remedy}`));
    Deno.exit(1);
  }
}
