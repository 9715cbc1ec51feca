/**
 * Runs supabase/tests/<room>/*.test.sql on Postgres 15 and 17, each file in a database of its own.
 *
 *     deno run -A -c local/deno.json tests/sql/run.ts [PART OF A FILE'S NAME]...
 */
import connect from "postgres";
import { ROOT } from "../../local/tools/paths.ts";
import { type Server, startServer, versions } from "./servers.ts";
import { judge, type Verdict } from "./tap.ts";

const folder = `${ROOT}/supabase/tests/`;
const files = [...Deno.readDirSync(folder)]
  .flatMap(({ name: room }) => [...Deno.readDirSync(folder + room)].map(({ name }) => `${room}/${name}`))
  .filter((name) => name.endsWith(".test.sql") && (!Deno.args.length || Deno.args.some((part) => name.includes(part))))
  .sort();
if (files.length === 0) {
  console.error(`no test file in ${folder} matches`);
  Deno.exit(2);
}

const totals = await Promise.all(versions.map(async (version) => {
  await using server = await startServer(version);
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const verdict = await runFile(server, file);
    passed += verdict.passed;
    failed += verdict.problems.length ? 1 : 0;
    for (const problem of verdict.problems) console.log(`postgres ${version}: ${file}: ${problem}`);
  }
  console.log(`postgres ${version}: ${files.length} files, ${passed} tests passed, ${failed} files failed`);
  return { passed, failed };
}));

const sum = (key: "passed" | "failed") => totals.reduce((total, one) => total + one[key], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
Deno.exit(sum("failed") ? 1 : 0);

async function runFile(server: Server, file: string): Promise<Verdict> {
  const text = await Deno.readTextFile(folder + file);
  if (!/select \* from finish\(\);\s*rollback;\s*$/.test(text)) {
    return { passed: 0, problems: ["does not end with finish() and rollback"] };
  }
  await using database = await server.copy();
  const sql = connect(database.url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    const results = await sql.unsafe(text) as unknown as Record<string, unknown>[][];
    return judge(results.flat().flatMap((row) => String(Object.values(row)[0] ?? "").split("\n")));
  } catch (error) {
    const { message, code, position, detail } = error as Record<string, string | undefined>;
    const line = position ? ` at line ${text.slice(0, Number(position)).split("\n").length}` : "";
    return { passed: 0, problems: [[`${message} (${code})${line}`, detail].filter(Boolean).join("\n")] };
  } finally {
    await sql.end();
  }
}
