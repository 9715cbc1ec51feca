/** The real pg_cron, in a version without schedules in seconds. */
import { equal, ok } from "node:assert/strict";
import connect from "postgres";
import { preparePlatform } from "../../local/platform/platform.ts";
import { query } from "../../local/stack/database.ts";
import { SUPERUSER } from "../../local/stack/postgres.ts";
import { MIGRATIONS } from "../../local/tools/paths.ts";
import { debianTest } from "./debian_extensions.ts";

await debianTest("pg_cron 1.4", async (t, postgres) => {
  await preparePlatform(postgres);
  // As Supabase does for the owner of a project.
  await query(postgres.url("postgres", SUPERUSER), (sql) =>
    sql.unsafe(`
      create extension pg_cron;
      grant usage on schema cron to postgres;
      grant select, delete on cron.job_run_details to postgres`));
  const notices: string[] = [];
  const onnotice = ({ message }: connect.Notice) => notices.push(message ?? "");
  const sql = connect(postgres.url(), { max: 1, onnotice, fetch_types: false });
  try {
    await t.step("the migrations schedule the job every minute, and say so", async () => {
      for (const file of [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort()) {
        await sql.unsafe(await Deno.readTextFile(`${MIGRATIONS}/${file}`));
      }
      const [job] = await sql`select schedule, command, active from cron.job where jobname = 'dispatch-queues'`;
      equal(`${job!.schedule} | ${job!.command} | ${job!.active}`, "* * * * * | select queues.dispatch() | true");
      ok(notices.some((notice) => notice.includes("dispatched every minute")), notices.join("\n"));
    });

    await t.step("the job dispatches", async () => {
      await sql`select pgmq.send('analytics', '{"event": "sign_up"}')`;
      const giveUpAt = Date.now() + 150_000;
      while ((await sql`select from queues.dispatches where queue = 'analytics'`).count === 0) {
        const [failed] = await sql`select return_message from cron.job_run_details where status = 'failed'`;
        if (failed) throw new Error(failed.return_message);
        if (Date.now() > giveUpAt) throw new Error("pg_cron did not run the job");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    });
  } finally {
    await sql.end();
  }
});
