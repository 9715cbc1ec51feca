/**
 * The mark of a queue hides no message: two sessions in each possible order, and many at random. `TORTURE_SECS` and
 * `TORTURE_SEED` set for how long and what they do.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type connect from "postgres";
import { type Database, query } from "../../local/stack/database.ts";
import { type Torture, torture } from "./marks_torture.ts";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

const SECS = Number(Deno.env.get("TORTURE_SECS") ?? 6);
const SEED = Number(Deno.env.get("TORTURE_SEED") ?? 1);
/** Ends what would never end. Everything here takes seconds, and longer on a busy machine. */
const GIVE_UP_MS = 600_000;

/** Rules of the mark, each without which messages are lost, and how one is. */
const BROKEN: Record<string, [change: (database: Database) => Promise<void>, one: keyof typeof MESSAGES]> = {
  "that waits for no writer": [
    (database) => redefine(database, "open_writers(text)", /return array\([\s\S]*\);\n/, "return '{}'::text[];\n"),
    "that is committed late",
  ],
  "that takes effect when it is announced": [
    (database) => redefine(database, "advance_mark(text,interval)", "least(m.next_due_after,", "least(v_now - c_lag,"),
    "that is committed late",
  ],
  "before which anybody may write": [
    (database) => redefine(database, "stay_above_mark()", /begin[\s\S]*return new;/, "begin return new;"),
    "that was due long ago",
  ],
  "without a tick that looks behind passed writers": [
    (database) => redefine(database, "show_hidden(text)", "\nbegin\n", "\nbegin\n return 0;\n"),
    "of a writer that was passed",
  ],
};

