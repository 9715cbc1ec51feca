import type connect from "postgres";
import { files } from "./migrations.ts";
import { type Problem, Refused } from "./problem.ts";

/** Checks the jobs that the migrations schedule; without pg_cron they schedule none. */
export async function checkJobs(sql: connect.Sql, folder: string): Promise<string> {
  const jobs = await sql<{ jobname: string; schedule: string; active: boolean }[]>`
    select jobname, schedule, active from cron.job where database = current_database()`;
  const problems: Problem[] = [];
  const found: string[] = [];
  for (const file of files(folder)) {
    const text = await Deno.readTextFile(`${folder}/supabase/migrations/${file}`);
    for (const name of new Set([...text.matchAll(/cron\.schedule\('([\w-]+)'/g)].map((match) => match[1]!))) {
      const job = jobs.find(({ jobname }) => jobname === name);
      if (!job) {
        problems.push({
          what: `pg_cron has no job ${name}`,
          remedy: `run supabase/migrations/${file} in the dashboard's SQL editor: it schedules the job, once`,
        });
      } else if (!job.active) {
        problems.push({
          what: `the job ${name} is inactive`,
          remedy: `select cron.alter_job((select jobid from cron.job where jobname = '${name}'), active => true);`,
        });
      } else {
        found.push(`${name} (${job.schedule})`);
      }
    }
  }
  if (problems.length) throw new Refused(problems);
  return found.join(", ");
}
