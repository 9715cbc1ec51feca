/** Pictures from phones of several makers, in HEIC: those of the tests of pillow-heif, from PyPI. */
import { cachedIfAvailable, Unavailable } from "./cache.ts";
import { run } from "./run.ts";

/** The folder of the pictures, or why this machine cannot have them. */
export function pillowHeifPictures(): Promise<{ home?: string; problem?: string }> {
  return cachedIfAvailable("pillow-heif-1.8.1-images", async (path) => {
    const folder = await Deno.makeTempDir({ prefix: "queues-pillow-heif-" });
    try {
      const requirements = `${import.meta.dirname}/pillow-heif.requirements.txt`;
      const from = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", requirements];
      const problem = await run(folder, "python3", "-m", "pip", "download", "--quiet", "-d", folder, ...from) ??
        await run(folder, "tar", "xzf", "pillow_heif-1.8.1.tar.gz");
      // Another file than the one that is pinned is no lack of this machine: pip ends with the hash that it got.
      if (problem) throw /Got\s+[0-9a-f]{64}$/.test(problem) ? new Error(problem) : new Unavailable(problem);
      await Deno.rename(`${folder}/pillow_heif-1.8.1/tests/images`, path);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