/** What is claimed after such a message. */
const MESSAGES = {
  "that is committed late": async (sessions: Sessions) => {
    const [writer, other] = await sessions.open(2);
    await writer!`begin`;
    await writer!`select pgmq.send('analytics', '1')`;
    // The mark stays that far behind the clock.
    await other!`select pg_sleep(0.3)`;
    for (let n = 0; n < 5; n++) await advance(other!);
    await writer!`commit`;
    return await claim(other!);
  },
  "that was due long ago": async (sessions: Sessions) => {
    const [sql] = await sessions.open(1);
    await until(() => advance(sql!), async () => (await mark(sql!)).due_after > -Infinity);
    await sql!`insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '1')`;
    return await claim(sql!);
  },
  "of a writer that was passed": async (sessions: Sessions) => {
    const [writer, other] = await sessions.open(2);
    await passWriter(sessions.database, writer!, other!);
    await writer!`commit`;
    await show(other!);
    return await claim(other!);
  },
};

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sessions: Sessions, database: Database) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.copy();
        await using sessions = new Sessions(database);
        // A machine that stalls passes no writer and ends no lease.
        await patience(database, "12 hours");
        await query(database.url, (sql) => sql`update queues.settings set visibility_timeout_secs = 43200`);
        await body(sessions, database);
      });

    await it("a message that commits late is claimed, in the place of its time", async (sessions) => {
      const [late, other] = await sessions.open(2);
      await late!`begin`;
      await late!`select pgmq.send('analytics', '"late"')`;
      await other!`select pgmq.send('analytics', '"other"')`;
      deepEqual(await claim(other!), ["other"]);
      for (let n = 0; n < 5; n++) await advance(other!);
      await late!`commit`;
      await other!`select pgmq.send('analytics', '"next"')`;
      deepEqual(await claim(other!), ["late", "next"]);
    });

    await it("a message that is written behind the mark comes to the front", async (sessions) => {
      const [sql, writer] = await sessions.open(2);
      await sql!`select pgmq.send_batch('analytics', array['1', '2', '3']::jsonb[])`;
      deepEqual(await claim(sql!, 1), [1]);
      // It advances to the first that waits, however long that has waited.
      const [{ first }] = await sql!`select min(extract(epoch from vt))::float8 as first from pgmq.q_analytics
        where message = '2'` as unknown as [{ first: number }];
      await until(() => advance(sql!), async () => (await mark(sql!)).due_after > first - 0.001);
      await writer!`insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '"past"')`;
      deepEqual(await claim(sql!, 1), ["past"]);
      deepEqual(await claim(sql!, 1), [2]);
    });

    await it("a message that is released comes before a backlog that was due after it", async (sessions) => {
      const [sql, other] = await sessions.open(2);
      for (const message of [1, 2, 3]) await sql!`select pgmq.send('analytics', ${message}::text::jsonb)`;
      deepEqual(await claim(sql!, 2), [1, 2]);
      for (let n = 0; n < 5; n++) await advance(other!);
      await sql!`select settle_messages('analytics', '{"acks": [[1, 1]], "releases": [[2, 1]]}')`;
      deepEqual(await claim(sql!, 2), [2, 3]);
    });

    await it("a mark waits for who wrote before it was announced, and takes effect at the next look", async (sessions) => {
      const [writer, other] = await sessions.open(2);
      await writer!`begin`;
      await writer!`insert into pgmq.q_analytics (vt, message) values (clock_timestamp(), '1')`;
      await until(() => advance(other!), async () => (await mark(other!)).announced > -Infinity);
      for (let n = 0; n < 5; n++) await advance(other!);
      equal((await mark(other!)).due_after, -Infinity);
      await writer!`rollback`;
      await advance(other!);
      ok((await mark(other!)).due_after > -Infinity);
    });

    await it("a mark that was rolled back with its claim never was", async (sessions) => {
      const [sql, other] = await sessions.open(2);
      await sql!`select pgmq.send('analytics', '1')`;
      for (let n = 0; n < 3; n++) await advance(other!);
      const before = await mark(other!);
      await sql!`begin`;
      deepEqual(await claim(sql!), [1]);
      await advance(sql!);
      await advance(sql!);
      // While that transaction may write the next mark, nobody else does.
      await advance(other!);
      deepEqual(await mark(other!), before);
      await sql!`rollback`;
      await advance(other!);
      deepEqual(await claim(other!), [1]);
    });

    await it("a writer that stays is passed, and found by the tick after its commit", async (sessions) => {
      const [writer, other] = await sessions.open(2);
      await passWriter(sessions.database, writer!, other!);
      equal(await show(other!), 0);
      await writer!`commit`;
      equal(await show(other!), 1);
      equal((await mark(other!)).passed, 0);
      deepEqual(await claim(other!), [1]);
    });

    await it("a tick comes back for a message before the mark that somebody holds", async (sessions) => {
      const [writer, other, holder] = await sessions.open(3);
      await passWriter(sessions.database, writer!, other!);
      await writer!`commit`;
      await holder!`begin`;
      await holder!`select from pgmq.q_analytics for update`;
      equal(await show(other!), 0);
      equal((await mark(other!)).passed, 1);
      await holder!`rollback`;
      equal(await show(other!), 1);
      equal((await mark(other!)).passed, 0);
      deepEqual(await claim(other!), [1]);
    });

    await it("a prepared transaction is a writer, also after its session has ended", async (sessions) => {
      const [other] = await sessions.open(1);
      const [writer] = await sessions.open(1);
      await writer!.unsafe("begin; select pgmq.send('analytics', '1'); prepare transaction 'prepared'");
      await writer!.end();
      for (let n = 0; n < 5; n++) await advance(other!);
      await other!`commit prepared 'prepared'`;
      deepEqual(await claim(other!), [1]);
    });

    await it("a claim of a whole transaction's snapshot leaves the mark", async (sessions) => {
      const [sql, other] = await sessions.open(2);
      await sql!`begin isolation level repeatable read`;
      deepEqual(await claim(sql!), []);
      await advance(sql!);
      await sql!`commit`;
      equal((await mark(other!)).announced, -Infinity);
    });

    await it("a queue that is dropped and created again, or restored, begins anew", async (sessions, database) => {
      const [sql] = await sessions.open(1);
      const reach = async () => {
        await until(() => advance(sql!), async () => (await mark(sql!)).due_after > -Infinity);
      };
      await reach();
      await sql!.unsafe("select pgmq.drop_queue('analytics'); select pgmq.create('analytics')");
      await sql!`insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '"no trigger"')`;
      deepEqual(await claim(sql!), ["no trigger"]);
      await advance(sql!);
      equal((await mark(sql!)).announced, -Infinity);
      await sql!`select queues.create_queue('analytics')`;
      await reach();
      // As pg_restore --data-only --disable-triggers does.
      await sql!.unsafe(`begin; alter table pgmq.q_analytics disable trigger all;
        insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '"restored"');
        alter table pgmq.q_analytics enable trigger all; commit`);
      equal((await mark(sql!)).due_after, -Infinity);
      deepEqual(await claim(sql!), ["restored"]);
      await sql!`select queues.create_queue('analytics')`;
      await reach();
      await query(database.adminUrl, (admin) =>
        admin.unsafe(`set session_replication_role = replica;
          insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '"replicated"')`));
      deepEqual(await claim(sql!), ["replicated"]);
      await sql!`select pgmq.purge_queue('analytics')`;
      await sql!`select pgmq.send('analytics', '"after the purge"')`;
      deepEqual(await claim(sql!), ["after the purge"]);
    });

    await it("does with the columns of older versions of pgmq", async (sessions) => {
      const [sql] = await sessions.open(1);
      for (const column of ["last_read_at", "headers"]) {
        await sql!.unsafe(`alter table pgmq.q_analytics drop column if exists ${column}`);
        await until(() => advance(sql!), async () => (await mark(sql!)).due_after > -Infinity);
        await sql!`insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '1')`;
        await sql!`select queues.show_hidden('analytics'), queues.wanted_workers('analytics', 1, 1)`;
        equal((await sql!`select queues.backlog('analytics') as backlog`)[0]!.backlog, 1);
        deepEqual(await claim(sql!), [1]);
        await sql!`select settle_messages('analytics', ${sql!.json({ releases: [[await newestId(sql!), 1]] })})`;
        await sql!`delete from pgmq.q_analytics`;
      }
    });

    await it("a server that was started again begins anew", async (sessions) => {
      const [sql] = await sessions.open(1);
      await until(() => advance(sql!), async () => (await mark(sql!)).due_after > -Infinity);
      await sql!.unsafe(`create or replace function queues.started_at() returns timestamptz language sql
        as 'select clock_timestamp() + interval ''1 second'''`);
      equal((await mark(sql!)).due_after, -Infinity);
    });

    await it("a producer that may only send is served, and may not read the marks", async (sessions) => {
      const [sql] = await sessions.open(1);
      await until(() => advance(sql!), async () => (await mark(sql!)).due_after > -Infinity);
      await sql!.unsafe(
        "create role sender; grant usage on schema pgmq to sender; grant insert on pgmq.q_analytics to sender",
      );
      await sql!`grant usage on all sequences in schema pgmq to sender`;
      await sql!`grant sender to current_user`;
      await sql!`set role sender`;
      await sql!`insert into pgmq.q_analytics (vt, message) values (now() - interval '1 day', '1')`;
      await rejects(async () => await sql!`select from queues.marks`, { code: "42501" });
      await sql!`reset role`;
      deepEqual(await claim(sql!), [1]);
    });

    for (
      const [what, options] of Object.entries<Partial<Torture>>({
        "": {},
        "and rebuilds": { rebuilds: true },
        "and a clock": { clock: true },
      })
    ) {
      await it(`many sessions at random lose nothing ${what} (TORTURE_SEED=${SEED})`, async ({ database }) => {
        await hurry(database);
        const outcome = await torture(database, { seed: SEED, secs: SECS, ...options });
        if (Deno.env.get("TORTURE_SECS")) console.log(outcome.did);
        deepEqual({ ...outcome, did: {} }, { hidden: [], notFound: [], stuck: 0, did: {} });
      });
    }
    for (const [message, claimed] of Object.entries(MESSAGES)) {
      await it(`a message ${message} is claimed`, async (sessions) => deepEqual(await claimed(sessions), [1]));
    }
    for (const [mark, [change, message]] of Object.entries(BROKEN)) {
      await it(`a message ${message} is lost by a mark ${mark}`, async (sessions, database) => {
        await change(database);
        deepEqual(await MESSAGES[message](sessions), []);
      });
      await it(`many sessions at random find a mark ${mark}`, async ({ database }) => {
        await hurry(database);
        await change(database);
        // Within seconds; a busy machine gets more of them.
        const secs = GIVE_UP_MS / 1000;
        const { hidden, notFound, stuck } = await torture(database, { seed: SEED, secs, endsAtOnce: true });
        ok(hidden.length + notFound.length + stuck > 0);
      });
    }
  });
}

