/** Transactions of the stand-ins on a server that ends their sessions. */
import { deepEqual, rejects } from "node:assert/strict";
import connect from "postgres";
import { transaction } from "../../local/platform/transaction.ts";
import { query } from "../../local/stack/database.ts";
import { startPostgres, SUPERUSER } from "../../local/stack/postgres.ts";

Deno.test("a transaction whose session is ended fails, and the next ones go on", async () => {
  await using server = await startPostgres();
  const url = server.url("postgres", SUPERUSER);
  const sql = connect(url, { max: 2, onnotice: () => {}, fetch_types: false });
  await sql`create table done (what text)`;
  for (let round = 0; round < 3; round++) {
    const sleeps = transaction(sql, async (sql) => {
      await sql`insert into done values ('lost')`;
      await sql`select pg_sleep(600)`;
    });
    await Promise.all([
      rejects(sleeps),
      query(url, async (sql) => {
        while ((await ended(sql)).count === 0);
      }),
    ]);
    // The library gives what the server said last to one more statement.
    const again = () => transaction(sql, (sql) => sql`insert into done values ('after')`);
    await again().catch(again);
  }
  await rejects(
    transaction(sql, async (sql) => {
      await sql`insert into done values ('rolled back')`;
      throw new Error("no");
    }),
    { message: "no" },
  );
  deepEqual((await sql`select what from done`).map(({ what }) => what), ["after", "after", "after"]);
  await sql.end({ timeout: 5 });
});

function ended(sql: connect.Sql) {
  return sql`
    select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'`;
}
