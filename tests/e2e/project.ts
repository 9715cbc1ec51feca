/**
 * A project for one test file: the local stack with its functions, a session in its database, and the output of its
 * programs.
 */
import connect from "postgres";
import type { PostgresVersion } from "../../local/tools/binaries.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack/stack.ts";

/**
 * The versions that Supabase runs, for what depends on the version here: the whole path of a like, errors as PostgREST
 * passes them on, and recovery from a crash. All else runs on the last; SQL is tested on each by tests/sql.
 * `PG_VERSIONS=15` runs everything on that one.
 */
export const versions = (Deno.env.get("PG_VERSIONS") ?? "15,17").split(",").map(Number) as PostgresVersion[];
const pgVersion = versions.at(-1);

/**
 * The limits of the platform are of the platform. A busy machine may take longer for a statement, and counts as time of
 * the CPU what it gave to others; only tests of a limit set it.
 */
export const patience = {
  statementTimeout: "10min",
  functionEnv: { QUEUES_CPU_MS: "600000", QUEUES_WALL_MS: "600000" },
};

/** Waits for locks that a tick or a test holds, where the platform would answer that they are taken. */
export async function waitLonger(sql: connect.Sql): Promise<void> {
  // As long as a settlement does.
  await sql`alter function queues.claim_messages(text, integer, uuid, boolean, boolean) set lock_timeout = '8s'`;
  await sql`alter function queues.operate(text, jsonb, boolean) set lock_timeout = '10min'`;
}

export interface Answer {
  status: number;
  // deno-lint-ignore no-explicit-any
  body: any;
}

export class Project implements AsyncDisposable {
  private constructor(readonly stack: Stack, public sql: connect.Sql, readonly said: string[]) {}

  static async start(options: StackOptions = {}): Promise<Project> {
    const said: string[] = [];
    // The default of ten seconds would only make the tests wait.
    const stack = await startStack({
      log: (line) => said.push(line),
      dispatchSecs: 1,
      pgVersion,
      ...patience,
      ...options,
      functionEnv: { ...patience.functionEnv, ...options.functionEnv },
    });
    const project = new Project(stack, session(stack), said);
    // A test acts for many people, at once.
    await project.sql`update queues.rate_limits set enabled = false`;
    await waitLonger(project.sql);
    return project;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sql.end({ timeout: 5 });
    await this.stack.stop();
  }

