/**
 * Postgres 15 with the extensions that Debian packages and npm does not: pg_cron and plpgsql_check. The server is a copy
 * of the installed one, kept in the user's cache folder, so that other tests do not get them.
 */
import { postgres } from "../../local/tools/binaries.ts";
import { type Postgres, startPostgres } from "../../local/stack/postgres.ts";
import { fromDebian } from "../../local/tools/debian.ts";
import { run } from "../../local/tools/run.ts";

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
function extended(name: string, native: string): Promise<{ home?: string; problem?: string }> {
  return fromDebian(name, packages, async (files, home) => {
    for (
      const [from, to] of [
        [`${native}/.`, home],
        [`${files}/usr/lib/postgresql/15/lib/.`, `${home}/lib/postgresql`],
        [`${files}/usr/share/postgresql/15/extension/.`, `${home}/share/postgresql/extension`],
      ] as const
    ) {
      const problem = await run(files, "cp", "-r", from, to);
      if (problem) throw new Error(problem);
    }
  });
}
