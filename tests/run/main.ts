/**
 * Runs the parts of `make test`, two at a time, and adds up their checks. Fails if a part fails or ran no checks.
 *
 *     deno run -A --config tests/deno.json tests/run/main.ts [TARGET]...
 *
 * TEST_JOBS: how many parts at a time. A part's output is shown when it fails.
 */
import { TextLineStream } from "../../local/stack/lines.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { countChecks } from "./count.ts";
import { first, type Part, parts } from "./parts.ts";

const jobs = Number(Deno.env.get("TEST_JOBS")) || 2;

interface Result {
  part: Part;
  failed: boolean;
  passed: number;
  notRun: string[];
}

/** Runs a part to its end; what it prints is kept until then. */
async function run(part: Part): Promise<Result> {
  const started = Date.now();
  const process = new Deno.Command("make", {
    args: ["--no-print-directory", part.target],
    cwd: ROOT,
    env: { NO_COLOR: "1", MAKEFLAGS: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  await Promise.all([read(process.stdout, lines), read(process.stderr, lines)]);
  const { success } = await process.status;
  const secs = Math.round((Date.now() - started) / 1000);
  const { passed, notRun } = countChecks(lines.join("\n"));
  const problem = success ? part.hasChecks && passed === 0 ? "ran no checks" : undefined : "failed";
  if (problem) console.log(`\n${lines.join("\n")}\n`);
  const checks = part.hasChecks ? `, ${passed.toLocaleString("en")} checks` : "";
  console.log(`${problem ? "FAILED" : "passed"}  ${part.target.padEnd(15)} ${problem ?? `in ${secs} s${checks}`}`);
  return { part, failed: problem !== undefined, passed, notRun };
}

async function read(output: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  for await (const line of output.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
    lines.push(line);
  }
}

/** Runs all parts, `jobs` at a time and never two that share something. */
async function runAll(queue: Part[]): Promise<Result[]> {
  const results: Result[] = [];
  const running = new Map<Part, Promise<void>>();
  while (queue.length > 0 || running.size > 0) {
    const shared = [...running.keys()].map(({ shares }) => shares);
    const next = running.size < jobs ? queue.find(({ shares }) => !shares || !shared.includes(shares)) : undefined;
    if (!next) {
      await Promise.race(running.values());
      continue;
    }
    queue = queue.filter((part) => part !== next);
    const ended = run(next).then((result) => {
      results.push(result);
      running.delete(next);
    });
    running.set(next, ended);
  }
  return results;
}

const known = [...first, ...parts];
const unknown = Deno.args.filter((target) => !known.some((part) => part.target === target));
if (unknown.length > 0) {
  console.error(`no part of the tests: ${unknown.join(", ")}`);
  Deno.exit(2);
}
const isWanted = ({ target }: Part) => Deno.args.length === 0 || Deno.args.includes(target);
// Ctrl-C reaches the parts as well, which end what they started; we end after them.
Deno.addSignalListener("SIGINT", () => {});

const started = Date.now();
const results = await runAll(first.filter(isWanted));
if (results.every(({ failed }) => !failed)) results.push(...await runAll(parts.filter(isWanted)));

const failed = results.filter(({ failed }) => failed).map(({ part }) => part.target);
const passed = results.reduce((sum, result) => sum + result.passed, 0);
const secs = Math.round((Date.now() - started) / 1000);
for (const name of results.flatMap(({ notRun }) => notRun)) console.log(`not run: ${name}`);
if (failed.length > 0) console.log(`FAILED after ${secs} s: ${failed.join(", ")}`);
else console.log(`${passed.toLocaleString("en")} checks passed in ${secs} s`);
Deno.exit(failed.length > 0 ? 1 : 0);
