/** The Supabase CLI, from npm, once, into the user's cache folder. What is used of it here needs no Docker. */
import { cached } from "./cache.ts";

/** README.md names it too. */
export const CLI_VERSION = "3.1.0";

/** What the CLI is told besides its arguments: secrets belong here, since others on the machine see arguments. */
export type CliEnv = Record<string, string>;

/** Runs the CLI in `folder`, which holds a folder `supabase`, and returns all that it printed. */
export async function supabase(folder: string, args: string[], env: CliEnv = {}): Promise<string> {
  const { stdout, stderr } = await start(folder, args, env);
  return stdout + stderr;
}

/** Runs a command that answers with JSON, and returns that. */
export async function supabaseJson(folder: string, args: string[], env: CliEnv = {}): Promise<unknown> {
  return JSON.parse((await start(folder, [...args, "--output-format=json"], env)).stdout);
}

async function start(folder: string, args: string[], env: CliEnv): Promise<Said> {
  const home = await Deno.makeTempDir({ prefix: "queues-supabase-" });
  try {
    const own = { SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_HOME: home, NO_COLOR: "1" };
    return await run(await installed(), args, { cwd: folder, env: { ...own, ...env } });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function installed(): Promise<string> {
  const home = await cached(`supabase-cli-${CLI_VERSION}`, async (path) => {
    console.error(`installing the Supabase CLI ${CLI_VERSION} from npm (about 140 MB unpacked)`);
    const args = ["install", "--prefix", path, `supabase@${CLI_VERSION}`];
    await run("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  });
  return `${home}/node_modules/.bin/supabase`;
}

interface Said {
  stdout: string;
  stderr: string;
}

async function run(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<Said> {
  const output = await new Deno.Command(program, { args, ...options }).output();
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes)) as [
    string,
    string,
  ];
  if (!output.success) throw new Error(`\`${program} ${args.join(" ")}\` failed:\n${stdout}${stderr}`);
  return { stdout, stderr };
}
