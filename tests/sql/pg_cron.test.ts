/** The real pg_cron, in a version without schedules in seconds. */
import { deepEqual, equal, ok } from "node:assert/strict";
import connect from "postgres";
import { preparePlatform } from "../../local/platform/platform.ts";
import { query } from "../../local/stack/database.ts";
import { SUPERUSER } from "../../local/stack/postgres.ts";
import { MIGRATIONS } from "../../local/tools/paths.ts";
import { debianTest } from "./debian_extensions.ts";

await debianTest("pg_cron 1.4", async (t, postgres) => {
  await preparePlatform(postgres);
  // As Supabase does for the owner of a project.
  const enable = () =>
    query(postgres.url("postgres", SUPERUSER), (sql) =>
      sql.unsafe(`
        create extension pg_cron;
        grant usage on schema cron to postgres;
        grant execute on all functions in schema cron to postgres;
        grant select, delete on cron.job_run_details to postgres`));
  await enable();
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
      equal((await sql`select queues.tick_secs() as secs`)[0]!.secs, 60);
      ok(notices.some((notice) => notice.includes("`dispatch-queues` runs every minute")), notices.join("\n"));
    });

    await t.step("a job that is switched off comes back as the remedy says", async () => {
      await sql`select cron.alter_job(jobid, active => false) from cron.job where jobname = 'dispatch-queues'`;
      const [problem] = await sql`select problem, remedy from queues.job_problem('dispatch-queues')`;
      equal(problem!.problem, "the job `dispatch-queues` is not active");
      await sql.unsafe(problem!.remedy);
      equal((await sql`select problem from queues.job_problem('dispatch-queues')`)[0]!.problem, null);
    });

    await t.step("after the extension was off, the remedy brings both jobs back", async () => {
      const jobs = () => sql`select jobname, schedule, command, active from cron.job order by jobname`;
      const before = [...await jobs()];
      equal(before.length, 2);
      await query(postgres.url("postgres", SUPERUSER), (sql) => sql`drop extension pg_cron`);
      const remedy = () => sql`select remedy from queues.job_problem('dispatch-queues')`.then(([row]) => row!.remedy);
      equal(await remedy(), "create extension pg_cron; select queues.schedule_jobs()");
      await enable();
      await sql.unsafe(await remedy());
      deepEqual([...await jobs()], before);
    });

    await t.step("the job dispatches", async () => {
      await sql`select pgmq.send('analytics', '{"event": "sign_up"}')`;
      const giveUpAt = Date.now() + 900_000;
      while ((await sql`select from queues.dispatches where queue = 'analytics'`).count === 0) {
        // On a busy machine pg_cron gives a session up that does not begin in time, and tries again a minute later.
        const [failed] = await sql`
          select return_message from cron.job_run_details
          where status = 'failed' and return_message not in ('job startup timeout', 'connection failed')`;
        if (failed) throw new Error(failed.return_message);
        if (Date.now() > giveUpAt) throw new Error("pg_cron did not run the job");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    });
  } finally {
    await sql.end();
  }
});