async function claim(sql: connect.Sql, limit = 10): Promise<unknown[]> {
  const [row] = await sql`select claim_messages('analytics', ${limit}) as claim`;
  return row!.claim.messages.map(({ message }: { message: unknown }) => message);
}

async function newestId(sql: connect.Sql): Promise<number> {
  return Number((await sql`select max(msg_id) as id from pgmq.q_analytics`)[0]!.id);
}

async function advance(sql: connect.Sql): Promise<void> {
  await sql`select queues.advance_mark('analytics', '0')`;
}

/** The mark in seconds, as far as it matters here. */
async function mark(sql: connect.Sql): Promise<{ due_after: number; announced: number; passed: number }> {
  const [row] = await sql`
    select extract(epoch from due_after)::float8 as due_after, extract(epoch from next_due_after)::float8 as announced,
      cardinality(passed) as passed
    from queues.newest_mark('analytics')`;
  return row as { due_after: number; announced: number; passed: number };
}

/** A writer that has sent a message and goes on while the mark passes it, and the time of its message. */
async function passWriter(database: Database, writer: connect.Sql, other: connect.Sql): Promise<void> {
  await patience(database, "0");
  for (let n = 0; n < 3; n++) await advance(other);
  await writer`begin`;
  await writer`select pgmq.send('analytics', '1')`;
  await until(() => advance(other), async () => (await mark(other)).passed === 1);
  const [{ vt }] = await writer`select extract(epoch from vt)::float8 as vt from pgmq.q_analytics` as unknown as [
    { vt: number },
  ];
  await until(() => advance(other), async () => (await mark(other)).due_after > vt);
}

