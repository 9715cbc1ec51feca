/** What a claim, a settlement, a tick and health() cost by what lies around the messages that wait. */
import connect from "postgres";
import type { Stack } from "../stack/stack.ts";
import { heading, median, row } from "./table.ts";

const QUEUE = "analytics";
const TABLE = "pgmq.q_analytics";
const TIMES = 41;

/** With an old snapshot open, behind delayed messages, and in front of many visible ones. */
export async function bloatClaims(stack: Stack, sql: connect.Sql, finished: number, visible: number): Promise<void> {
  await sql`update queues.settings set retention_days = null where queue = ${QUEUE}`;
  heading(`milliseconds, the median of ${TIMES}`, ["claim 10", "settle 10", "dispatch()", "health()"]);
  await send(sql, 10_000);
  await measure(stack, sql, "10,000 visible");

  const snapshot = connect(stack.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await snapshot`begin isolation level repeatable read read only`;
    await snapshot`select count(*) from pg_class`;
    await finish(sql, finished);
    await send(sql, 10_000);
    await measure(stack, sql, `after ${finished} finished, snapshot open`);
    await snapshot`commit`;
  } finally {
    await snapshot.end();
  }

  await clear(sql);
  await send(sql, finished, 3600);
  await send(sql, 10_000);
  await measure(stack, sql, `behind ${finished} delayed`);

  await clear(sql);
  await send(sql, visible);
  await measure(stack, sql, `${visible} visible`);
}

async function clear(sql: connect.Sql): Promise<void> {
  await sql.unsafe(`truncate ${TABLE}, queues.failures, queues.settlements`);
  await sql`checkpoint`;
}

async function send(sql: connect.Sql, count: number, delaySecs = 0): Promise<void> {
  for (let sent = 0; sent < count; sent += 10_000) {
    await sql`select count(*) from pgmq.send_batch(${QUEUE}, array(
      select jsonb_build_object('n', n, 'text', repeat('x', 100))
      from generate_series(1, ${Math.min(10_000, count - sent)}::int) n), ${delaySecs}::int)`;
  }
  // Now, so that autovacuum does not during the measurement.
  await sql.unsafe(`vacuum (analyze) ${TABLE}`);
}

/** Leases and removes messages as workers do, in fewer statements. */
async function finish(sql: connect.Sql, count: number): Promise<void> {
  await sql.unsafe(`update ${TABLE} set vt = clock_timestamp() + interval '60 seconds', read_ct = 1`);
  await sql.unsafe(`delete from ${TABLE}`);
  for (let done = 0; done < count; done += 10_000) {
    await send(sql, 10_000);
    await sql.unsafe(`update ${TABLE} set vt = clock_timestamp() + interval '60 seconds', read_ct = 1`);
    await sql.unsafe(`delete from ${TABLE}`);
    await sql`select claim_messages(${QUEUE}, 1)`;
  }
  // The leases lie up to their length ahead, and a tick looks half a minute behind the mark.
  await new Promise((resolve) => setTimeout(resolve, 95_000));
  for (let n = 0; n < 5; n++) {
    await sql`select claim_messages(${QUEUE}, 1)`;
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
}

async function measure(stack: Stack, sql: connect.Sql, name: string): Promise<void> {
  const ms: Record<string, number[]> = { claim: [], settle: [], tick: [], health: [] };
  const timed = async (what: string, query: string, database = sql) => {
    const started = performance.now();
    const [result] = await database.unsafe(query);
    ms[what]!.push(performance.now() - started);
    return result!;
  };
  // Marks advance once in half a second.
  for (let n = 0; n < 4; n++) {
    await sql`select claim_messages(${QUEUE}, 1)`;
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  for (let n = 0; n < TIMES; n++) {
    const { claim } = await timed("claim", `select claim_messages('${QUEUE}', 10) as claim`);
    const acks = claim.messages.map((m: { msg_id: number; read_ct: number }) => [m.msg_id, m.read_ct]);
    if (acks.length !== 10) throw new Error(`a claim has ${acks.length} of 10 messages`);
    await timed("settle", `select settle_messages('${QUEUE}', '${JSON.stringify({ acks })}')`);
  }
  for (let n = 0; n < 11; n++) {
    await sql`truncate queues.dispatches, queues.due, net.http_request_queue`;
    // On a new connection, as pg_cron does: without cached plans.
    const session = connect(stack.databaseUrl, { max: 1, onnotice: () => {} });
    await session`select`;
    await timed("tick", "select queues.dispatch() as calls", session);
    await timed("health", "select * from queues.health()", session);
    await session.end();
  }
  row(name, Object.values(ms).map((values) => `${median(values).toFixed(2)} (${Math.max(...values).toFixed(1)})`));
}
