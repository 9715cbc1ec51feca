/** What a Supabase project has before its first migration: roles, schemas, extensions or what stands in for them. */
import { query } from "../stack/database.ts";
import { type Postgres, SUPERUSER } from "../stack/postgres.ts";
import { pgmqSql } from "./pgmq.ts";

/** Parts of the platform that a server may lack, by the extension they come as, and what stands in for each. */
const STAND_INS = {
  pg_cron: "cron.sql",
  pg_net: "net.sql",
  supabase_vault: "vault.sql",
  realtime: "realtime/realtime.sql",
  storage: "storage/storage.sql",
};

/**
 * Makes database `postgres` of a new server what a new project's is, with pgmq unless the server has the extension. Does
 * nothing the second time.
 */
export async function preparePlatform(server: Postgres): Promise<void> {
  const [prepared] = await query(
    server.url("postgres", SUPERUSER),
    (sql) => sql`select from pg_roles where rolname = 'authenticator'`,
  );
  if (prepared) return;
  await query(server.url("postgres", SUPERUSER), async (sql) => {
    // One transaction, so that a start that fails half-way can be repeated.
    await sql.begin(async (sql) => {
      await sql.unsafe(await sqlFile("roles.sql"));
      await sql.unsafe(await sqlFile("database.sql"));
      await sql.unsafe(await sqlFile("auth.sql"));
      for (const [extension, file] of Object.entries(STAND_INS)) {
        const [real] = await sql`select from pg_available_extensions where name = ${extension}`;
        if (!real) await sql.unsafe(await sqlFile(file));
      }
      const [pgmq] = await sql`select from pg_available_extensions where name = 'pgmq'`;
      if (pgmq) return;
      await sql`set local role postgres`;
      await sql`create schema pgmq`;
      await sql.unsafe(await pgmqSql());
    });
  });
}

function sqlFile(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}
