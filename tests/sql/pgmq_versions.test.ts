/**
 * pgmq as an extension: the oldest version that is supported and Supabase ships, the newest, and updates from one to
 * another.
 */
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import connect from "postgres";
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, type Database, query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { startPostgres } from "../../local/stack/postgres.ts";
import { NEWEST, postgresWithPgmq } from "./pgmq_extension.ts";
import { pgtapFiles, runPgtapFile } from "./pgtap_files.ts";
import { countedDatabase } from "./servers.ts";

const OLDEST = "1.5.1";
const TOO_OLD = "1.4.4";
/** What claims and settles. */
const ROOM = "20_engine/";
/** Files at a time. */
const AT_ONCE = 2;

Deno.test("pgmq as an extension", async (t) => {
  await using server = await startPostgres({
    version: 15,
    programs: await postgresWithPgmq(),
    settings: { fsync: "off", autovacuum: "off" },
  });
  await preparePlatform(server);
  const createPgmq = (version: string) => `set role postgres; create extension pgmq version '${version}'; reset role`;
  const withPgmq = async (version: string): Promise<Database> => {
    const database = await createDatabase(server);
    await query(database.adminUrl, (sql) => sql.unsafe(createPgmq(version)));
    return database;
  };

  for (const version of [OLDEST, NEWEST]) {
    await t.step(`the tests of ${ROOM} pass with pgmq ${version}`, async () => {
      await using template = await countedDatabase(server, createPgmq(version));
      const counted = () => createDatabase(server, template.name);
      const left = pgtapFiles([ROOM]);
      const problems: Record<string, string[]> = {};
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let file = left.shift(); file !== undefined; file = left.shift()) {
          const verdict = await runPgtapFile({ version: 15, counted }, file);
          if (verdict.problems.length > 0) problems[file] = verdict.problems;
        }
      }));
      deepEqual(problems, {});
    });
  }

  await t.step(
    `pgmq ${TOO_OLD} is refused; after the update that the hint names, its messages are handled`,
    async () => {
      await using database = await withPgmq(TOO_OLD);
      await query(database.url, async (sql) => {
        await sql`select pgmq.create('analytics')`;
        await sql`select pgmq.send('analytics', '{"n": 1}')`;
      });
      let hint = "";
      await rejects(migrate(database.url), (error: Error) => {
        match(error.message, /this pgmq is too old: it lacks pgmq.send\(text, jsonb, jsonb\)/);
        hint = (error.cause as { hint: string }).hint;
        return true;
      });
      await query(database.url, async (sql) => {
        deepEqual([...await sql`select nspname from pg_namespace where nspname = 'queues'`], []);
        await sql.unsafe(hint.replace(/^.*: (?=alter extension)/, ""));
      });
      await migrate(database.url);
      await query(database.url, async (sql) => {
        deepEqual((await claim(sql)).map(({ message }) => message), [{ n: 1 }]);
      });
    },
  );

  await t.step(`an update to ${NEWEST} keeps messages, leases and marks`, async () => {
    await using database = await withPgmq(OLDEST);
    await migrate(database.url);
    await query(database.url, async (sql) => {
      await sql`update queues.settings set visibility_timeout_secs = 3600 where queue = 'analytics'`;
      await sql`select pgmq.send('analytics', jsonb_build_object('n', n)) from generate_series(1, 3) n`;
      const leased = await claim(sql);
      equal(leased.length, 2);
      await sql`alter extension pgmq update`;
      const acks = leased.map(({ msg_id, read_ct }) => [msg_id, read_ct]);
      await sql`select settle_messages('analytics', ${sql.json({ acks })})`;
      await sql`select pgmq.send('analytics', '{"n": 4}')`;
      deepEqual((await claim(sql)).map(({ message }) => message), [{ n: 3 }, { n: 4 }]);
      // However long all of this took.
      await sql`update queues.due set at = clock_timestamp()`;
      deepEqual([...await sql`select queue, reason from queues.health() where verdict = 'failing'`], []);
    });
  });
});

interface Message {
  msg_id: number;
  read_ct: number;
  message: unknown;
}

async function claim(sql: connect.Sql): Promise<Message[]> {
  const [row] = await sql`select claim_messages('analytics', 2) as claim`;
  return row!.claim.messages;
}
