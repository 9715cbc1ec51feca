/** A background worker of the database: repeats its work on one connection, and survives restarts of the server. */
import connect from "postgres";
import type { Log } from "../stack/log.ts";

export class Loop {
  #running: { stop: AbortController; ended: Promise<void> } | undefined;

  /** A notification on `channel` starts the next round at once. */
  constructor(
    private readonly name: string,
    private readonly tickMs: number,
    private readonly url: string,
    private readonly log: Log,
    private readonly work: (sql: connect.Sql) => Promise<void>,
    private readonly channel?: string,
  ) {}

  /** Does nothing if it is running. */
  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    this.#running = { stop, ended: this.#run(stop.signal) };
  }

  /** Stops after the current round. Does nothing if it is not running. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.ended;
  }

  async #run(stop: AbortSignal): Promise<void> {
    const sql = connect(this.url, { max: 4, onnotice: () => {}, connect_timeout: 5, fetch_types: false });
    let wake = () => {};
    stop.addEventListener("abort", () => wake());
    if (this.channel) sql.listen(this.channel, () => wake()).catch((error) => this.log(`[${this.name}] ${error}`));
    while (!stop.aborted) {
      // Created before the work, so that a notification during it is not lost.
      const woken = new Promise<void>((resolve) => wake = resolve);
      try {
        await this.work(sql);
      } catch (error) {
        if (!stop.aborted) this.log(`[${this.name}] ${error}`);
      }
      let timer;
      const pause = new Promise<void>((resolve) => timer = setTimeout(resolve, this.tickMs));
      if (!stop.aborted) await Promise.race([woken, pause]);
      clearTimeout(timer);
    }
    await sql.end({ timeout: 5 });
  }
}
