/** Packages of Debian, extracted into the user's cache folder: nothing is installed. */
import { cached } from "../local/tools/cache.ts";

/** This machine cannot have the packages. */
export class Unavailable extends Error {}

/** The folder in the cache that `make` fills from the files of packages, or why there is none. */
export async function fromDebian(
  name: string,
  packages: string[],
  make: (files: string, path: string) => Promise<void>,
): Promise<{ home?: string; problem?: string }> {
  try {
    return {
      home: await cached(name, async (path) => {
        const folder = await Deno.makeTempDir({ prefix: "queues-debian-" });
        try {
          await extract(folder, packages);
          await make(`${folder}/files`, path);
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      }),
    };
  } catch (error) {
    if (error instanceof Unavailable) return { problem: error.message };
    throw error;
  }
}

async function extract(folder: string, packages: string[]): Promise<void> {
  let problem = await run(folder, "apt-get", "download", ...packages);
  // A new container has no package lists.
  if (problem && Deno.uid() === 0 && !await run(folder, "apt-get", "update", "-qq")) {
    problem = await run(folder, "apt-get", "download", ...packages);
  }
  if (problem) throw new Unavailable(problem);
  for (const { name } of Deno.readDirSync(folder)) {
    problem = await run(folder, "dpkg", "--extract", name, "files");
    if (problem) throw new Unavailable(problem);
  }
}

/** Runs a program. Returns what went wrong. */
export async function run(cwd: string, program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
    if (!success) return `\`${program}\` failed: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `\`${program}\` was not found`;
  }
}
