import { query } from "../../local/stack/database.ts";
import { startPostgres, SUPERUSER } from "../../local/stack/postgres.ts";
import { Loop } from "../../local/platform/loop.ts";

Deno.test("background workers go on after each loss of their sessions, and stop", async () => {
  await using server = await startPostgres();
  const url = server.url("postgres", SUPERUSER);
  const rounds = Array(8).fill(0);
  const loops = rounds.map((_, i) =>
    new Loop(`worker ${i}`, 5, url, () => {}, async (sql) => {
      await Promise.all([0, 1, 2].map((ms) => sql`select pg_sleep(${ms / 1000})`));
      rounds[i]++;
    })
  );
  for (const loop of loops) loop.start();
  await query(url, async (sql) => {
    for (let n = 0; n < 50; n++) {
      const before = [...rounds];
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend'`;
      while (rounds.some((count, i) => count === before[i])) {
        await new Promise((resolve) => setTimeout(resolve, n % 20));
      }
    }
  });
  await Promise.all(loops.map((loop) => loop.stop()));
});
