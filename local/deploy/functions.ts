import type connect from "postgres";
import { supabase } from "../tools/supabase-cli.ts";
import { type Problem, refuse, Refused } from "./problem.ts";
import type { Project } from "./project.ts";
import { knownSecret } from "./secrets.ts";

/** Uploads every function. Supabase bundles them, so this needs no Docker. */
export async function deployFunctions(project: Project, folder: string): Promise<string> {
  try {
    await supabase(folder, ["functions", "deploy", "--use-api", `--remote=${project.ref}`, "--yes"]);
  } catch (error) {
    refuse(
      (error as Error).message,
      "check that SUPABASE_ACCESS_TOKEN is valid and may write this project's functions, and deploy again",
    );
  }
  return [...Deno.readDirSync(`${folder}/supabase/functions`)]
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("_")).map(({ name }) => name).sort().join(", ");
}

/** Sends a GET to every worker: 405 proves that it runs and accepts the key, without starting a run. */
export async function checkWorkers(sql: connect.Sql, project: Project): Promise<string> {
  const key = (await knownSecret(sql, "queues_secret_key"))!;
  const rows = await sql`select function_name as name from queues.settings where function_name is not null order by 1`;
  const answers = await Promise.all(rows.map(({ name }) => problemOf(project.url, name, key)));
  const problems = answers.filter((problem) => problem !== undefined);
  if (problems.length) throw new Refused(problems);
  return `${rows.length} answer`;
}

async function problemOf(url: string, name: string, key: string): Promise<Problem | undefined> {
  const logs = `look at the function's logs (dashboard: Edge Functions, ${name}, Logs)`;
  let response: Response;
  try {
    response = await fetch(`${url}/functions/v1/${name}`, {
      headers: { apikey: key },
      // All are started at once, perhaps on a busy machine.
      signal: AbortSignal.timeout(180_000),
    });
  } catch (error) {
    return { what: `${name} does not answer: ${(error as Error).message}`, remedy: logs };
  }
  const body = await response.text();
  if (response.status === 405) return undefined;
  const what = `${name} answered ${response.status}: ${body.slice(0, 200)}`;
  if (response.status === 401) {
    return {
      what,
      remedy: `it does not accept the key in Vault: set SUPABASE_SECRET_KEY to a secret key of this project, and see ` +
        `that supabase/config.toml has ${name}.verify_jwt = false`,
    };
  }
  if (response.status === 404) {
    return {
      what,
      remedy: `queues.settings names it, so supabase/functions/${name} must exist: deploy it, or correct the name`,
    };
  }
  return { what, remedy: logs };
}
