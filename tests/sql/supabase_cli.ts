/** The Supabase CLI, from npm, once, into the user's cache folder. What is used of it here needs no Docker. */
import { cacheFolder } from "../../local/cache.ts";

const version = "3.1.0";

/** Runs the CLI in `folder`, which holds a folder `supabase`, and returns what it printed. */
export async function supabase(folder: string, ...args: string[]): Promise<string> {
  const env = { SUPABASE_TELEMETRY_DISABLED: "1", SUPABASE_HOME: `${folder}/.supabase`, NO_COLOR: "1" };
  return await run(await installed(), args, { cwd: folder, env });
}

async function installed(): Promise<string> {
  const home = `${cacheFolder()}/supabase-cli-${version}`;
  const program = `${home}/node_modules/.bin/supabase`;
  try {
    await Deno.stat(program);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`installing the Supabase CLI ${version} from npm (about 140 MB unpacked)`);
    // Renamed into place, so that an install that dies half-way is not taken for one.
    const partial = `${home}.${Deno.pid}`;
    await Deno.mkdir(partial, { recursive: true });
    const args = ["install", "--prefix", partial, `supabase@${version}`];
    await run("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    await Deno.rename(partial, home);
  }
  return program;
}

async function run(program: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, ...options }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`\`${program} ${args.join(" ")}\` failed:\n${said}`);
  return said;
}
