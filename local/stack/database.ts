/**
 * Databases of a server, and cheap copies for tests.
 *
 *     await using server = await startPostgres();
 *     await preparePlatform(server);                             // roles, and database `postgres`
 *     const migrated = await createDatabase(server);
 *     await migrate(migrated.url);
 *     await using mine = await createDatabase(server, migrated.name); // per test
 */
import connect from "postgres";
import { type Postgres, SUPERUSER } from "./postgres.ts";

export interface Database extends AsyncDisposable {
  readonly name: string;
  /** As role postgres, the project's owner (no superuser). */
  readonly url: string;
  /** As the superuser. */
  readonly adminUrl: string;
  /** Drops the database and ends its sessions. */
  drop(): Promise<void>;
}

/** A copy of database `template`, which must have no sessions. */
export async function createDatabase(server: Pick<Postgres, "url">, template = "postgres"): Promise<Database> {
  const name = `db_${crypto.randomUUID().replaceAll("-", "")}`;
  // Nobody copies template1, so sessions there block no copy.
  const admin = server.url("template1", SUPERUSER);
  // Half the time of the other strategy, which writes the whole copy to the WAL.
  const strategy = "file_copy";
  await onceUnused(
    admin,
    (sql) => sql`create database ${sql(name)} template ${sql(template)} strategy ${sql(strategy)} owner postgres`,
  );
  const drop = () => onceUnused(admin, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  return {
    name,
    url: server.url(name),
    adminUrl: server.url(name, SUPERUSER),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

/** Sessions that have been closed may take long to end on a busy machine; Postgres waits five seconds for them. */
async function onceUnused(url: string, work: (sql: connect.Sql) => Promise<unknown>): Promise<void> {
  const inUse = "55006";
  for (const giveUpAt = Date.now() + 300_000;;) {
    try {
      await query(url, work);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== inUse || Date.now() > giveUpAt) throw error;
    }
  }
}

/** Runs `work` on a new connection. */
export async function query<T>(url: string, work: (sql: connect.Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    return await work(sql);
  } finally {
    // After the loss of a session the library may wait forever for its end.
    await sql.end({ timeout: 1 });
  }
}
