/** What happens to a project beside its traffic: a worker is killed now and then, and the database restarted. */
import type { Stack } from "../../../local/stack/stack.ts";

const WORKERS = ["process-like-events", "process-notifications", "process-deliveries", "process-analytics"];
const KILL_EVERY_MS = 20_000;
/** Kills between two restarts. */
const KILLS = 6;

export class Disturbances {
  kills = 0;
  restarts = 0;
  #isOn = true;
  #woken = () => {};
  #all: Promise<void>;

  constructor(private stack: Stack) {
    this.#all = this.#disturb();
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    this.#woken();
    await this.#all;
  }

  async #disturb(): Promise<void> {
    for (let n = 1;; n++) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, KILL_EVERY_MS * (0.5 + Math.random()));
        this.#woken = () => (clearTimeout(timer), resolve());
      });
      if (!this.#isOn) return;
      if (n % KILLS === 0) {
        await this.stack.postgres.restart();
        this.restarts++;
      } else {
        const worker = WORKERS[Math.floor(Math.random() * WORKERS.length)]!;
        if ((await this.stack.functions.pids(worker)).length === 0) continue;
        await this.stack.functions.kill(worker, "SIGKILL");
        this.kills++;
      }
    }
  }
}
