/** Packages of Debian, extracted into the user's cache folder: nothing is installed. */
import { cachedIfAvailable, Unavailable } from "./cache.ts";
import { run } from "./run.ts";

/** The folder in the cache that `make` fills from the files of packages, or why there is none. */
export function fromDebian(
  name: string,
  packages: string[],
  make: (files: string, path: string) => Promise<void>,
): Promise<{ home?: string; problem?: string }> {
  return cachedIfAvailable(name, async (path) => {
    const folder = await Deno.makeTempDir({ prefix: "queues-debian-" });
    try {
      await extract(folder, packages);
      await make(`${folder}/files`, path);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Where programs that were extracted find their libraries: the value of `LD_LIBRARY_PATH`. */
export function libraryPath(home: string): string {
  return ["/usr/lib", "/lib"].map((folder) => `${home}${folder}/${Deno.build.arch}-linux-gnu`).join(":");
}

async function extract(folder: string, packages: string[]): Promise<void> {
  let problem = await run(folder, "apt-get", "download", ...packages);
  // A new container has no package lists. Another process may be fetching them.
  for (const giveUpAt = Date.now() + 600_000; problem && Deno.uid() === 0 && Date.now() < giveUpAt;) {
    const failed = await run(folder, "apt-get", "update", "-qq");
    if (!failed) problem = await run(folder, "apt-get", "download", ...packages);
    if (!failed || !/unable to lock/i.test(failed)) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (problem) throw new Unavailable(problem);
  for (const { name } of Deno.readDirSync(folder)) {
    problem = await run(folder, "dpkg", "--extract", name, "files");
    if (problem) throw new Unavailable(problem);
  }
}
