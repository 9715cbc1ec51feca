/** PostgREST over schema `public`, as a Supabase project runs it. */
import { postgrest } from "../tools/binaries.ts";
import { Child } from "./child.ts";
import type { Log } from "./log.ts";
import { settles } from "./wait.ts";

export interface PostgrestOptions {
  /** As role authenticator. */
  databaseUrl: string;
  jwtSecret: string;
  /** Connections to the database. */
  poolSize?: number;
  log?: Log;
}

export interface Postgrest {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How long a start may take; it takes about a second, and longer when the machine is busy. */
const START_SECS = 120;
const TRIES = 3;

/**
 * Returns once PostgREST has read the schema. It selects its port itself, so that no other process can take it first. A
 * start whose port or answer does not arrive in time is tried again.
 */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  for (let tries = 1;; tries++) {
    const started = await start(options);
    if (started instanceof Child) {
      await started.end();
      const problem = `PostgREST did not start within ${START_SECS} s:\n${started.lastLines}`;
      if (tries === TRIES) throw new Error(problem);
      options.log?.(problem);
    } else {
      return started;
    }
  }
}

/** Returns the process alone if it takes too long. */
async function start(options: PostgrestOptions): Promise<Postgrest | Child> {
  const listens = Promise.withResolvers<string>();
  const child = await Child.start({
    name: "postgrest",
    program: postgrest(),
    ownEnv: true,
    env: {
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_EXTRA_SEARCH_PATH: "public, extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_POOL: `${options.poolSize ?? 20}`,
      // On a busy machine a connection is soon free, but not within the usual ten seconds.
      PGRST_DB_POOL_ACQUISITION_TIMEOUT: "60",
      PGRST_JWT_SECRET: options.jwtSecret,
      PGRST_LOG_LEVEL: "error",
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: "0",
    },
    endSignal: "SIGTERM",
    log: (line) => {
      const port = listeningPort(line);
      if (port) listens.resolve(`http://127.0.0.1:${port}`);
      options.log?.(line);
    },
  });
  const ready = async () => {
    const url = await listens.promise;
    while (child.alive && !(await answers(url))) await new Promise((resolve) => setTimeout(resolve, 20));
    return { url, pid: child.pid, stop: () => child.end() };
  };
  const fails = child.exited.then(() => {
    throw new Error(`PostgREST did not start:\n${child.lastLines}`);
  });
  // Its end is an error only while we wait for its start.
  fails.catch(() => {});
  const started = Promise.race([ready(), fails]);
  return await settles(started, START_SECS) ? await started : child;
}

/** Reads the port from a line of the log, which another thread's line may follow without a line break. */
export function listeningPort(line: string): number | undefined {
  const port = /Listening on port (\d{1,5}?)(?=$|\s|\d\d\/\w{3}\/\d{4}:)/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** It answers 503 until it has read the schema. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/`, { method: "HEAD", signal: AbortSignal.timeout(10_000) });
    return response.status !== 503;
  } catch {
    // It is still starting, or has ended, which its exit tells.
    return false;
  }
}
