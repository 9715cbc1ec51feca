/** A database that is dumped and restored by pg_dump and pg_restore: no message is lost or hidden by a mark of before. */
import { deepEqual, equal, ok } from "node:assert/strict";
import connect from "postgres";
import { postgres } from "../../local/tools/binaries.ts";
import { query } from "../../local/stack/database.ts";
import { fromDebian } from "../../local/tools/debian.ts";
import { run } from "../../local/tools/run.ts";
import { startServer } from "./servers.ts";

const GIVE_UP_MS = 600_000;
const packages = ["postgresql-client-15"];
const { home, problem } = await fromDebian("postgresql-client-15", packages, async (files, path) => {
  const problem = await run(files, "cp", "-r", `${files}/usr/lib/postgresql/15/bin`, path);
  if (problem) throw new Error(problem);
});
/** Of libpq, which comes with the server. */
const libraries = postgres(15).replace(/bin\/postgres$/, "lib");

Deno.test({
  name: problem ? `a restored dump (NOT RUN: it needs ${packages} of Debian 12, and ${problem})` : "a restored dump",
  ignore: problem !== undefined,
  async fn(t) {
    await using server = await startServer(15);
    await using before = await server.copy();
    const expected = await query(before.url, arrange);

    await t.step("of everything, in an empty database, has every message and no mark", async () => {
      await using after = await server.plain();
      await restore(before.adminUrl, after.adminUrl);
      await query(after.url, (sql) => check(sql, expected));
    });

    await t.step("of the queues' rows alone, in a migrated database that has worked, likewise", async () => {
      await using after = await server.copy();
      await query(after.url, reachMark);
      await restore(before.adminUrl, after.adminUrl, "--data-only", "--disable-triggers", "--table=pgmq.q_analytics*");
      await query(after.url, (sql) => check(sql, expected));
    });
  },
});

/** Messages that are done, leased, delayed and waiting, with a mark among them. Returns those to come, in no order. */
async function arrange(sql: connect.Sql): Promise<number[]> {
  await sql`update queues.settings set visibility_timeout_secs = 1, retention_days = null where queue = 'analytics'`;
  await sql`select pgmq.send('analytics', to_jsonb(n)) from generate_series(1, 30) n`;
  await reachMark(sql);
  const { messages } = await claim(sql, 10);
  const acks = messages.map(({ msg_id, read_ct }) => [msg_id, read_ct]);
  await sql`select settle_messages('analytics', ${sql.json({ acks })})`;
  await claim(sql, 5);
  await sql`select pgmq.send('analytics', '31', 1)`;
  const done = new Set(messages.map(({ message }) => message));
  return Array.from({ length: 31 }, (_, n) => n + 1).filter((n) => !done.has(n));
}

async function reachMark(sql: connect.Sql): Promise<void> {
  // The mark stays a moment behind the clock.
  for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
    await sql`select queues.advance_mark('analytics', '0')`;
    if (await hasMark(sql)) return;
  }
  throw new Error("the mark does not advance");
}

async function hasMark(sql: connect.Sql): Promise<boolean> {
  const [row] = await sql`select due_after > '-infinity' as is_there from queues.newest_mark('analytics')`;
  return row!.is_there;
}

async function check(sql: connect.Sql, expected: number[]): Promise<void> {
  equal(await hasMark(sql), false, "the mark of before does not count");
  const found: number[] = [];
  for (const giveUpAt = Date.now() + GIVE_UP_MS; found.length < expected.length;) {
    ok(Date.now() < giveUpAt, `${found.length} of ${expected.length} messages came`);
    const { messages } = await claim(sql, 10);
    const acks = messages.map(({ msg_id, read_ct }) => [msg_id, read_ct]);
    if (acks.length > 0) await sql`select settle_messages('analytics', ${sql.json({ acks })})`;
    found.push(...messages.map(({ message }) => message));
  }
  deepEqual(found.toSorted((a, b) => a - b), expected);
  await sql`select queues.create_queue('analytics')`;
  await sql`select pgmq.send('analytics', '32')`;
  deepEqual((await claim(sql, 10)).messages.map(({ message }) => message), [32]);
  equal((await sql`select queues.ids_problem('analytics') as problem`)[0]!.problem, null);
}

async function claim(sql: connect.Sql, limit: number) {
  const [row] = await sql`select claim_messages('analytics', ${limit}) as claim`;
  return row!.claim as { messages: { msg_id: number; read_ct: number; message: number }[] };
}

async function restore(from: string, to: string, ...options: string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "queues-dump-" });
  try {
    const file = `${folder}/dump`;
    await program(
      "pg_dump",
      "--format=custom",
      ...options.filter((option) => option !== "--disable-triggers"),
      `--file=${file}`,
      from,
    );
    await program(
      "pg_restore",
      "--exit-on-error",
      ...options.filter((option) => !option.startsWith("--table")),
      `--dbname=${to}`,
      file,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function program(name: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(`${home}/${name}`, {
    args,
    env: { LD_LIBRARY_PATH: libraries },
  }).output();
  if (!success) throw new Error(`${name} failed: ${new TextDecoder().decode(stderr)}`);
}
