/**
 * Databases: what a Supabase project has before our migrations, and cheap copies for tests.
 *
 *     await using server = await startPostgres();
 *     await preparePlatform(server);                             // roles, and database `postgres`
 *     const migrated = await createDatabase(server);
 *     await migrate(migrated.url);
 *     await using mine = await createDatabase(server, migrated.name); // per test
 */
import connect from "postgres";
import { pgmqSql } from "./pgmq.ts";
import { type Postgres, SUPERUSER } from "./postgres.ts";

/** Parts of the platform that this server may lack, by the extensions they come as, and what stands in for them. */
const STAND_INS = { pg_cron: "cron", pg_net: "net", supabase_vault: "vault", realtime: "realtime" };

export interface Database extends AsyncDisposable {
  readonly name: string;
  /** As role postgres, the project's owner (no superuser). */
  readonly url: string;
  /** As the superuser. */
  readonly adminUrl: string;
  /** Drops the database and ends its sessions. */
  drop(): Promise<void>;
}

/** Makes database `postgres` of a new server what a new Supabase project is, with pgmq. Harmless when done before. */
export async function preparePlatform(server: Postgres): Promise<void> {
  const pgmq = pgmqSql();
  const [prepared] = await query(
    server.url("postgres", SUPERUSER),
    (sql) => sql`select from pg_roles where rolname = 'authenticator'`,
  );
  if (prepared) return;
  await query(server.url("postgres", SUPERUSER), async (sql) => {
    // One transaction, so that a start that dies half-way can be repeated.
    await sql.begin(async (sql) => {
      await sql.unsafe(await sqlFile("platform-roles.sql"));
      await sql.unsafe(await sqlFile("platform-database.sql"));
      for (const [extension, file] of Object.entries(STAND_INS)) {
        const [real] = await sql`select from pg_available_extensions where name = ${extension}`;
        if (!real) await sql.unsafe(await sqlFile(`stand-ins/${file}.sql`));
      }
      await sql`set local role postgres`;
      await sql`create schema pgmq`;
      await sql.unsafe(await pgmq);
    });
  });
}

/** A copy of database `template`, which nothing may be connected to meanwhile. Takes some 50 ms. */
export async function createDatabase(server: Postgres, template = "postgres"): Promise<Database> {
  const name = `db_${crypto.randomUUID().slice(0, 8)}`;
  // template1: sessions there block no copy, as it is never copied.
  const admin = server.url("template1", SUPERUSER);
  await query(admin, (sql) => sql`create database ${sql(name)} template ${sql(template)} owner postgres`);
  const drop = async () => {
    await query(admin, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
  };
  return {
    name,
    url: server.url(name),
    adminUrl: server.url(name, SUPERUSER),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

/** Runs `work` on a connection of its own. */
export async function query<T>(url: string, work: (sql: connect.Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

function sqlFile(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}