  /** A session of the superuser. */
  admin(): Promise<{ sql: connect.Sql } & AsyncDisposable> {
    const sql = connect(this.stack.adminDatabaseUrl, { max: 1, onnotice: () => {} });
    return Promise.resolve({ sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }) });
  }

  /** Takes locks in a session of its own until it is released. */
  async lock(statement: string): Promise<Lock> {
    const sql = session(this.stack);
    await sql`begin`;
    await sql.unsafe(statement);
    const pid = await backend(sql);
    const release = () => sql.end({ timeout: 0 });
    return { pid, release, [Symbol.asyncDispose]: release };
  }

  /** Replaces a session that the server has ended. */
  async reconnect(): Promise<void> {
    await this.sql.end({ timeout: 0 });
    this.sql = session(this.stack);
  }

  /** Empties every queue, archive and table, but for settings and what features register. */
  async reset(): Promise<void> {
    // A worker called with respond-async stays for a moment, and would claim the next test's messages.
    const queues = (await this.sql`select queue from queues.settings`).map(({ queue }) => workerOf(queue));
    await until(
      () => queues.every((worker) => this.stack.functions.busy(worker) === 0),
      () => `the workers of the test before; the programs said last:\n${this.said.slice(-30).join("\n")}`,
    );
    const tables = await this.sql`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'pgmq' and tablename ~ '^[qa]_' or schemaname = 'public' or (schemaname, tablename) = ('storage', 'objects')
        or schemaname = 'queues' and tablename !~ 'settings$|^(circuit_breakers|console|effects|gauges|housekeeping|rate_limits|tracked_events)$'`;
    const truncate = `truncate ${tables.map((table) => table.name).join(", ")} restart identity cascade`;
    for (;;) {
      try {
        await this.sql.unsafe(truncate);
        await this
          .sql`update queues.circuit_breakers set failures = 0, trips = 0, open_until = null, probe_until = null`;
        return;
      } catch (error) {
        // A tick and a truncation lock the same tables in different orders: on a deadlock, repeat.
        if (!(error instanceof connect.PostgresError && error.code === "40P01")) throw error;
      }
    }
  }

  async set(queue: string, settings: Record<string, number | boolean>): Promise<void> {
    await this.sql`update queues.settings set ${this.sql(settings)} where queue = ${queue}`;
  }

  /** Posts without a caption, all owned by one person. */
  async posts(count: number): Promise<{ owner: string; ids: string[] }> {
    const [profile] = await this.sql`insert into profiles default values returning id`;
    const rows = await this.sql`
      insert into posts_new (profile_id) select ${profile!.id} from generate_series(1, ${count}) returning id`;
    return { owner: profile!.id, ids: rows.map((row) => row.id) };
  }

  /** Messages are JSON text, so that anything the database accepts can be sent. */
  async send(queue: string, messages: string[]): Promise<number[]> {
    const rows = await this.sql`
      select pgmq.send(${queue}, message::jsonb) as id from unnest(${messages}::text[]) message`;
    return rows.map((row) => Number(row.id));
  }

  /** Calls the function of a queue, by default with the secret key. */
  async call(queue: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.stack.url}/functions/v1/${workerOf(queue)}`, {
      method: "POST",
      headers: { apikey: this.stack.secretKey },
      ...init,
    });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  pid(queue: string): Promise<number[]> {
    return this.stack.functions.pids(workerOf(queue));
  }

  kill(queue: string, signal: Deno.Signal = "SIGKILL"): Promise<void> {
    return this.stack.functions.kill(workerOf(queue), signal);
  }

  /** Ends the leases of killed workers and, for the dispatcher, their runs, as if time had passed. */
  async expire(...queues: string[]): Promise<void> {
    for (const queue of queues) {
      await this.sql`update ${this.sql(`pgmq.q_${queue}`)} set vt = clock_timestamp() where vt > clock_timestamp()`;
      await this.sql`
        update queues.runs set last_seen_at = last_seen_at - interval '1 hour'
        where queue = ${queue} and finished_at is null`;
    }
  }

  async count(from: string): Promise<number> {
    const [row] = await this.sql.unsafe(`select count(*)::int as count from ${from}`);
    return row!.count;
  }

  /** The dead letters of a queue, oldest first. */
  async deadLetters(queue: string): Promise<DeadLetter[]> {
    const rows = await this.sql.unsafe(
      `select message from pgmq.q_${queue}_dlq order by (message ->> 'msg_id')::bigint`,
    );
    return rows.map((row) => row.message);
  }

  /** Waits until the queues have no messages, leased or visible. */
  drained(...queues: string[]): Promise<void> {
    return until(
      async () => {
        for (const queue of queues) if (await this.count(`pgmq.q_${queue}`) > 0) return false;
        return true;
      },
      () => `${queues} drained; the programs said last:\n${this.said.slice(-30).join("\n")}`,
    );
  }

  /** The backends of PostgREST that wait for what this backend has locked, and for nothing else. */
  async locked(by: number): Promise<number[]> {
    const rows = await this.sql`
      select pid from pg_stat_activity
      where usename = 'authenticator' and wait_event_type = 'Lock' and ${by} = any(pg_blocking_pids(pid))`;
    return rows.map((row) => row.pid);
  }

  /** Waits until a worker's statement waits for a lock of this backend, and returns its own. */
  async waiting(by: number): Promise<number> {
    let pids: number[] = [];
    await until(async () => (pids = await this.locked(by)).length > 0, "a worker waiting for the lock");
    return pids[0]!;
  }

  /** Starts processes of a worker, so that no later call of it waits for that. The queue must be empty. */
  async warm(queue: string, processes = 1): Promise<void> {
    await Promise.all(Array.from({ length: processes }, () => this.call(queue)));
  }
}

export interface Lock extends AsyncDisposable {
  /** The backend that has it. */
  readonly pid: number;
  release(): Promise<void>;
}

export interface DeadLetter {
  queue: string;
  msg_id: number;
  message: unknown;
  reason: string;
  error: string;
  attempts: number;
  crashes: number;
  history: { at: string; code: string; error: string }[];
}

/** The function that drains a queue. */
function workerOf(queue: string): string {
  const others: Record<string, string> = { comment_moderation: "process-comments", image_processing: "process-images" };
  return others[queue] ?? `process-${queue.replaceAll("_", "-")}`;
}

/** Polls a condition. The limit only keeps a failing test from running forever. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  const giveUp = Date.now() + 900_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`gave up waiting for: ${typeof what === "string" ? what : what()}`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The backend of a session. */
export async function backend(sql: connect.Sql | connect.TransactionSql): Promise<number> {
  const [row] = await sql`select pg_backend_pid() as pid`;
  return row!.pid;
}

function session(stack: Stack): connect.Sql {
  return connect(stack.databaseUrl, { max: 1, onnotice: () => {} });
}
