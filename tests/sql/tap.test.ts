/** The reader of test results must report failures. */
import { deepEqual, equal } from "node:assert/strict";
import { evaluate } from "./tap.ts";

Deno.test("a full success has no problems", () => {
  deepEqual(evaluate(["1..2", "ok 1 - a", "some row", "ok 2"]), { passed: 2, problems: [] });
});

const failures: [behaviour: string, lines: string[]][] = [
  ["a failed test", ["1..1", "not ok 1 - a"]],
  ["fewer tests than planned", ["1..2", "ok 1"]],
  ["more tests than planned", ["1..1", "ok 1", "ok 2"]],
  ["no plan", ["ok 1"]],
  ["no output", []],
  ["an empty plan", ["1..0"]],
  ["two plans", ["1..1", "1..1", "ok 1"]],
  ["a test that is out of order", ["1..2", "ok 2", "ok 1"]],
  ["a test that is to do", ["1..1", "ok 1 - a # TODO later"]],
  ["a test that is skipped", ["1..1", "ok 1 # SKIP"]],
  ["what finish() says of a failure", ["1..1", "ok 1", "# Looks like you planned 2 tests but ran 1"]],
];
for (const [behaviour, lines] of failures) {
  Deno.test(`${behaviour} is a problem`, () => equal(evaluate(lines).problems.length > 0, true));
}
