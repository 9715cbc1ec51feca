/**
 * Runs supabase/tests/<room>/*.test.sql on Postgres 15 and 17, each file in its own database, several at a time. Then runs
 * the TypeScript tests in this folder on the same servers.
 *
 *     deno run -A -c tests/deno.json tests/sql/run.ts [PART OF A SQL FILE'S NAME]...
 *
 * With a name only the SQL files that match are run.
 */
import { ROOT } from "../../local/tools/paths.ts";
import { pgtapFiles, runPgtapFile } from "./pgtap_files.ts";
import { start, type Started, startServer, versions } from "./servers.ts";

/** Files at a time on each server. */
const AT_ONCE = 2;

const files = pgtapFiles(Deno.args);
if (files.length === 0) {
  console.error("no test file in supabase/tests matches");
  Deno.exit(2);
}

await using cleanup = new AsyncDisposableStack();
const servers: Record<string, Started> = {};
await Promise.all(versions.map(async (version) => {
  const { stop, ...started } = await start(version);
  cleanup.defer(stop);
  servers[version] = started;
}));
Deno.env.set("TEST_SERVERS", JSON.stringify(servers));

const totals = await Promise.all(versions.map(runFiles));
const sum = (key: "passed" | "failed") => totals.reduce((total, one) => total + one[key], 0);
console.log(`pgTAP: ${sum("passed")} passed, ${sum("failed")} failed`);
const isWell = sum("failed") === 0 && (Deno.args.length > 0 || await runTypeScript());
await cleanup.disposeAsync();
Deno.exit(isWell ? 0 : 1);

async function runFiles(version: typeof versions[number]): Promise<{ passed: number; failed: number }> {
  await using server = await startServer(version);
  const left = [...files];
  let passed = 0;
  let failed = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const verdict = await runPgtapFile(server, file);
      passed += verdict.passed;
      failed += verdict.problems.length ? 1 : 0;
      for (const problem of verdict.problems) console.log(`postgres ${version}: ${file}: ${problem}`);
    }
  }));
  console.log(`postgres ${version}: ${files.length} files, ${passed} tests passed, ${failed} files failed`);
  return { passed, failed };
}

async function runTypeScript(): Promise<boolean> {
  const config = `${ROOT}/tests/deno.json`;
  const args = ["test", "--parallel", "--quiet", "--no-lock", "-A", `--config=${config}`, import.meta.dirname!];
  const { success } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  return success;
}
