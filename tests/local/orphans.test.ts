import assert from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";

/** What `make dev` runs, here with ports, files and temporary folders of its own. */
const dev = `${ROOT}/local/stack/dev.ts`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  Deno.test(`${signal} leaves no process and no temporary folder behind`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "orphans-" });
    const temporary = `${folder}/tmp`;
    await Deno.mkdir(temporary);
    // Postgres may have to run as another user.
    await Deno.chmod(folder, 0o755);
    try {
      const process = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `--config=${ROOT}/local/deno.json`, dev],
        env: {
          PORT: "0",
          DB_PORT: "0",
          WEB_PORT: "0",
          CONSOLE_PORT: "0",
          DATA_DIR: "",
          ENV_FILE: `${folder}/env`,
          TMPDIR: temporary,
        },
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const log = new Response(process.stderr).text();
      if (!(await says(process.stdout, "The stack is up"))) throw new Error(await log);
      const children = await descendants(process.pid);
      assert.ok(children.length >= 3, "the watchdog, Postgres and PostgREST at least");

      process.kill(signal);
      const status = await process.status;
      await log;
      if (signal !== "SIGKILL") assert.equal(status.code, 0);
      // The watchdog needs a moment after SIGKILL.
      await until(() => !children.some(alive), () => `still alive: ${children.filter(alive).map(({ pid }) => pid)}`);
      await until(() => names(temporary).length === 0, () => `still there: ${names(temporary)}`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Leaves the rest of the output unread: it fits into the pipe. */
async function says(output: ReadableStream<Uint8Array>, text: string): Promise<boolean> {
  let said = "";
  for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    if (said.includes(text)) return true;
  }
  return false;
}

interface Child {
  pid: number;
  /** Tells it from a later process with the same id. */
  started: string;
}

/** The descendants of a process. */
async function descendants(pid: number): Promise<Child[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid="] }).output();
  const rows = new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) found.push(...rows.filter((row) => row[1] === parent).map((row) => row[0]!));
  return found.slice(1).map((pid) => ({ pid, started: ps(pid, "lstart") ?? "" }));
}

/** False for zombies. */
function alive({ pid, started }: Child): boolean {
  const state = ps(pid, "stat");
  return state !== undefined && !state.startsWith("Z") && ps(pid, "lstart") === started;
}

function ps(pid: number, what: "stat" | "lstart"): string | undefined {
  const { code, stdout } = new Deno.Command("ps", { args: ["-o", `${what}=`, "-p", `${pid}`] }).outputSync();
  return code === 0 ? new TextDecoder().decode(stdout).trim() : undefined;
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

async function until(condition: () => boolean, problem: () => string): Promise<void> {
  for (const giveUpAt = Date.now() + 600_000; !condition();) {
    if (Date.now() > giveUpAt) throw new Error(problem());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
