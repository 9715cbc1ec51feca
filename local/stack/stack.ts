/**
 * The local stack: a Supabase project without Docker. Postgres, PostgREST and Deno processes behind a small gateway, all
 * on 127.0.0.1. `stop()` ends them, or the watchdog if we die first.
 *
 *     await using stack = await startStack();
 *     const supabase = createClient(stack.url, stack.publishableKey);
 */
import type connect from "postgres";
import type { DenoVersion, PostgresVersion } from "../tools/binaries.ts";
import { preparePlatform } from "../platform/platform.ts";
import { query } from "./database.ts";
import { FunctionPool } from "./functions.ts";
import { startGateway } from "./gateway.ts";
import { type Keys, newKeys } from "./keys.ts";
import { type Log, logToStderr } from "./log.ts";
import { FUNCTIONS, MIGRATIONS } from "../tools/paths.ts";
import { editedMigrations, migrate } from "./migrate.ts";
import { type Postgres, startPostgres, SUPERUSER } from "./postgres.ts";
import { startPostgrest } from "./postgrest.ts";
import { Auth } from "../platform/auth.ts";
import { CronWorker } from "../platform/cron.ts";
import { NetWorker } from "../platform/net.ts";
import { Realtime } from "../platform/realtime/realtime.ts";
import { Storage } from "../platform/storage/storage.ts";
import { forget, watchFolder } from "./watchdog.ts";

export interface StackOptions {
  pgVersion?: PostgresVersion;
  /** Of the gateway; 0, the default, selects a free one. */
  port?: number;
  /** Of Postgres; 0, the default, selects a free one. */
  dbPort?: number;
  /** Keeps the data between runs. By default it is removed on stop. */
  dataDir?: string;
  /** Settings of Postgres, as in postgresql.conf. */
  pgSettings?: Record<string, string>;
  /** PostgREST's connections to the database. */
  poolSize?: number;
  /** Processes per function. */
  workersPerFunction?: number;
  /** Serves the functions; by default 2.1.4, as hosted. */
  denoVersion?: DenoVersion;
  /** Environment of the functions besides what every project sets. */
  functionEnv?: Record<string, string>;
  /** Run the jobs of pg_cron and send the requests of pg_net. */
  scheduler?: boolean;
  /** Serve Realtime, for which Postgres logs more (`wal_level` logical). */
  realtime?: boolean;
  /** How long tokens of signed-in people are valid; by default an hour. */
  tokenSecs?: number;
  /** Dispatches every queue at this interval instead of the scheduled one. */
  dispatchSecs?: number;
  /** How long a statement of the API may take, as in postgresql.conf; by default as on the platform. */
  statementTimeout?: string;
  /** New ones by default. */
  keys?: Keys;
  migrationsDir?: string;
  functionsDir?: string;
  /** Output of the programs; by default standard error. */
  log?: Log;
}

export interface Stack extends AsyncDisposable {
  readonly url: string;
  /** As role postgres: the project's owner, no superuser. */
  readonly databaseUrl: string;
  /** As the superuser. */
  readonly adminDatabaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly jwtSecret: string;
  /** The migrations that this start applied. */
  readonly migrations: string[];
  /** Those that were applied before and edited since. */
  readonly editedMigrations: string[];
  readonly functions: Pick<FunctionPool, "pids" | "busy" | "kill">;
  readonly postgres: Pick<Postgres, "restart" | "kill" | "pid" | "version">;
  readonly storage: Pick<Storage, "onRequest" | "lose">;
  /** The background workers of pg_cron and pg_net. */
  readonly scheduler: { start(): void; stop(): Promise<void> };
  /** Undefined unless it was asked for. */
  readonly realtime: Pick<Realtime, "channels" | "disconnect" | "expire"> | undefined;
  stop(): Promise<void>;
}