/** What ticks show, until one has come to the end of what it looks at: its time is limited. */
async function show(sql: connect.Sql): Promise<number> {
  let shown = 0;
  for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
    const [row] = await sql`
      select queues.show_hidden('analytics') as shown, extract(epoch from clock_timestamp() - now())::float8 as secs`;
    shown += row!.shown;
    if (row!.secs < 0.9) return shown;
  }
  throw new Error("no tick comes to the end");
}

async function until(step: () => Promise<void>, isDone: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
    if (await isDone()) return;
    await step();
  }
  throw new Error("it does not come to that");
}

/** Changes the definition of a function. */
async function redefine(database: Database, name: string, what: string | RegExp, into: string): Promise<void> {
  await query(database.url, async (sql) => {
    const [row] = await sql`select pg_get_functiondef(${`queues.${name}`}::regprocedure) as text`;
    const text = row!.text.replace(what, () => into);
    ok(text !== row!.text, `${name} has no ${what}`);
    await sql.unsafe(text);
  });
}

async function patience(database: Database, time: string): Promise<void> {
  const constant = "c_patience constant interval := interval";
  await redefine(database, "advance_mark(text,interval)", new RegExp(`${constant} '[^']+'`), `${constant} '${time}'`);
}

/** Marks advance more often and pass writers sooner, so that a short time has many of both. */
async function hurry(database: Database): Promise<void> {
  await patience(database, "300 milliseconds");
  await redefine(
    database,
    "claim_messages(text,integer,uuid,boolean,boolean)",
    "queues.advance_mark(p_queue)",
    "queues.advance_mark(p_queue, '20 milliseconds')",
  );
}
