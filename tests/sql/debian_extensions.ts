/**
 * Postgres 15 with the extensions that Debian packages and npm does not: pg_cron and plpgsql_check. The server is a copy
 * of the installed one, kept in the user's cache folder, so that other tests do not get them.
 */
import { postgres } from "../../local/tools/binaries.ts";
import { cached } from "../../local/tools/cache.ts";
import { type Postgres, startPostgres } from "../../local/stack/postgres.ts";

const packages = ["postgresql-15-cron", "postgresql-15-plpgsql-check"];

const settings = {
  fsync: "off",
  // dblink first: it loads the libpq beside it, which pg_cron needs.
  shared_preload_libraries: "dblink,pg_cron",
  "cron.database_name": "postgres",
};

/** A test on such a server. Without the packages it is ignored, and its name says why. */
export async function debianTest(name: string, work: (t: Deno.TestContext, server: Postgres) => Promise<void>) {
  const native = postgres(15).replace(/\/bin\/postgres$/, "");
  const { version } = JSON.parse(await Deno.readTextFile(`${native}/../package.json`));
  const { home, problem } = await extended(`postgres-${version}-with-debian-extensions`, native);
  Deno.test({
    name: problem ? `${name} (NOT RUN: it needs ${packages.join(" and ")} of Debian 12, and ${problem})` : name,
    ignore: problem !== undefined,
    fn: async (t) => {
      await using server = await startPostgres({ version: 15, programs: `${home}/bin`, settings });
      await work(t, server);
    },
  });
}

/** The folder of that Postgres in the cache, or why there is none. */
async function extended(name: string, native: string): Promise<{ home?: string; problem?: string }> {
  try {
    return { home: await cached(name, (path) => make(path, native)) };
  } catch (error) {
    if (error instanceof Unavailable) return { problem: error.message };
    throw error;
  }
}

/** This machine cannot have the packages. */
class Unavailable extends Error {}

async function make(home: string, native: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "queues-debian-" });
  try {
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
    for (
      const [from, to] of [
        [`${native}/.`, home],
        [`${folder}/files/usr/lib/postgresql/15/lib/.`, `${home}/lib/postgresql`],
        [`${folder}/files/usr/share/postgresql/15/extension/.`, `${home}/share/postgresql/extension`],
      ] as const
    ) {
      problem = await run(folder, "cp", "-r", from, to);
      if (problem) throw new Error(problem);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(cwd: string, program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
    if (!success) return `\`${program}\` failed: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `\`${program}\` was not found`;
  }
}