/** Starts everything and applies the migrations. Writes only to temporary folders and `dataDir`. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const log = options.log ?? logToStderr;
  const keys = options.keys ?? newKeys();

  // Stopped in the reverse order of their start.
  const cleanup = new AsyncDisposableStack();
  try {
    const gateway = await startGateway(options.port ?? 0, keys);
    cleanup.defer(() => gateway.stop());
    const { url } = gateway;

    const entryFolder = await Deno.makeTempDir({ prefix: "queues-functions-" });
    await watchFolder(entryFolder);
    cleanup.defer(async () => {
      await Deno.remove(entryFolder, { recursive: true });
      await forget(entryFolder);
    });

    const postgres = cleanup.use(
      await startPostgres({
        version: options.pgVersion,
        port: options.dbPort,
        dataDir: options.dataDir,
        settings: { ...(options.realtime ? { wal_level: "logical" } : {}), ...options.pgSettings },
        log,
      }),
    );
    await preparePlatform(postgres);
    const { statementTimeout } = options;
    // Before PostgREST starts, which reads it.
    if (statementTimeout) {
      await query(postgres.url("postgres", SUPERUSER), (sql) => limitStatements(sql, statementTimeout));
    }
    const migrationsDir = options.migrationsDir ?? MIGRATIONS;
    const migrations = await migrate(postgres.url(), migrationsDir);
    const edited = await query(postgres.url(), (sql) => editedMigrations(sql, migrationsDir));

    const postgrest = await startPostgrest({
      databaseUrl: postgres.url("postgres", "authenticator"),
      jwtSecret: keys.jwtSecret,
      poolSize: options.poolSize,
      log,
    });
    cleanup.defer(() => postgrest.stop());

    const functions = new FunctionPool({
      folder: options.functionsDir ?? FUNCTIONS,
      entryFolder,
      denoVersion: options.denoVersion ?? "2.1.4",
      limit: options.workersPerFunction ?? 2,
      env: {
        SUPABASE_URL: url,
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
        SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
        ...options.functionEnv,
      },
      log,
    });
    cleanup.defer(() => functions.stop());
    const admin = postgres.url("postgres", SUPERUSER);
    const auth = new Auth({
      databaseUrl: admin,
      url: `${url}/auth/v1`,
      jwtSecret: keys.jwtSecret,
      expirySecs: options.tokenSecs ?? 3600,
    });
    cleanup.defer(() => auth.stop());
    const storage = cleanup.use(new Storage(admin, keys.jwtSecret, await storageFolder(options, cleanup)));
    const realtime = options.realtime ? new Realtime(admin, keys.jwtSecret, log) : undefined;
    cleanup.defer(async () => await realtime?.stop());
    await realtime?.ready;
    gateway.open({
      postgrestUrl: postgrest.url,
      callFunction: (name, request) => functions.call(name, request),
      storage: (request, path) => storage.handle(request, path),
      auth: (request, path) => auth.answer(request, path),
      realtime: realtime && ((request, role) => realtime.connect(request, role)),
    });

    await query(
      postgres.url(),
      (sql) => storeSecrets(sql, { queues_project_url: url, queues_secret_key: keys.secretKey }),
    );
    if (options.dispatchSecs) await query(postgres.url(), (sql) => dispatchEvery(sql, options.dispatchSecs!));
    const cron = new CronWorker(
      (database, user) => postgres.url(database, user),
      admin,
      log,
    );
    const net = new NetWorker(admin, log);
    const scheduler = {
      start: () => [net, cron].forEach((worker) => worker.start()),
      stop: async () => {
        await cron.stop();
        await net.stop();
      },
    };
    cleanup.defer(() => scheduler.stop());
    if (options.scheduler) scheduler.start();

    const parts = cleanup.move();
    const stop = once(() => parts.disposeAsync());
    return {
      url,
      databaseUrl: postgres.url(),
      adminDatabaseUrl: admin,
      ...keys,
      migrations,
      editedMigrations: edited,
      functions,
      postgres,
      storage,
      scheduler,
      realtime,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

/** Where Storage keeps its bytes: beside the data of Postgres, or for as long as the stack runs. */
async function storageFolder({ dataDir }: StackOptions, cleanup: AsyncDisposableStack): Promise<string> {
  if (dataDir) return `${dataDir}.storage`;
  const folder = await Deno.makeTempDir({ prefix: "queues-storage-" });
  await watchFolder(folder);
  cleanup.defer(async () => {
    await Deno.remove(folder, { recursive: true });
    await forget(folder);
  });
  return folder;
}

/** Stores in Vault what the dispatcher needs, as a hosted project does. */
async function storeSecrets(sql: connect.Sql, secrets: Record<string, string>): Promise<void> {
  for (const [name, secret] of Object.entries(secrets)) {
    const [known] = await sql`select id from vault.secrets where name = ${name}`;
    if (known) await sql`select vault.update_secret(${known.id}, ${secret})`;
    else await sql`select vault.create_secret(${secret}, ${name})`;
  }
}

async function limitStatements(sql: connect.Sql, timeout: string): Promise<void> {
  for (const role of ["anon", "authenticated", "authenticator"]) {
    await sql.unsafe(`alter role ${role} set statement_timeout = '${timeout}'`);
  }
}

async function dispatchEvery(sql: connect.Sql, secs: number): Promise<void> {
  await sql`update queues.settings set schedule_secs = ${secs}`;
  await sql`select cron.schedule('dispatch-queues', ${`${secs} seconds`}, 'select queues.dispatch()')`;
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => done ??= work();
}
