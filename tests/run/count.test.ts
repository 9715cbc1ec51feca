/** A count must itself be known to notice what did not run. */
import { deepEqual } from "node:assert/strict";
import { countChecks } from "./count.ts";

const counted: [what: string, output: string, passed: number][] = [
  ["cargo", "test result: ok. 58 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.03s", 58],
  [
    "two of cargo",
    "test result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: ok. 3 passed; 0 failed; 1 ignored",
    5,
  ],
  ["deno", "\nok | 30 passed (110 steps) | 0 failed (7m19s)\n", 140],
  ["deno without steps", "ok | 12 passed | 0 failed (10ms)", 12],
  ["deno with one step", "ok | 1 passed (1 step) | 0 failed | 2 ignored (1s)", 2],
  ["deno in colors", "\x1b[0m\x1b[32mok\x1b[0m | 3 passed | 0 failed \x1b[38;5;245m(1s)\x1b[0m", 3],
  ["pgTAP", "postgres 17: 2 files, 9 tests passed, 0 files failed\npgTAP: 9 passed, 0 failed", 9],
  ["a failure", "FAILED | 3 passed | 1 failed (1s)\ntest result: FAILED. 3 passed; 1 failed; 0 ignored", 0],
  ["nothing", "", 0],
];
for (const [what, output, passed] of counted) {
  Deno.test(`counts ${what}`, () => deepEqual(countChecks(output), { passed, notRun: [] }));
}

Deno.test("names what could not run", () => {
  const output = "pg_cron (NOT RUN: it needs Debian's packages) ... ignored (0ms)\n" +
    "./tests/a.test.ts => emails (NOT RUN: it needs Chromium) ... ignored (0ms)\nok | 0 passed | 0 failed | 2 ignored (3ms)";
  const notRun = ["pg_cron (NOT RUN: it needs Debian's packages)", "emails (NOT RUN: it needs Chromium)"];
  deepEqual(countChecks(output), { passed: 0, notRun });
});
