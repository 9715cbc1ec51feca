/** The real PostgREST over schema `public`, as a Supabase project runs it. */
import { postgrest } from "./binaries.ts";
import { Child } from "./child.ts";
import type { Log } from "./log.ts";
import { freePort } from "./ports.ts";

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

/** Returns once PostgREST has read the schema and answers. */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const port = freePort();
  const adminPort = freePort();
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
      PGRST_SERVER_PORT: `${port}`,
      PGRST_ADMIN_SERVER_PORT: `${adminPort}`,
    },
    endSignal: "SIGTERM",
    log: options.log,
  });
  while (!(await ready(adminPort))) {
    if (!child.alive) throw new Error(`PostgREST did not start:\n${child.lastLines}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: () => child.end() };
}

async function ready(adminPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch (error) {
    // Not listening yet.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
