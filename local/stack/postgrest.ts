/** PostgREST over schema `public`, as a Supabase project runs it. */
import { postgrest } from "../tools/binaries.ts";
import { Child } from "./child.ts";
import type { Log } from "./log.ts";

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

/** Returns once PostgREST has read the schema. It selects its port itself, so that no other process can take it first. */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  let listening: (url: string) => void;
  const listens = new Promise<string>((resolve) => listening = resolve);
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
      PGRST_JWT_SECRET: options.jwtSecret,
      PGRST_LOG_LEVEL: "error",
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: "0",
    },
    endSignal: "SIGTERM",
    log: (line) => {
      const port = /: Listening on port (\d+)$/.exec(line)?.[1];
      if (port) listening(`http://127.0.0.1:${port}`);
      options.log?.(line);
    },
  });
  const fails = child.exited.then(() => {
    throw new Error(`PostgREST did not start:\n${child.lastLines}`);
  });
  // Its end is an error only while we wait for its start.
  fails.catch(() => {});
  const start = async () => {
    const url = await listens;
    while (!(await answers(url))) await new Promise((resolve) => setTimeout(resolve, 20));
    return url;
  };
  const url = await Promise.race([start(), fails]);
  return { url, pid: child.pid, stop: () => child.end() };
}

/** It answers 503 until it has read the schema. */
async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/`, { method: "HEAD" });
  return response.status !== 503;
}
