/** Transactions of the stand-ins on a server that ends their sessions. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import type connect from "postgres";
import { Transactions } from "../../local/platform/transactions.ts";
import { query } from "../../local/stack/database.ts";
import { startPostgres, SUPERUSER } from "../../local/stack/postgres.ts";

Deno.test("transactions", async (t) => {
  await using server = await startPostgres();
  const url = server.url("postgres", SUPERUSER);
  await query(url, (sql) => sql`create table done (what text)`);
  const done = async () =>
    (await query(url, (sql) => sql`select what from done order by what`)).map(({ what }) => what);
  const end = async (sql: connect.Sql) => {
    const [session] = await sql`select pg_backend_pid() as pid`;
    await query(url, (sql) => sql`select pg_terminate_backend(${session!.pid}, 60000)`);
  };

  await t.step("are committed, or rolled back if what they do fails", async () => {
    await using transactions = new Transactions(url, 1);
    equal(await transactions.run(async (sql) => (await sql`insert into done values ('first')`).count), 1);
    await rejects(
      transactions.run(async (sql) => {
        await sql`insert into done values ('second')`;
        throw new Error("no");
      }),
      { message: "no" },
    );
    await rejects(transactions.run((sql) => sql`insert into nowhere values (1)`), { code: "42P01" });
    deepEqual(await done(), ["first"]);
  });

  await t.step("fail if their session is lost, and the next ones have another", async () => {
    await using transactions = new Transactions(url, 1);
    await rejects(transactions.run(async (sql) => {
      await sql`insert into done values ('lost')`;
      await end(sql);
      await sql`insert into done values ('lost as well')`;
    }));
    const sleeps = transactions.run((sql) => sql`select pg_sleep(600)`);
    await Promise.all([
      rejects(sleeps),
      query(url, async (sql) => {
        while ((await ended(sql)).count === 0);
      }),
    ]);
    await transactions.run((sql) => sql`insert into done values ('after')`);
    deepEqual(await done(), ["after", "first"]);
  });

  await t.step("go on after a restart, which ends the sessions that wait", async () => {
    await using transactions = new Transactions(url, 2);
    await Promise.all([1, 2].map(() => transactions.run((sql) => sql`select`)));
    await server.restart();
    // What the server said to a session before may come now.
    for (;;) {
      const count = await transactions.run(async (sql) => (await sql`select from done`).count).catch(() => undefined);
      if (count === undefined) continue;
      equal(count, 2);
      break;
    }
  });

  await t.step("wait for a session if all are in use", async () => {
    await using transactions = new Transactions(url, 2);
    let running = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 9 }, () =>
      transactions.run(async (sql) => {
        most = Math.max(most, ++running);
        await sql`select pg_sleep(0.01)`;
        running--;
      })));
    equal(most, 2);
  });
});

function ended(sql: connect.Sql) {
  return sql`
    select pg_terminate_backend(pid) from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'`;
}
