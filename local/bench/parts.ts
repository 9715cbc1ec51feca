/** What the parts of the benchmark share: each runs on a stack of its own, so that none depends on another. */
import connect from "postgres";
import { logToFile } from "../stack/log.ts";
import { type Stack, type StackOptions, startStack } from "../stack/stack.ts";

export const PG_VERSION = 17;

/** The output of the functions, and of all else that the stacks run. */
export const logFile = await Deno.makeTempFile({ prefix: "queues-bench-", suffix: ".log" });

/** Works on a new stack, with a session of its superuser, who may vacuum and checkpoint. */
export async function onStack(
  options: StackOptions,
  work: (stack: Stack, sql: connect.Sql) => Promise<void>,
): Promise<void> {
  await using stack = await startStack({ pgVersion: PG_VERSION, log: logToFile(logFile), ...options });
  const sql = connect(stack.adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    await work(stack, sql);
  } finally {
    await sql.end();
  }
}

/** A whole number above zero from the environment. */
export function setting(name: string, usual: number): number {
  const value = Number(Deno.env.get(name) || usual);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`error: ${name} must be a whole number above zero`);
  Deno.exit(1);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
