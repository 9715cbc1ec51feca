/** A background worker of the database: repeats its work on one connection, and survives restarts of the server. */
import connect from "postgres";
import type { Log } from "../stack/log.ts";
import { settles } from "../stack/wait.ts";

/** How long `stop` waits for the current round. */
const STOP_SECS = 10;

export class Loop {
  #running: { stop: AbortController; ended: Promise<void> } | undefined;

  /** A notification on `channel` starts the next round at once. `application` names its sessions in pg_stat_activity. */
  constructor(
    private readonly name: string,
    private readonly tickMs: number,
    private readonly url: string,
    private readonly log: Log,
    private readonly work: (sql: connect.Sql) => Promise<void>,
    private readonly channel?: string,
    private readonly application?: string,
  ) {}

  /** Does nothing if it is running. */
  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(stop.signal) };
  }

  /** Stops after the current round, or without it if that does not end. Does nothing if it is not running. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.stop.abort();
    if (!(await settles(running.ended, STOP_SECS))) this.log(`[${this.name}] stopped in the middle of a round`);
  }

  async #run(stop: AbortSignal): Promise<void> {
    let wake = () => {};
    stop.addEventListener("abort", () => wake());
    let sql = this.#connect(() => wake());
    while (!stop.aborted) {
      // Created before the work, so that a notification during it is not lost.
      const woken = new Promise<void>((resolve) => wake = resolve);
      try {
        await this.work(sql);
      } catch (error) {
        if (!stop.aborted) this.log(`[${this.name}] ${error}`);
        // After the loss of a session the library waits up to 20 s before it connects again.
        await sql.end({ timeout: 0 });
        sql = this.#connect(() => wake());
      }
      let timer;
      const pause = new Promise<void>((resolve) => timer = setTimeout(resolve, this.tickMs));
      if (!stop.aborted) await Promise.race([woken, pause]);
      clearTimeout(timer);
    }
    await sql.end({ timeout: 5 });
  }

  #connect(wake: () => void): connect.Sql {
    // Of several connections, the library may give a statement to one that the server has closed, and never settle it.
    const connection = this.application ? { application_name: this.application } : {};
    const sql = connect(this.url, { max: 1, onnotice: () => {}, connect_timeout: 60, fetch_types: false, connection });
    if (this.channel) sql.listen(this.channel, wake).catch((error) => this.log(`[${this.name}] ${error}`));
    return sql;
  }
}
