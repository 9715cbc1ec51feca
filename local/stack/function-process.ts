/** A process that serves one function: `deno serve` of the function as it is, wrapped by edge-runtime.ts. */
import { pathToFileURL } from "node:url";
import { deno, type DenoVersion } from "../tools/binaries.ts";
import { Child } from "./child.ts";
import type { Log } from "./log.ts";
import { settles } from "./wait.ts";

/** How long a start may take; it takes about a second, and longer when its modules are compiled or the machine is busy. */
const START_SECS = 300;

export interface FunctionSource {
  name: string;
  /** With index.ts and perhaps deno.json. */
  folder: string;
  /** For the generated entry point. */
  entryFolder: string;
  denoVersion: DenoVersion;
  env: Record<string, string>;
  log: Log;
}

export class FunctionProcess {
  /** Requests in progress, and background work of answered ones. */
  busy = 0;
  /** It gets no more requests. */
  ending = false;
  ended = false;
  #child: Promise<Child>;
  /** The address it listens on; rejects if it does not start. */
  readonly url: Promise<string>;

  constructor(source: FunctionSource) {
    let listening: (url: string) => void;
    const listens = new Promise<string>((resolve) => listening = resolve);
    this.#child = spawn(source, (line) => {
      const url = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (url) listening(url);
      else source.log(line);
    });
    const fails = this.#child.then(async (child) => {
      await child.exited;
      this.ended = true;
      throw new Error(`function \`${source.name}\` ended`);
    });
    this.url = this.#start(Promise.race([listens, fails]), source.name);
    // Callers that wait for the URL get the error; without one it must not be unhandled.
    this.url.catch(() => this.ended = true);
    fails.catch(() => this.ended = true);
  }

  /** Ends the process if it does not listen in time, so that the next request starts another. */
  async #start(url: Promise<string>, name: string): Promise<string> {
    if (await settles(url, START_SECS)) return await url;
    await (await this.#child).end("SIGKILL");
    throw new Error(`function \`${name}\` did not listen within ${START_SECS} s`);
  }

  /** Undefined unless it is running. */
  async pid(): Promise<number | undefined> {
    const child = await this.#child;
    return child.alive ? child.pid : undefined;
  }

  /** Sends a signal. For SIGKILL and SIGTERM it resolves once the process has ended. */
  async kill(signal: Deno.Signal): Promise<void> {
    const ends = signal === "SIGKILL" || signal === "SIGTERM";
    if (ends) this.ending = true;
    const child = await this.#child;
    child.signal(signal);
    if (ends) await child.exited;
  }

  async stop(): Promise<void> {
    await (await this.#child).end();
  }
}

async function spawn(source: FunctionSource, log: Log): Promise<Child> {
  const { name, folder, entryFolder } = source;
  const entry = `${entryFolder}/${name}.ts`;
  const runtime = new URL("edge-runtime.ts", import.meta.url);
  await Deno.writeTextFile(
    entry,
    `import { edgeFunction } from ${JSON.stringify(runtime)};\n` +
      `import handler from ${JSON.stringify(pathToFileURL(`${folder}/index.ts`))};\n` +
      `export default edgeFunction(handler);\n`,
  );
  const args = ["serve", "--no-prompt", "--host=127.0.0.1", "--port=0", "--allow-net", "--allow-env"];
  args.push(await exists(`${folder}/deno.json`) ? `--config=${folder}/deno.json` : "--no-config");
  // Running a function must not write to its folder.
  args.push(await exists(`${folder}/deno.lock`) ? "--frozen" : "--no-lock");
  return await Child.start({
    name,
    program: deno(source.denoVersion),
    args: [...args, entry],
    // Without it 2.1.4 trusts only its built-in certificates, which fails behind company proxies.
    env: { DENO_TLS_CA_STORE: "system,mozilla", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...source.env },
    endSignal: "SIGTERM",
    log,
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}
