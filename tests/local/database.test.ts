import assert from "node:assert/strict";
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { startPostgres, SUPERUSER } from "../../local/stack/postgres.ts";

const migrations = `${import.meta.dirname}/fixtures/migrations`;

Deno.test("copies of a migrated database are independent", async () => {
  await using server = await startPostgres();
  await preparePlatform(server);
  const migrated = await createDatabase(server);
  assert.deepEqual(await migrate(migrated.url, migrations), ["20260101000000_notes.sql"]);
  assert.deepEqual(await migrate(migrated.url, migrations), []);

  await using one = await createDatabase(server, migrated.name);
  await using other = await createDatabase(server, migrated.name);
  await query(one.url, (sql) => sql`insert into notes values (1, 'mine')`);
  assert.deepEqual([...await query(other.url, (sql) => sql`select * from notes`)], []);
});

Deno.test("preparing a server twice changes nothing", async () => {
  await using server = await startPostgres();
  await preparePlatform(server);
  await preparePlatform(server);
});

Deno.test("the platform's helpers read the caller's claims", async () => {
  await using server = await startPostgres();
  await preparePlatform(server);
  const sub = crypto.randomUUID();
  const [row] = await query(server.url(), (sql) =>
    sql.begin(async (sql) => {
      const claims = JSON.stringify({ sub, role: "authenticated", email: "a@example.org" });
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      return await sql`select auth.uid() as uid, auth.role() as role, auth.email() as email`;
    }));
  assert.deepEqual(row, { uid: sub, role: "authenticated", email: "a@example.org" });
  const [nobody] = await query(server.url(), (sql) => sql`select auth.uid() as uid, auth.role() as role`);
  assert.deepEqual(nobody, { uid: null, role: null });
});

Deno.test("statements whose server ends come to an end, each time", async () => {
  await using server = await startPostgres();
  const url = server.url("postgres", SUPERUSER);
  let stopped = false;
  const ends = Array(10).fill(0);
  const clients = ends.map(async (_, i) => {
    while (!stopped) {
      await query(url, (sql) => sql`select pg_sleep(${i / 100})`).catch((error) => {
        if (!(error instanceof Error)) throw error;
      });
      ends[i]++;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  for (let n = 0; n < 4; n++) {
    const before = [...ends];
    if (n % 2) await server.kill();
    await server.restart();
    while (ends.some((count, i) => count < before[i] + 2)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  stopped = true;
  await Promise.all(clients);
});
