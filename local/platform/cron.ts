/**
 * Runs the jobs of cron.job as pg_cron does: each on its own connection as the job's user, in UTC, never twice at once,
 * recorded in cron.job_run_details. Only where the extension is missing.
 */
import { Cron } from "croner";
import connect from "postgres";
import { query } from "../stack/database.ts";
import type { Log } from "../stack/log.ts";
import { settles } from "../stack/wait.ts";
import { Loop } from "./loop.ts";

const TICK_MS = 100;
/** How long `stop` waits for running jobs. */
const STOP_SECS = 60;

interface Job {
  jobid: string;
  schedule: string;
  command: string;
  database: string;
  username: string;
}

export class CronWorker {
  #loop: Loop;
  #running = new Map<string, Promise<void>>();
  /** When each job last ran, by its id. */
  #lastDue = new Map<string, number>();
  #startedAt = Date.now();

  /** `url` returns the address of a database for a user; `adminUrl` reads the jobs. */
  constructor(
    private readonly url: (database: string, user: string) => string,
    adminUrl: string,
    private readonly log: Log,
  ) {
    this.#loop = new Loop("cron", TICK_MS, adminUrl, log, (sql) => this.#tick(sql));
  }

  start(): void {
    this.#startedAt = Date.now();
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    const jobs = Promise.all(this.#running.values());
    if (!(await settles(jobs, STOP_SECS))) this.log("[cron] stopped while jobs were running");
  }

  async #tick(sql: connect.Sql): Promise<void> {
    const jobs = await sql<Job[]>`select jobid, schedule, command, database, username from cron.job where active`;
    for (const job of jobs) {
      if (this.#running.has(job.jobid) || !this.#isDue(job)) continue;
      const run = this.#run(sql, job).finally(() => this.#running.delete(job.jobid));
      this.#running.set(job.jobid, run);
    }
  }

  #isDue({ jobid, schedule }: Job): boolean {
    const since = this.#lastDue.get(jobid) ?? this.#startedAt;
    const seconds = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule)?.[1];
    const due = seconds
      ? since + Number(seconds) * 1_000
      : new Cron(schedule, { timezone: "UTC" }).nextRun(new Date(since))?.getTime() ?? Infinity;
    if (due > Date.now()) return false;
    this.#lastDue.set(jobid, Date.now());
    return true;
  }

  async #run(admin: connect.Sql, job: Job): Promise<void> {
    try {
      const [details] = await admin<{ runid: string }[]>`
        insert into cron.job_run_details (jobid, database, username, command, status, start_time)
        values (${job.jobid}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp())
        returning runid`;
      const [status, message] = await query(
        this.url(job.database, job.username),
        (sql) => sql.unsafe(job.command).simple(),
      ).then(
        () => ["succeeded", ""],
        (error) => ["failed", `ERROR: ${error.message}`],
      );
      await admin`
        update cron.job_run_details
        set status = ${status!}, return_message = ${message!}, end_time = clock_timestamp()
        where runid = ${details!.runid}`;
    } catch (error) {
      this.log(`[cron] cannot record job ${job.jobid}: ${error}`);
    }
  }
}
