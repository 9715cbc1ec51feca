/**
 * A Postgres server on 127.0.0.1, in a temporary folder (removed on stop) or a given one (kept). fsync stays on: commits
 * are as durable, and cost as much, as elsewhere.
 *
 * Logins need no password; URLs carry the usual `postgres`, for clients that insist on one.
 */
import { initdb, postgres, type PostgresVersion } from "../tools/binaries.ts";
import { Child } from "./child.ts";
import type { Log } from "./log.ts";
import { claimPort, freePort } from "./ports.ts";
import { unprivileged } from "./unprivileged.ts";
import { forget, watchFolder } from "./watchdog.ts";

export interface PostgresOptions {
  version?: PostgresVersion;
  /** The folder of other programs of that version than the installed ones. */
  programs?: string;
  /** 0, the default, selects a free one. */
  port?: number;
  /** Kept on stop and used again by the next start. By default a temporary folder. */
  dataDir?: string;
  /** Server settings, as in postgresql.conf. */
  settings?: Record<string, string>;
  /** How a new data folder compares and converts text, as in `tr-TR`; by default as in C.UTF-8. */
  icuLocale?: string;
  log?: Log;
}

export interface Postgres extends AsyncDisposable {
  readonly version: PostgresVersion;
  readonly port: number;
  readonly dataDir: string;
  /** This start created the data folder. */
  readonly isNew: boolean;
  /** The server process; undefined while it is down. */
  readonly pid: number | undefined;
  url(database?: string, role?: string): string;
  /** Stops the server, keeping its data, and starts it again on the same port. Also after `kill`. */
  restart(): Promise<void>;
  /** SIGKILL: the data is left as a crash leaves it. */
  kill(): Promise<void>;
  /** Ends the server and removes a temporary folder. */
  stop(): Promise<void>;
}

/** How long a start may take; it takes about a second, and longer to recover much data after a crash. */
const START_SECS = 300;

/** With pauses of a tenth of a second: who has the port may keep it for a while. */
const TRIES = 600;

/** The superuser. The project's owner is the role `postgres`. */
export const SUPERUSER = "supabase_admin";

export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const version = options.version ?? 17;
  const user = await unprivileged();
  const temporary = options.dataDir === undefined;
  const folder = temporary ? await Deno.makeTempDir({ prefix: "queues-postgres-" }) : await named(options.dataDir!);
  if (temporary) await watchFolder(folder);
  const dataDir = `${folder}/pg${version}`;
  const program = (name: "initdb" | "postgres") =>
    options.programs ? `${options.programs}/${name}` : { initdb, postgres }[name](version);
  let port = claimPort(options.port ?? 0, "DB_PORT");
  let server: Child | undefined;

  const run = (program: string, args: string[], log?: Log) =>
    Child.start({
      name: `postgres-${version}`,
      ...user.wrap(program, args),
      ownEnv: true,
      // Postgres's fast shutdown: it ends sessions and leaves the data clean.
      endSignal: "SIGINT",
      log,
    });

  const create = async () => {
    await user.own(folder);
    const locale = Deno.build.os === "linux" ? "C.UTF-8" : "en_US.UTF-8";
    const args = [`--pgdata=${dataDir}`, `--username=${SUPERUSER}`, "--auth=trust", "--encoding=UTF8"];
    args.push(`--locale=${locale}`, "--no-instructions");
    if (options.icuLocale) args.push("--locale-provider=icu", `--icu-locale=${options.icuLocale}`);
    if (temporary) args.push("--no-sync");
    const setup = await run(program("initdb"), args);
    if (!(await setup.exited).success) throw new Error(`initdb failed:\n${setup.lastLines}`);
  };

  let started = false;
  const start = async () => {
    const settings = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: "200",
      timezone: "UTC",
      log_checkpoints: "off",
      // The client gets an error's detail; the log gets one line.
      log_error_verbosity: "terse",
      log_min_error_statement: "fatal",
      ...options.settings,
    };
    for (let tries = 1;; tries++) {
      const args = ["-D", dataDir, "-p", `${port}`];
      for (const [name, value] of Object.entries(settings)) args.push("-c", `${name}=${value}`);
      server = await run(program("postgres"), args, options.log);
      if (await ready(server, dataDir)) {
        started = true;
        return;
      }
      await server.exited;
      const problem = server.lastLines;
      // Another process took the port first, or sessions of a killed server have not ended yet.
      const taken = /Address already in use/.test(problem);
      const passing = taken && !options.port || /shared memory block/.test(problem);
      if (!passing || tries === TRIES) throw new Error(`Postgres ${version} did not start:\n${problem}`);
      // Once it has run, its clients know the port.
      if (taken && !options.port && !started) port = freePort();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  const stop = async () => {
    // Data that will be removed needs no clean shutdown.
    await server?.end(temporary ? "SIGQUIT" : undefined);
    if (!temporary) return;
    await Deno.remove(folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    await forget(folder);
  };

  const isNew = !(await exists(`${dataDir}/PG_VERSION`));
  try {
    if (isNew) await create();
    await start();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    version,
    dataDir,
    isNew,
    get port() {
      return port;
    },
    get pid() {
      return server?.alive ? server.pid : undefined;
    },
    url: (database, role) => postgresUrl(port, database, role),
    async restart() {
      await server?.end();
      await start();
    },
    async kill() {
      server?.signal("SIGKILL");
      await server?.exited;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export function postgresUrl(port: number, database = "postgres", role = "postgres"): string {
  return `postgresql://${role}:postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

/** Waits until postmaster.pid says that the server accepts connections; false if the server ends first. */
async function ready(server: Child, dataDir: string): Promise<boolean> {
  const giveUp = Date.now() + START_SECS * 1000;
  while (server.alive) {
    if (Date.now() > giveUp) throw new Error(`Postgres did not start within ${START_SECS} s:\n${server.lastLines}`);
    const lines = (await Deno.readTextFile(`${dataDir}/postmaster.pid`).catch(() => "")).split("\n");
    if (lines[0]?.trim() === `${server.pid}` && lines[7]?.trim() === "ready") return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function named(path: string): Promise<string> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  return await Deno.realPath(path);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}
