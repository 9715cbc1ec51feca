/**
 * A queue while an old snapshot is open: the same messages a second for a while without one, with one, and after it. Each
 * contender has a database of its own on the same server, one producer and one consumer, and its turn alone.
 */
import connect from "postgres";
import { createDatabase, type Database } from "../stack/database.ts";
import { migrate } from "../stack/migrate.ts";
import { sleep } from "./parts.ts";
import { heading, row } from "./table.ts";

const BATCH = 100;

export interface Plan {
  /** What a minute of the schedule lasts. */
  minuteSecs: number;
  perSec: number;
}

interface Contender {
  name: string;
  prepare(sql: connect.Sql): Promise<void>;
  send(sql: connect.Sql, count: number): Promise<void>;
  /** Handles up to a batch of messages, and returns how many. */
  consume(sql: connect.Sql): Promise<number>;
  backlog(sql: connect.Sql): Promise<number>;
  /** What runs beside it every ten seconds. */
  tick?(sql: connect.Sql): Promise<void>;
}

const sendBatch = async (sql: connect.Sql, count: number) => {
  await sql`select count(*) from pgmq.send_batch('analytics', array(
    select jsonb_build_object('n', n, 'text', repeat('x', 100)) from generate_series(1, ${count}::int) n))`;
};
const left = async (sql: connect.Sql) => (await sql`select count(*)::int as left from pgmq.q_analytics`)[0]!.left;

const ours: Contender = {
  name: "claim and settle",
  prepare: async (sql) => {
    await sql`update queues.settings set retention_days = null where queue = 'analytics'`;
  },
  send: sendBatch,
  consume: async (sql) => {
    const [claim] = await sql`select claim_messages('analytics', ${BATCH}) -> 'messages' as messages`;
    const acks = claim!.messages.map((m: { msg_id: number; read_ct: number }) => [m.msg_id, m.read_ct]);
    if (acks.length > 0) await sql`select settle_messages('analytics', ${sql.json({ acks })})`;
    return acks.length;
  },
  backlog: left,
  tick: async (sql) => {
    await sql`select queues.dispatch()`;
  },
};

/** As it was before there were marks: from the lowest id, whatever lies in front. */
const byId: Contender = {
  ...ours,
  name: "the same without a mark, by id",
  prepare: async (sql) => {
    await ours.prepare(sql);
    await sql`drop trigger stay_above_mark on pgmq.q_analytics`;
    const [lease] = await sql`
      select pg_get_functiondef('queues.lease(queues.settings,integer,timestamp with time zone)'::regprocedure) as text`;
    const text = lease!.text.replace(/order by vt\n\s+limit/, "order by msg_id\n limit");
    if (text === lease!.text) throw new Error("queues.lease does not read in the order of vt");
    await sql.unsafe(text.replace(/SET enable_seqscan TO 'off'\n/, ""));
  },
};

const pgmqItself: Contender = {
  name: "pgmq.read and pgmq.delete",
  prepare: async () => {},
  send: sendBatch,
  consume: async (sql) => {
    const messages = await sql`select msg_id from pgmq.read('analytics', 60, ${BATCH})`;
    if (messages.length > 0) {
      await sql`select pgmq.delete('analytics', ${messages.map(({ msg_id }) => msg_id)}::bigint[])`;
    }
    return messages.length;
  },
  backlog: left,
};

export async function bloat(server: Parameters<typeof createDatabase>[0], plan: Plan): Promise<void> {
  const { minuteSecs, perSec } = plan;
  const phases: [name: string, minutes: number][] = [["clean", 2], ["snapshot open", 6], ["after it", 2]];
  heading(
    `${perSec} messages a second, handled per second; ${
      phases.map(([name, minutes]) => `${minutes * minuteSecs} s ${name}`)
    }`,
    [...phases.map(([name]) => name), "left at the end"],
  );
  for (const contender of [ours, byId, pgmqItself]) {
    const database = await createDatabase(server);
    await migrate(database.url);
    row(contender.name, await run(contender, database, phases, plan));
  }
}

async function run(contender: Contender, { url }: Database, phases: [string, number][], plan: Plan): Promise<string[]> {
  const open = () => connect(url, { max: 1, onnotice: () => {} });
  const sessions = [open(), open(), open(), open()];
  const [producer, consumer, holder, ticker] = sessions as [connect.Sql, connect.Sql, connect.Sql, connect.Sql];
  let isOn = true;
  let handled = 0;
  try {
    await contender.prepare(producer);
    const started = performance.now();
    const produce = (async () => {
      let sent = 0;
      while (isOn) {
        const due = Math.floor((performance.now() - started) / 1000 * plan.perSec) - sent;
        if (due > 0) await contender.send(producer, due);
        sent += due;
        await sleep(50);
      }
    })();
    const consume = (async () => {
      while (isOn) {
        const count = await contender.consume(consumer);
        handled += count;
        if (count === 0) await sleep(10);
      }
    })();
    const ticks = (async () => {
      for (let n = 1; isOn; n++) {
        if (n % 100 === 0) await contender.tick?.(ticker);
        await sleep(100);
      }
    })();
    const rates: string[] = [];
    for (const [name, minutes] of phases) {
      if (name === "snapshot open") {
        await holder`begin isolation level repeatable read read only`;
        await holder`select count(*) from pg_class`;
      }
      const before = handled;
      const since = performance.now();
      await sleep(minutes * plan.minuteSecs * 1000);
      rates.push(Math.round((handled - before) / (performance.now() - since) * 1000).toString());
      if (name === "snapshot open") await holder`commit`;
    }
    isOn = false;
    await Promise.all([produce, consume, ticks]);
    return [...rates, String(await contender.backlog(consumer))];
  } finally {
    isOn = false;
    await Promise.all(sessions.map((sql) => sql.end({ timeout: 5 })));
  }
}
