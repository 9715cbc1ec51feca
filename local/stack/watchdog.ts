/**
 * Makes sure that nothing outlives the process that started it, even after SIGKILL: `watchdog.sh` holds the other end of
 * a pipe and cleans up when the pipe closes. It runs only while there is something to watch.
 */
const script = `${import.meta.dirname}/watchdog.sh`;
const watched = new Set<string>();
let running: { process: Deno.ChildProcess; input: WritableStreamDefaultWriter<Uint8Array> } | undefined;

/** Ends process `pid` with `signal` if we die before `forget(pid)`. */
export function watchProcess(pid: number, signal: Deno.Signal): Promise<void> {
  return tell(`${pid}`, `process ${pid} ${signal.slice("SIG".length)}`);
}

/** Removes the folder if we die before `forget(path)`. */
export function watchFolder(path: string): Promise<void> {
  return tell(path, `folder ${path}`);
}

/** Stops watching a process that has ended, or a folder that is removed. */
export async function forget(value: string | number): Promise<void> {
  if (!watched.delete(`${value}`) || !running) return;
  if (watched.size > 0) return await write(`forget ${value}`);
  const { process, input } = running;
  running = undefined;
  await input.write(new TextEncoder().encode(`forget ${value}\n`));
  await input.close();
  await process.status;
}

async function tell(value: string, line: string): Promise<void> {
  watched.add(value);
  if (!running) {
    // Detached: Ctrl-C in the terminal must reach the parent alone, which stops everything in order.
    const process = new Deno.Command("sh", { args: [script], stdin: "piped", detached: true }).spawn();
    running = { process, input: process.stdin.getWriter() };
  }
  await write(line);
}

async function write(line: string): Promise<void> {
  await running?.input.write(new TextEncoder().encode(`${line}\n`));
}
