/** Counts the checks in what a part of the tests printed. */

export interface Count {
  passed: number;
  /** The names of those that could not run on this machine. */
  notRun: string[];
}

/** The summary of each kind of suite, with the numbers of what passed. */
const summaries = [
  // cargo test, wasm-bindgen-test-runner
  /^test result: ok\. (\d+) passed; 0 failed;/,
  // deno test: tests, and the steps in them
  /^ok \| (\d+) passed(?: \((\d+) steps?\))? \| 0 failed/,
  // tests/sql/run.ts
  /^pgTAP: (\d+) passed, 0 failed$/,
];

export function countChecks(output: string): Count {
  // deno-lint-ignore no-control-regex
  const lines = output.replaceAll(/\x1b\[[0-9;]*m/g, "").split("\n");
  const passed = lines.reduce((sum, line) => {
    const found = summaries.map((summary) => summary.exec(line)).find((match) => match !== null);
    return sum + (found?.slice(1).reduce((total, number) => total + Number(number ?? 0), 0) ?? 0);
  }, 0);
  const notRun = lines.map((line) => /^(?:.* => )?(.*\(NOT RUN: .*\)) \.\.\./.exec(line)?.[1]).filter((name) =>
    name !== undefined
  );
  return { passed, notRun };
}
