/** The core alone, in new processes of the hosted Deno and the current one. */
import { gzipSync } from "node:zlib";
import { deno, type DenoVersion } from "../tools/binaries.ts";
import { heading, median, row } from "./table.ts";

const VERSIONS: DenoVersion[] = ["2.1.4", "current"];
const PROCESSES = 25;

/** Time per message; `claims` are files, by number of messages. */
export async function decisions(claims: Map<number, string>): Promise<void> {
  heading("microseconds a message, from bytes", ["decide", "JSON.parse + zod", "JSON.parse"]);
  for (const version of VERSIONS) {
    for (const [messages, claim] of claims) {
      const times: Record<string, number[]> = JSON.parse(await run(version, "decisions.ts", claim));
      const cells = ["decide", "zod", "parse"].map((name) => median(times[name]!).toFixed(2));
      row(`Deno ${version}, claim of ${messages}`, cells);
    }
  }
}

/** Time from import to the first result, in alternating processes, so that a busy machine slows all. */
export async function firstDecisions(analytics: string, deliveries: string): Promise<void> {
  heading("milliseconds from import to the first result", ["pkg/core", "pkg/deliveries", "JSON.parse + zod"]);
  const runs = [
    ["first-decision.ts", analytics, "analytics", "core"],
    ["first-decision.ts", deliveries, "deliveries", "deliveries"],
    ["first-validation.ts", analytics],
  ];
  for (const version of VERSIONS) {
    const times = runs.map((): number[] => []);
    for (let n = 0; n < PROCESSES; n++) {
      for (const [i, [script, ...args]] of runs.entries()) times[i]!.push(Number(await run(version, script!, ...args)));
    }
    row(`Deno ${version}`, times.map((ms) => median(ms).toFixed(1)));
  }
}

/** The size of a deploy and a start. */
export function size(): void {
  const pkg = new URL("../../pkg/", import.meta.url);
  heading("bytes of WebAssembly", ["raw", "gzip -9"]);
  for (const { name } of Deno.readDirSync(pkg)) {
    const wasm = Deno.readFileSync(new URL(`${name}/queues_bg.wasm`, pkg));
    row(`pkg/${name}`, [`${wasm.length}`, `${gzipSync(wasm, { level: 9 }).length}`]);
  }
}

async function run(version: DenoVersion, script: string, ...args: string[]): Promise<string> {
  const folder = import.meta.dirname!;
  const { success, stdout, stderr } = await new Deno.Command(deno(version), {
    // Without V8's code cache: a new machine has none.
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--no-code-cache",
      `--config=${folder}/../deno.json`,
      "--allow-read",
      `${folder}/${script}`,
      ...args,
    ],
  }).output();
  if (!success) throw new Error(`${script} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
