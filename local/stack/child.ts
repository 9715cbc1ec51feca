/** A child process of the stack, with its output line by line. */
import { forget, watchProcess } from "./watchdog.ts";
import { TextLineStream } from "./lines.ts";
import type { Log } from "./log.ts";

/** Longer than a function may take to end. */
const KILL_AFTER_MS = 90_000;

export interface ChildOptions {
  /** Prefix of its log lines and of errors. */
  name: string;
  program: string;
  args?: string[];
  env?: Record<string, string>;
  /** Inherit nothing but PATH from the environment. */
  ownEnv?: boolean;
  uid?: number;
  gid?: number;
  /** Asks it to end; after 90 s it is killed. */
  endSignal: Deno.Signal;
  log?: Log;
}

/** A running process. `end` it; the watchdog does if we die first. */
export class Child {
  readonly pid: number;
  readonly exited: Promise<Deno.CommandStatus>;
  alive = true;
  #lastLines: string[] = [];
  #process: Deno.ChildProcess;
  #options: ChildOptions;

  private constructor(process: Deno.ChildProcess, options: ChildOptions) {
    this.#process = process;
    this.#options = options;
    this.pid = process.pid;
    const output = [this.#read(process.stdout), this.#read(process.stderr)];
    this.exited = process.status.then(async (status) => {
      this.alive = false;
      await Promise.all(output);
      await forget(this.pid);
      return status;
    });
  }

  static async start(options: ChildOptions): Promise<Child> {
    const process = new Deno.Command(options.program, {
      args: options.args,
      env: { ...(options.ownEnv ? { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" } : {}), ...options.env },
      clearEnv: options.ownEnv,
      uid: options.uid,
      gid: options.gid,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A process group of its own: Ctrl-C in the terminal reaches us alone, and we stop things in order.
      detached: true,
    }).spawn();
    const child = new Child(process, options);
    await watchProcess(child.pid, options.endSignal);
    return child;
  }

  /** The last 30 lines of its output, for error messages. */
  get lastLines(): string {
    return this.#lastLines.join("\n");
  }

  signal(signal: Deno.Signal): void {
    if (this.alive) this.#process.kill(signal);
  }

  /** Asks it to end, and waits for that. */
  async end(signal = this.#options.endSignal): Promise<void> {
    this.signal(signal);
    const giveUp = setTimeout(() => this.signal("SIGKILL"), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(giveUp);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const line of stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
      this.#lastLines.push(line);
      if (this.#lastLines.length > 30) this.#lastLines.shift();
      this.#options.log?.(`[${this.#options.name}] ${line}`);
    }
  }
}
