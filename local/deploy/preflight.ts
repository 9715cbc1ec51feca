/** Checks everything before anything is changed, and reports all problems at once. */
import type connect from "postgres";
import { extensionProblems } from "./extensions.ts";
import { migrationProblems, rehearse } from "./migrations.ts";
import { predecessorProblems, predecessors, remove, takenNames } from "./taken.ts";
import { appTableProblems } from "./app-tables.ts";
import { type Problem, Refused } from "./problem.ts";
import type { Project } from "./project.ts";
import { keyProblem, knownSecret } from "./secrets.ts";
import { storageProblems } from "./storage.ts";

/** Returns a summary. `takeOver` says that what an app made for the same work may be replaced. */
export async function preflight(
  sql: connect.Sql,
  project: Project,
  folder: string,
  takeOver: boolean,
): Promise<string> {
  const [server] = await sql`
    select current_setting('server_version') as version, current_setting('server_version_num')::int / 10000 as major`;
  const problems: Problem[] = [];
  if (server!.major < 15) {
    problems.push({
      what: `Postgres ${server!.version} is too old`,
      remedy: "upgrade the project to Postgres 15 or newer (dashboard: Settings, Infrastructure)",
    });
  }
  problems.push(...await extensionProblems(sql));
  problems.push(...await migrationProblems(sql, folder));
  problems.push(...packageProblems(folder));
  problems.push(...await storageProblems(sql));

  const key = project.secretKey ?? await knownSecret(sql, "queues_secret_key");
  const wrongKey = keyProblem(key);
  if (wrongKey) problems.push(wrongKey);
  else problems.push(...await apiProblems(project.url, key!));

  problems.push(...await appTableProblems(sql), ...await takenNames(sql, folder));
  const found = await predecessors(sql, folder);
  if (!takeOver) problems.push(...predecessorProblems(found));

  if (problems.length) throw new Refused(problems);
  await rehearse(sql, folder, (sql) => remove(sql, found));
  return `Postgres ${server!.version}, extensions, key, schema, migrations and pkg/ are fine`;
}

/** Each function uploads the packages of pkg/ that its deno.json maps. */
function packageProblems(folder: string): Problem[] {
  return mappedPackages(`${folder}/supabase/functions`).flatMap((name) => {
    const module = /^pkg\/(images|heic)$/.test(name) ? "images" : "queues";
    const files = [`${module}.js`, `${module}_bg.js`, `${module}_bg.wasm`];
    const missing = files.filter((file) => !isFilled(`${folder}/${name}/${file}`));
    if (missing.length === 0) return [];
    return [{
      what: `${name} lacks ${missing.join(", ")}`,
      remedy: "it is committed: git checkout -- pkg; or, with Rust installed: make build",
    }];
  });
}

function mappedPackages(functions: string): string[] {
  const packages = new Set<string>();
  for (const { name } of Deno.readDirSync(functions)) {
    const config = `${functions}/${name}/deno.json`;
    if (!isFilled(config)) continue;
    const mapped = Deno.readTextFileSync(config).matchAll(/"\.\.\/\.\.\/\.\.\/(pkg\/\w+)\/"/g);
    for (const [, folder] of mapped) packages.add(folder!);
  }
  return [...packages].sort();
}

function isFilled(path: string): boolean {
  try {
    return Deno.statSync(path).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Requests a schema that the API must not expose: the answer also checks the address and the key. */
async function apiProblems(url: string, key: string): Promise<Problem[]> {
  let response: Response;
  try {
    response = await fetch(`${url}/rest/v1/settings?limit=0`, {
      headers: { apikey: key, "accept-profile": "queues" },
      signal: AbortSignal.timeout(180_000),
    });
  } catch (error) {
    const remedy = "check the project ref (and SUPABASE_URL, if set); restore a paused project in the dashboard";
    return [{ what: `the API at ${url} cannot be reached: ${(error as Error).message}`, remedy }];
  }
  const body = await response.text();
  if (response.status === 406 && body.includes("PGRST106")) return [];
  if (response.status === 401) {
    return [{
      what: `the API at ${url} does not accept the secret key`,
      remedy: "set SUPABASE_SECRET_KEY to a secret key of this project (dashboard: Settings, API keys)",
    }];
  }
  if (response.status >= 500) {
    return [{
      what: `the API at ${url} answered ${response.status}: ${body.slice(0, 200)}`,
      remedy: "check the project's state in the dashboard, and deploy again when it is healthy",
    }];
  }
  return [{
    what: "the API exposes the schema `queues`",
    remedy: "remove it from the exposed schemas (dashboard: Settings, Data API); the functions only need `public`",
  }];
}
