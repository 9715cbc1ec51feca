import type connect from "postgres";
import { Refused } from "./problem.ts";

/** Schedules jobs that pg_cron does not have, and checks that none is switched off. */
export async function checkJobs(sql: connect.Sql): Promise<string> {
  await sql`select queues.schedule_jobs()`;
  const jobs = await sql<{ name: string; schedule: string; problem: string | null; remedy: string | null }[]>`
    select j.name, c.schedule, p.problem, p.remedy
    from queues.jobs j
    cross join queues.job_problem(j.name) p
    left join cron.job c on c.jobname = j.name and c.active
    order by j.name`;
  const problems = jobs.flatMap(({ problem, remedy }) => problem && remedy ? [{ what: problem, remedy }] : []);
  if (problems.length) throw new Refused(problems);
  return jobs.map(({ name, schedule }) => `${name} (${schedule})`).join(", ");
}
