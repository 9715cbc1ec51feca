/** The files supabase/tests/<room>/*.test.sql, each run in a database of its own, whose clock is not the machine's. */
import connect from "postgres";
import { ROOT } from "../../local/tools/paths.ts";
import { type Server, sessionSettings } from "./servers.ts";
import { evaluate, type Verdict } from "./tap.ts";

const folder = `${ROOT}/supabase/tests/`;

/** Those whose name has one of the parts, all if there are none, as <room>/<file>. */
export function pgtapFiles(parts: string[]): string[] {
  return [...Deno.readDirSync(folder)]
    .flatMap(({ name: room }) => [...Deno.readDirSync(folder + room)].map(({ name }) => `${room}/${name}`))
    .filter((name) => name.endsWith(".test.sql") && (!parts.length || parts.some((part) => name.includes(part))))
    .sort();
}

/** What the replaced clock does not answer. */
const machinesClock = /\b(current_date|current_time|current_timestamp|localtime|localtimestamp|pg_sleep\w*)\b(?!')/i;

export async function runPgtapFile(server: Pick<Server, "counted" | "version">, file: string): Promise<Verdict> {
  const text = await Deno.readTextFile(folder + file);
  if (!/select \* from finish\(\);\s*rollback;\s*$/.test(text)) {
    return { passed: 0, problems: ["does not end with finish() and rollback"] };
  }
  const [found] = machinesClock.exec(text) ?? [];
  if (found) return { passed: 0, problems: [`\`${found}\` depends on the machine: use now() or clock_timestamp()`] };
  await using database = await server.counted();
  const sql = connect(database.url, {
    max: 1,
    onnotice: () => {},
    fetch_types: false,
    connection: sessionSettings[server.version],
  });
  try {
    const results = await sql.unsafe(text) as unknown as Record<string, unknown>[][];
    return evaluate(results.flat().flatMap((row) => String(Object.values(row)[0] ?? "").split("\n")));
  } catch (error) {
    const { message, code, position, detail } = error as Record<string, string | undefined>;
    const line = position ? ` at line ${text.slice(0, Number(position)).split("\n").length}` : "";
    return { passed: 0, problems: [[`${message} (${code})${line}`, detail].filter(Boolean).join("\n")] };
  } finally {
    await sql.end();
  }
}
