/** `make migration`, on copies of this project's SQL. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { startServer } from "../../tools/migration/databases.ts";
import { initialMigration, nextMigration, nextVersion, Refused } from "../../tools/migration/generate.ts";
import { lossyStatements } from "../../tools/migration/lossy.ts";
import { migrationFiles, PROJECT, type Project } from "../../tools/migration/project.ts";
import { release } from "../../tools/migration/released.ts";
import { copyOf, replaceIn } from "../schema/copy.ts";

const failures = "20_engine/30_failures.sql";

Deno.test("make migration", async (t) => {
  await using server = await startServer(17);
  const it = (behaviour: string, body: (copy: Project) => Promise<void>) =>
    t.step(behaviour, async () => {
      await using copy = await copyOf(PROJECT);
      await body(copy);
    });

  await it("writes nothing if nothing changed", async (copy) => {
    deepEqual(await nextMigration(server, copy, "nothing", false), []);
    deepEqual(migrationFiles(copy), migrationFiles(PROJECT));
  });

  await it("writes the changes, with a version after the last migration", async (copy) => {
    await replaceIn(copy, failures, "waiting_since timestamptz,\n", "waiting_since timestamptz,\n  seen boolean,\n");
    await replaceIn(
      copy,
      failures,
      "comment on column",
      "comment on column queues.failures.seen is 'New.';\ncomment on column",
    );
    await replaceIn(copy, "20_engine/24_backlog.sql", "limit 1000", "limit 1001");
    await replaceIn(copy, "60_notify/56_broadcasts.sql", "'notifications:'", "'notices:'");
    await replaceIn(
      copy,
      "70_operate/60_pause.sql",
      "pause(text) to service_role",
      "pause(text) to service_role, anon",
    );
    const [path] = await nextMigration(server, copy, "failures_seen", false);
    match(path!, /\/\d{14}_failures_seen\.sql$/);
    equal(`${copy.migrations}/${migrationFiles(copy).at(-1)}`, path);
    const text = await Deno.readTextFile(path!);
    match(text, /add column "seen" boolean/);
    match(text, /'New\.'/);
    match(text, /limit 1001/);
    match(text, /grant execute .*pause.* to "anon"/);
    match(text, /policy "people hear their own notifications"\s+on "realtime"\."messages"/);
  });

  await it("adds a value of an enum in a migration before its use", async (copy) => {
    await Deno.writeTextFile(
      `${copy.migrations}/30000101000000_mood.sql`,
      "create type queues.mood as enum ('calm');\n",
    );
    await Deno.writeTextFile(
      `${copy.schemas}/70_operate/99_moods.sql`,
      "create type queues.mood as enum ('calm', 'wild');\ncreate table queues.moods (mood queues.mood default 'wild');\n",
    );
    equal((await nextMigration(server, copy, "wild", false)).length, 2);
  });

  await it("refuses to lose data unless confirmed", async (copy) => {
    await replaceIn(copy, failures, "  last_error text,\n", "");
    await rejects(nextMigration(server, copy, "forget", false), refusal(/drop column "last_error"[^]*CONFIRM=1/));
    deepEqual(migrationFiles(copy), migrationFiles(PROJECT));
    equal((await nextMigration(server, copy, "forget", true)).length, 1);
  });

  await it("names what pg-delta does not see", async (copy) => {
    const columns = "  last_code text,\n  last_error text,\n";
    await replaceIn(copy, failures, columns, "  last_error text,\n  last_code text,\n");
    await rejects(nextMigration(server, copy, "order", false), refusal(/failures: columns in order: [^]*by hand/));
  });

  await it("refuses to drop a function that another one calls", async (copy) => {
    await replaceIn(copy, "20_engine/24_backlog.sql", /create function queues\.backlog[^]*$/, "");
    await rejects(
      nextMigration(server, copy, "no_backlog", true),
      refusal(/calls queues\.backlog, which does not exist/),
    );
  });

  await it("needs a name", async (copy) => {
    for (const name of ["", "Two Words", "../up"]) {
      await rejects(nextMigration(server, copy, name, false), refusal(/is not a name/));
    }
  });
});

Deno.test("make initial-migration", async (t) => {
  await using server = await startServer(17);
  await using copy = await copyOf(PROJECT);
  const initial = migrationFiles(copy).find((file) => file.endsWith("_initial.sql"))!;
  await t.step("reproduces the committed file and keeps the part written by hand", async () => {
    const path = `${copy.migrations}/${initial}`;
    const committed = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, `${committed}drop function queues.daily();\n`);
    equal(await initialMigration(server, copy), path);
    equal(await Deno.readTextFile(path), committed);
  });
  await t.step("does not change a released one", async () => {
    await release(copy);
    await rejects(initialMigration(server, copy), refusal(/is released and must not change/));
  });
});

Deno.test("recognises statements that lose data", () => {
  const lossy = [
    "drop table queues.t",
    'alter table "queues"."t"\n  drop column "b"',
    'alter type queues.t drop attribute "y" cascade',
    'alter table t\n  alter column "id" type bigint using "id"::bigint',
    "alter table t alter column a set data type bigint",
    'alter table t alter column "a" set not null',
  ];
  for (const statement of lossy) equal(lossyStatements(`select 1;\n${statement};\nselect 2;`).length, 1, statement);
  const harmless = [
    "alter table t add column c text not null",
    "alter table t alter column c set default 'a type'",
    "comment on table t is 'drop table; ''set not null'''",
    "create function f() returns void language plpgsql as $function$ begin drop table t; end $function$",
    "drop function f()",
    "-- drop table t",
  ];
  for (const statement of harmless) deepEqual(lossyStatements(`${statement};\n`), []);
});

Deno.test("a version is the current time, but after all others", () => {
  const now = new Date("2026-11-25T13:14:15.678Z");
  equal(nextVersion(now, ["20261125131414_a.sql"]), "20261125131415");
  equal(nextVersion(now, ["20270101000000_a.sql", "20261125131414_b.sql"]), "20270101000001");
});

function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    ok(error instanceof Refused, `${error}`);
    match(error.message, message);
    return true;
  };
}
