/** Shared by the parts of the benchmark. Each part runs on a stack of its own. */
import connect from "postgres";
import { logToFile } from "../stack/log.ts";
import { type Stack, type StackOptions, startStack } from "../stack/stack.ts";

export const PG_VERSION = 17;

/** The log of the stacks. */
export const logFile = await Deno.makeTempFile({ prefix: "queues-bench-", suffix: ".log" });

/** Runs `work` on a new stack with a session of the superuser, who may vacuum and checkpoint. */
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

/** A positive integer from the environment. */
export function setting(name: string, usual: number): number {
  const value = Number(Deno.env.get(name) || usual);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`error: ${name} must be a positive integer`);
  Deno.exit(1);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
