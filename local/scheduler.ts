/**
 * Stands in for the dispatcher in the database: every second it calls the function of each queue that has a backlog and
 * a worker to spare. A call is only a hint: one that is lost is made again a second later.
 */
import connect from "postgres";
import type { Log } from "./log.ts";

export interface SchedulerOptions {
  /** Of the gateway. */
  url: string;
  secretKey: string;
  databaseUrl: string;
  log: Log;
}

/** The functions that are not named after their queue. */
const FUNCTIONS: Record<string, string> = {
  image_processing: "process-images",
  comment_moderation: "process-comments",
};

const TICK_MS = 1000;

export class Scheduler {
  #options: SchedulerOptions;
  #running: { stop: AbortController; ended: Promise<void> } | undefined;
  /** Queues whose last call is not answered yet. */
  #calls = new Map<string, Promise<void>>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Harmless when it runs already. */
  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(stop.signal) };
  }

  /** Gives up the calls under way. Harmless when it does not run. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
  }

  async #run(stop: AbortSignal): Promise<void> {
    const sql = connect(this.#options.databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
    while (!stop.aborted) {
      try {
        for (const queue of await queuesToCall(sql)) {
          if (!this.#calls.has(queue)) this.#calls.set(queue, this.#call(queue, stop));
        }
      } catch (error) {
        this.#options.log(`[scheduler] the backlog could not be read: ${error}`);
      }
      if (!stop.aborted) await pause(TICK_MS, stop);
    }
    await Promise.all(this.#calls.values());
    await sql.end();
  }

  async #call(queue: string, stop: AbortSignal): Promise<void> {
    const name = FUNCTIONS[queue] ?? `process-${queue.replaceAll("_", "-")}`;
    try {
      const response = await fetch(`${this.#options.url}/functions/v1/${name}`, {
        method: "POST",
        headers: { apikey: this.#options.secretKey, prefer: "respond-async" },
        signal: stop,
      });
      const text = await response.text();
      if (!response.ok) this.#options.log(`[scheduler] ${name} answered ${response.status}: ${text.slice(0, 200)}`);
    } catch (error) {
      if (!stop.aborted) this.#options.log(`[scheduler] ${name} was not reached: ${error}`);
    } finally {
      this.#calls.delete(queue);
    }
  }
}

/** Those with visible messages and fewer live runs than allowed. A run not seen for a visibility timeout is dead. */
async function queuesToCall(sql: connect.Sql): Promise<string[]> {
  // A project whose migrations are other than ours has nothing to schedule.
  const [ours] = await sql`select to_regclass('queues.settings') is not null as present`;
  if (!ours?.present) return [];
  const rows = await sql`
    select s.queue from queues.settings s
    where not s.paused
      and queues.backlog(s.queue) > 0
      and s.max_workers > (
        select count(*) from queues.runs r
        where r.queue = s.queue and r.finished_at is null
          and r.last_seen_at > clock_timestamp() - make_interval(secs => s.visibility_timeout_secs))`;
  return rows.map((row) => row.queue);
}

/** Waits until the time is up or it is told to stop. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
  });
}
