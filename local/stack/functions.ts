/**
 * The pool of processes that serve supabase/functions. A function's first process starts with its first request, further
 * ones, up to the limit, when all are busy. A request goes to the least busy process.
 */
import type { DenoVersion } from "../tools/binaries.ts";
import { FunctionProcess } from "./function-process.ts";
import type { Log } from "./log.ts";

export interface FunctionPoolOptions {
  /** Has a folder for each function; names that start with `_` are no functions. */
  folder: string;
  /** For the generated entry points. */
  entryFolder: string;
  denoVersion: DenoVersion;
  /** Processes per function. */
  limit: number;
  env: Record<string, string>;
  log: Log;
}

export class FunctionPool {
  #options: FunctionPoolOptions;
  #processes = new Map<string, FunctionProcess[]>();
  #client = Deno.createHttpClient({ poolMaxIdlePerHost: 20 });
  #stopped = false;

  constructor(options: FunctionPoolOptions) {
    this.#options = options;
  }

  /** Forwards a request to a function; undefined if there is no such function. */
  call(name: string, request: Request): Promise<Response> | undefined {
    return this.#has(name) ? this.#call(name, request) : undefined;
  }

  /** The running processes. */
  async pids(name: string): Promise<number[]> {
    const pids = await Promise.all(this.#running(name).map((process) => process.pid()));
    return pids.filter((pid) => pid !== undefined);
  }

  /** Requests in progress, and background work of answered ones. */
  busy(name: string): number {
    return this.#running(name).reduce((sum, process) => sum + process.busy, 0);
  }

  /** Signals every process of a function. For SIGKILL and SIGTERM it resolves once they have ended. */
  async kill(name: string, signal: Deno.Signal = "SIGKILL"): Promise<void> {
    await Promise.all(this.#running(name).map((process) => process.kill(signal)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const alive = [...this.#processes.keys()].flatMap((name) => this.#alive(name));
    await Promise.all(alive.map((process) => process.stop()));
    this.#client.close();
  }

  async #call(name: string, request: Request): Promise<Response> {
    if (this.#stopped) return problem(503, "STOPPING", "The stack is being stopped");
    const process = this.#pick(name);
    process.busy++;
    let url;
    try {
      url = await process.url;
    } catch (error) {
      this.#options.log(`[${name}] ${error}`);
      return problem(503, "BOOT_ERROR", "Function failed to start (please check logs)");
    }
    try {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("accept-encoding", "identity");
      // A function sees its name as the first segment of the path.
      const target = url + pathname.slice("/functions/v1".length) + search;
      const response = await fetch(target, {
        method: request.method,
        headers,
        body: request.body,
        redirect: "manual",
        client: this.#client,
      });
      if (!response.headers.has("x-background")) {
        process.busy--;
        return response;
      }
      fetch(`${url}/_idle`, { client: this.#client }).finally(() => process.busy--).catch(() => process.ended);
      const own = new Headers(response.headers);
      own.delete("x-background");
      return new Response(response.body, { status: response.status, headers: own });
    } catch (error) {
      process.busy--;
      this.#options.log(`[${name}] no response to a request: ${error}`);
      return problem(502, "WORKER_DIED", "The function ended before it answered");
    }
  }

  #pick(name: string): FunctionProcess {
    const running = this.#running(name);
    const [first] = running.toSorted((a, b) => a.busy - b.busy);
    if (first && (first.busy === 0 || running.length >= this.#options.limit)) return first;
    const { folder, entryFolder, denoVersion, env, log } = this.#options;
    const process = new FunctionProcess({ name, folder: `${folder}/${name}`, entryFolder, denoVersion, env, log });
    this.#processes.set(name, [...this.#alive(name), process]);
    return process;
  }

  #running(name: string): FunctionProcess[] {
    return this.#alive(name).filter((process) => !process.ending);
  }

  #alive(name: string): FunctionProcess[] {
    return (this.#processes.get(name) ?? []).filter((process) => !process.ended);
  }

  #has(name: string): boolean {
    if (this.#processes.has(name)) return true;
    if (!/^[a-zA-Z][\w-]*$/.test(name)) return false;
    try {
      return Deno.statSync(`${this.#options.folder}/${name}/index.ts`).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

function problem(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { "access-control-allow-origin": "*" } });
}
