/** supabase/schemas and supabase/migrations make the same database, and the comparison finds mistakes. */
import { deepEqual, match, rejects } from "node:assert/strict";
import { type Database, query } from "../../local/stack/database.ts";
import { oldDefaultPrivileges, startServer } from "../../tools/migration/databases.ts";
import { differences, fingerprint } from "../../tools/migration/fingerprint.ts";
import { missingCalls } from "../../tools/migration/generate.ts";
import { difference } from "../../tools/migration/pg_delta.ts";
import { PROJECT, type Project } from "../../tools/migration/project.ts";
import { release, releasedProblems } from "../../tools/migration/released.ts";
import { versions } from "../sql/servers.ts";
import { copyOf, replaceIn } from "./copy.ts";
import { inventoryOf, readInventory } from "./inventory.ts";

Deno.test("the schemas and the migrations make the same database", async (t) => {
  await using servers = new AsyncDisposableStack();
  const started = await Promise.all(versions.map(startServer));
  for (const server of started) servers.use(server);

  await inParallel(t, started, ({ version }) => `on Postgres ${version}`, async (server) => {
    const [migrated, described] = [await server.migrated(PROJECT.migrations), await server.described(PROJECT)];
    const generated = difference(migrated.url, described.url);
    deepEqual(await different(migrated, described), []);
    deepEqual(await query(described.url, missingCalls), []);
    deepEqual(await inventoryOf(migrated), readInventory(), "what the migrations make outside of the schemas");

    const older = await server.migrated(PROJECT.migrations, oldDefaultPrivileges);
    deepEqual(await different(older, await server.described(PROJECT, oldDefaultPrivileges)), [], "in an older project");
    deepEqual(await generated, "");
  });

  const server = started.at(-1)!;
  const migrated = await server.migrated(PROJECT.migrations);
  const found = async (change: (copy: Project) => Promise<void>) => {
    await using copy = await copyOf(PROJECT);
    await change(copy);
    return await different(migrated, await server.described(copy));
  };
  await inParallel(t, mistakes, ([what]) => `finds ${what}`, async ([_, file, text, changed, expected]) => {
    match((await found((copy) => replaceIn(copy, file, text, changed))).join("\n"), expected);
  });
  await t.step("finds a function that is defined twice", async () => {
    const again = "function queues.missing_tables(p_queue text) returns text language sql as 'select null';\n";
    const file = "70_operate/99_again.sql";
    const defined = (how: string) => found((copy) => Deno.writeTextFile(`${copy.schemas}/${file}`, `${how} ${again}`));
    await rejects(
      defined("create"),
      /99_again\.sql: function "missing_tables" already exists with same argument types/,
    );
    await rejects(defined("create or replace"), /99_again\.sql: write `create`, without `or replace`/);
  });
  await t.step("finds a call of a missing function", async () => {
    await using copy = await copyOf(PROJECT);
    await replaceIn(copy, "20_engine/24_backlog.sql", /create function queues\.backlog[^]*$/, "");
    const described = await server.described(copy);
    match(
      (await query(described.url, missingCalls)).join("\n"),
      /claim_messages.* calls queues\.backlog, which does not exist/,
    );
  });
});

const failures = "20_engine/30_failures.sql";
const mistakes: [what: string, file: string, text: string, changed: string, found: RegExp][] = [
  [
    "a changed comment",
    failures,
    "failures.failures is '",
    "failures.failures is 'Not: ",
    /^column \S+\.failures: comment: .*"Not: /,
  ],
  [
    "a changed default",
    failures,
    "failures integer not null default 0",
    "failures integer not null default 1",
    /: default: "0"/,
  ],
  [
    "a column in another place",
    failures,
    "  last_code text,\n  last_error text,\n",
    "  last_error text,\n  last_code text,\n",
    /columns in order: .*last_code last_error.*last_error last_code/,
  ],
  [
    "a changed body",
    "20_engine/24_backlog.sql",
    "limit 1000",
    "limit 1001",
    /^function queues\.backlog\(text,timestamp with time zone\): body: /,
  ],
  [
    "a changed grant",
    "70_operate/60_pause.sql",
    "pause(text) to service_role",
    "pause(text) to anon",
    /pause.*: grants: /,
  ],
];

Deno.test("released migrations have not changed", async () => {
  deepEqual(await releasedProblems(PROJECT), []);
});

Deno.test("finds changes of released migrations", async (t) => {
  await using copy = await copyOf(PROJECT);
  const files = [...Deno.readDirSync(copy.migrations)].map(({ name }) => name).sort();
  const [first, second] = files as [string, string];
  deepEqual(await release(copy), files);
  deepEqual(await releasedProblems(copy), []);
  deepEqual(await release(copy), []);

  await t.step("an edited migration", async () => {
    await Deno.writeTextFile(`${copy.migrations}/${first}`, "\n", { append: true });
    deepEqual(await releasedProblems(copy), [`${first} is released and was edited`]);
    await rejects(release(copy), /is released and was edited/);
    await Deno.copyFile(`${PROJECT.migrations}/${first}`, `${copy.migrations}/${first}`);
  });
  await t.step("a removed migration", async () => {
    await Deno.remove(`${copy.migrations}/${second}`);
    deepEqual(await releasedProblems(copy), [`${second} is released and was removed`]);
    await Deno.copyFile(`${PROJECT.migrations}/${second}`, `${copy.migrations}/${second}`);
  });
  await t.step("a migration before the last released one", async () => {
    await Deno.writeTextFile(`${copy.migrations}/20261125100001_late.sql`, "select 1;\n");
    deepEqual(await releasedProblems(copy), [
      `20261125100001_late.sql comes before ${files.at(-1)}, which is released`,
    ]);
  });
});

async function different(migrated: Database, described: Database): Promise<string[]> {
  const [a, b] = await Promise.all([migrated, described].map(({ url }) => query(url, fingerprint)));
  return differences(a!, b!, { a: "the migrations", b: "the schemas" });
}

async function inParallel<T>(
  t: Deno.TestContext,
  items: readonly T[],
  name: (item: T) => string,
  fn: (item: T) => Promise<void>,
): Promise<void> {
  const sanitizers = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  await Promise.all(items.map((item) => t.step({ name: name(item), fn: () => fn(item), ...sanitizers })));
}
