/** Reads the output of a test file in the Test Anything Protocol: anything but full success is a failure. */

export interface Verdict {
  passed: number;
  /** One line or more each; none is a success. */
  problems: string[];
}

export function evaluate(lines: string[]): Verdict {
  const problems: string[] = [];
  let planned: number | undefined;
  let seen = 0;
  let passed = 0;
  for (const line of lines) {
    const plan = /^1\.\.(\d+)$/.exec(line);
    const result = /^(not )?ok (\d+)\b(.*)$/s.exec(line);
    if (plan) {
      if (planned !== undefined) problems.push("a second plan");
      planned = Number(plan[1]);
    } else if (result) {
      seen++;
      if (Number(result[2]) !== seen) problems.push(`test ${result[2]} came as the ${seen}th`);
      if (result[1] || /# (todo|skip)/i.test(line)) problems.push(line);
      else passed++;
    } else if (line.startsWith("#")) {
      problems.push(line);
    }
    // Other lines are rows of the test's own statements.
  }
  if (planned === undefined) problems.push("no plan");
  else if (planned === 0) problems.push("an empty plan");
  else if (planned !== seen) problems.push(`${planned} tests were planned, ${seen} ran`);
  return { passed, problems };
}
