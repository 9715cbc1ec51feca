/**
 * What a claim, a settlement, a tick and health() cost by what lies around the messages that wait. Each is measured in turns
 * with a second database, where 10,000 messages are visible and nothing else is: only the ratios mean something on a busy
 * machine.
 */
import connect from "postgres";
import { createDatabase, type Database } from "../../stack/database.ts";
import { migrate } from "../../stack/migrate.ts";
import { sleep } from "../parts.ts";
import { heading, median, row } from "../table.ts";
import { readById } from "./contenders.ts";

const QUEUE = "analytics";
const TABLE = "pgmq.q_analytics";
const FEW = 10_000;
const BATCH = 10;
/** Even, so that the sides are in order again. */
const TIMES = 200;
const SLOW_TIMES = 15;

/** With an old snapshot open, behind delayed messages, and in front of many visible ones. */
export async function claims(
  server: Parameters<typeof createDatabase>[0],
  finished: number,
  visible: number,
): Promise<void> {
  await using calm = await open(server);
  await using busy = await open(server);
  const [claim, settle] = [`claim ${BATCH}`, `settle ${BATCH}`];
  heading(
    `milliseconds (median) and how many times those of ${FEW} visible messages; below, pages read`,
    [claim, settle, "dispatch()", "health()"],
  );
  await send(calm, FEW);
  await usingId(server, calm);

  const snapshot = connect(busy.database.url, { max: 1, onnotice: () => {} });
  try {
    await snapshot`begin isolation level repeatable read read only`;
    await snapshot`select count(*) from pg_class`;
    await finish(busy, finished);
    await send(busy, FEW);
    await measure(calm, busy, `after ${finished} finished, snapshot`);
    await snapshot`commit`;
  } finally {
    await snapshot.end();
  }

  await clear(busy);
  await send(busy, finished, 3600);
  await send(busy, FEW);
  await measure(calm, busy, `behind ${finished} delayed`);

  await clear(busy);
  await send(busy, visible);
  await measure(calm, busy, `${visible} visible`);
}

/** What the mark costs where nothing is in its way. */
async function usingId(server: Parameters<typeof createDatabase>[0], calm: Side): Promise<void> {
  await using side = await open(server);
  await readById(side.sql);
  await send(side, FEW);
  await measure(calm, side, "the same without a mark, by id");
}

interface Side extends AsyncDisposable {
  database: Database;
  sql: connect.Sql;
}

async function open(server: Parameters<typeof createDatabase>[0]): Promise<Side> {
  const database = await createDatabase(server);
  await migrate(database.url);
  const sql = connect(database.adminUrl, { max: 1, onnotice: () => {} });
  await sql`update queues.settings set retention_days = null where queue = ${QUEUE}`;
  // EXPLAIN gives no rows.
  await sql`create unlogged table claims (claim jsonb)`;
  return {
    database,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end();
      await database.drop();
    },
  };
}

async function clear({ sql }: Side): Promise<void> {
  await sql.unsafe(`truncate ${TABLE}, queues.failures, queues.settlements`);
  await sql`checkpoint`;
}

async function send({ sql }: Side, count: number, delaySecs = 0): Promise<void> {
  for (let sent = 0; sent < count; sent += FEW) await sendBatch(sql, Math.min(FEW, count - sent), delaySecs);
  // Now, so that autovacuum does not during the measurement.
  await sql.unsafe(`vacuum (analyze) ${TABLE}`);
}

async function sendBatch(sql: connect.Sql, count: number, delaySecs = 0): Promise<void> {
  await sql`select count(*) from pgmq.send_batch(${QUEUE}, array(
    select jsonb_build_object('n', n, 'text', repeat('x', 100)) from generate_series(1, ${count}::int) n), ${delaySecs}::int)`;
}

/** Leases and removes messages as workers do, in fewer statements. */
async function finish({ sql }: Side, count: number): Promise<void> {
  for (let done = 0; done < count; done += FEW) {
    await sendBatch(sql, FEW);
    await sql.unsafe(`update ${TABLE} set vt = clock_timestamp() + interval '60 seconds', read_ct = 1`);
    await sql.unsafe(`delete from ${TABLE}`);
    await sql`select claim_messages(${QUEUE}, 1)`;
  }
  // The leases lie up to their length ahead, and a tick looks half a minute behind the mark.
  await sleep(95_000);
}

type Figures = Record<"claim" | "settle" | "tick" | "health", { ms: number[]; pages: number[] }>;

async function measure(calm: Side, busy: Side, name: string): Promise<void> {
  const sides: [Side, Figures][] = [calm, busy].map((side) => [side, {
    claim: { ms: [], pages: [] },
    settle: { ms: [], pages: [] },
    tick: { ms: [], pages: [] },
    health: { ms: [], pages: [] },
  }]);
  for (const [{ sql }] of sides) await settleMark(sql);
  for (let n = 0; n < TIMES; n++) {
    // Each is first in turn.
    sides.reverse();
    for (const [{ sql }, figures] of sides) await claimAndSettle(sql, figures);
  }
  for (let n = 0; n < SLOW_TIMES; n++) {
    for (const [{ sql, database }, { tick, health }] of sides) {
      await sql`truncate queues.dispatches, queues.due, net.http_request_queue`;
      // On a new connection, as pg_cron does: without cached plans.
      const session = connect(database.url, { max: 1, onnotice: () => {} });
      await session`select`;
      await timed(session, "select queues.dispatch()", tick);
      await timed(session, "select * from queues.health()", health);
      await session.end();
    }
  }
  const [[, few], [, much]] = sides as [[Side, Figures], [Side, Figures]];
  const keys = Object.keys(few) as (keyof Figures)[];
  row(
    name,
    keys.map((key) => {
      const [before, now] = [few, much].map((figures) => median(figures[key].ms)) as [number, number];
      return `${now.toFixed(2)} x${(now / before).toFixed(2)}`;
    }),
  );
  row("", keys.map((key) => [much, few].map((figures) => median(figures[key].pages)).join(" / ")));
}

/** Marks advance once in half a second. */
async function settleMark(sql: connect.Sql): Promise<void> {
  for (let n = 0; n < 5; n++) {
    await sql`select claim_messages(${QUEUE}, 1)`;
    await sleep(600);
  }
}

/** As many messages come as go. */
async function claimAndSettle(sql: connect.Sql, { claim, settle }: Figures): Promise<void> {
  await sendBatch(sql, BATCH);
  await timed(sql, `insert into claims select claim_messages('${QUEUE}', ${BATCH})`, claim);
  const [row] = await sql`delete from claims returning claim`;
  const acks = row!.claim.messages.map((m: { msg_id: number; read_ct: number }) => [m.msg_id, m.read_ct]);
  if (acks.length !== BATCH) throw new Error(`a claim has ${acks.length} of ${BATCH} messages`);
  await timed(sql, `select settle_messages('${QUEUE}', '${JSON.stringify({ acks })}')`, settle);
}

async function timed(sql: connect.Sql, query: string, { ms, pages }: { ms: number[]; pages: number[] }): Promise<void> {
  const [row] = await sql.unsafe(`explain (analyze, buffers, timing off, format json) ${query}`);
  const [{ Plan: plan, "Execution Time": time }] = row!["QUERY PLAN"];
  ms.push(time);
  pages.push(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]);
}
