/**
 * `make soak`: the long tests. Each part runs rounds for its share of the time, and a summary follows. A round that fails
 * ends its part; its output is shown, with the seed that repeats it.
 *
 *     SOAK_PARTS  seeds, fuzz, images, deliveries, demo, marks, load: the simulation, property tests, damaged pictures,
 *                 notifications through failing providers, the demo with much traffic, the marks of queues under many
 *                 sessions, and steady traffic with figures (all)
 *     SOAK_MINS   minutes in all (20)
 */
import { ROOT } from "../../local/tools/paths.ts";
import { type Part, parts, type Round } from "./parts.ts";

interface Result {
  name: string;
  rounds: number;
  checked: number;
  secs: number;
  failed: boolean;
}

/** Returns what a failed command printed. */
async function run({ program, args, env }: Omit<Round, "size">, isShown = false): Promise<string | undefined> {
  const command = new Deno.Command(program, {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: isShown ? "inherit" : "piped",
    stderr: isShown ? "inherit" : "piped",
  });
  if (isShown) return (await command.spawn().status).success ? undefined : `failed: ${program} ${args.join(" ")}`;
  const { success, stdout, stderr } = await command.output();
  if (success) return undefined;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  return `${output}\nfailed: ${variables}${program} ${args.join(" ")}`;
}

async function soak(name: string, part: Part, shareMs: number): Promise<Result> {
  const result = { name, rounds: 0, checked: 0, secs: 0, failed: false };
  const fail = (output: string | undefined) => {
    if (output === undefined) return false;
    console.log(output);
    return result.failed = true;
  };
  if (part.prepare && fail(await run(part.prepare))) return result;
  const started = performance.now();
  // At least one round, and none that would begin after its time.
  do {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    const round = part.round(seed, shareMs / 60_000);
    if (fail(await run(round, part.isShown))) break;
    result.rounds++;
    result.checked += round.size;
  } while (performance.now() - started < shareMs);
  result.secs = Math.round((performance.now() - started) / 1000);
  console.log(describe(result, part));
  return result;
}

function describe({ name, rounds, checked, secs, failed }: Result, { unit }: Part): string {
  return `${failed ? "FAILED" : "passed"}  ${name.padEnd(11)} ${rounds} rounds, ` +
    `${checked.toLocaleString("en")} ${unit} in ${secs} s`;
}

const names = (Deno.env.get("SOAK_PARTS") || Object.keys(parts).join(",")).split(",");
const unknown = names.filter((name) => !(name in parts));
const mins = Number(Deno.env.get("SOAK_MINS") || 20);
if (unknown.length > 0 || !(mins > 0)) {
  console.error(`SOAK_PARTS are of ${Object.keys(parts).join(", ")}; SOAK_MINS is a number above zero`);
  Deno.exit(2);
}
console.log(`${names.join(", ")}: ${(mins / names.length).toFixed(1)} minutes each`);
const results: Result[] = [];
for (const name of names) results.push(await soak(name, parts[name]!, mins * 60_000 / names.length));

console.log("\nsummary");
for (const result of results) console.log(describe(result, parts[result.name]!));
Deno.exit(results.some(({ failed }) => failed) ? 1 : 0);
