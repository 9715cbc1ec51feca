/** The time of one tick of the dispatcher and of one call of health(), by the contents of the queues. */
import connect from "postgres";
import type { Stack } from "../stack/stack.ts";
import { heading, median, row } from "./table.ts";

const QUEUES = ["like_events", "notifications", "analytics", "images", "comments"];
const TICKS = 25;

/** Without messages, with visible and with delayed ones. pg_net does not run, so no worker is called. */
export async function dispatch(stack: Stack, sql: connect.Sql, backlog: number): Promise<void> {
  await createQueues(sql);
  heading(`${QUEUES.length} queues, milliseconds (the slowest of ${TICKS})`, [
    "queues.dispatch()",
    "calls",
    "queues.health()",
  ]);
  await measure(stack, sql, "empty queues");
  await fill(sql, Math.ceil(backlog / QUEUES.length));
  await measure(stack, sql, `${backlog} visible messages`);
  await postpone(sql);
  await measure(stack, sql, `${backlog} delayed messages`);
}

async function createQueues(sql: connect.Sql): Promise<void> {
  await sql`
    insert into queues.settings (queue, function_name)
    select queue, 'process-' || queue from unnest(${QUEUES}::text[]) queue
    on conflict do nothing`;
  await sql`select queues.create_queue(queue) from unnest(${QUEUES}::text[]) queue`;
}

async function fill(sql: connect.Sql, messages: number): Promise<void> {
  const body = { event: "post_view", session_id: "session", timestamp: new Date().toISOString() };
  for (const queue of QUEUES) {
    await sql`
      select count(*)
      from (select n / 10000 as batch, array_agg(${sql.json(body)}::jsonb) as messages
        from generate_series(0, ${messages}::integer - 1) n group by 1) m,
        pgmq.send_batch(${queue}, messages)`;
    const [{ count }] = await sql.unsafe(`select count(*)::integer as count from pgmq.q_${queue}`) as [
      { count: number },
    ];
    if (count !== messages) throw new Error(`${count} of ${messages} messages are in ${queue}`);
  }
  await settle(sql);
}

async function postpone(sql: connect.Sql): Promise<void> {
  for (const queue of QUEUES) await sql.unsafe(`update pgmq.q_${queue} set vt = vt + interval '1 hour'`);
  await settle(sql);
}

/** Vacuums now, so that autovacuum does not during the measurement. */
async function settle(sql: connect.Sql): Promise<void> {
  for (const queue of QUEUES) await sql.unsafe(`vacuum (analyze) pgmq.q_${queue}`);
  await sql`checkpoint`;
}

async function measure(stack: Stack, sql: connect.Sql, name: string): Promise<void> {
  const ticks: number[] = [];
  const reads: number[] = [];
  const calls = new Set<number>();
  for (let n = 0; n < TICKS; n++) {
    // Every queue is due and no worker runs, so that each tick calls workers of all.
    await sql`truncate queues.dispatches, queues.due, net.http_request_queue`;
    const tick = await timed<{ calls: number }>(stack, "select queues.dispatch() as calls");
    ticks.push(tick.ms);
    calls.add(tick.rows[0]!.calls);
    reads.push((await timed(stack, "select * from queues.health()")).ms);
  }
  row(name, [times(ticks), [...calls].join(" or "), times(reads)]);
}

/** On a new connection, as pg_cron does: without cached plans. */
async function timed<Row extends object>(stack: Stack, query: string): Promise<{ rows: Row[]; ms: number }> {
  const sql = connect(stack.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`select`;
    const started = performance.now();
    const rows = await sql.unsafe<Row[]>(query);
    return { rows, ms: performance.now() - started };
  } finally {
    await sql.end();
  }
}

function times(values: number[]): string {
  return `${median(values).toFixed(1)} (${Math.max(...values).toFixed(1)})`;
}
