/**
 * A queue while an old snapshot is open: the same messages a second for a while without one, with one, and after it. Each
 * contender has a database of its own on the same server, one producer and one consumer, and its turn alone.
 */
import connect from "postgres";
import { createDatabase } from "../../stack/database.ts";
import { migrate } from "../../stack/migrate.ts";
import { sleep } from "../parts.ts";
import { heading, row } from "../table.ts";
import { type Open, ours, pgmqItself, readById } from "./contenders.ts";
import { graphileWorker, pgBoss } from "./rivals.ts";

export interface Plan {
  /** What a minute of the schedule lasts. */
  minuteSecs: number;
  perSec: number;
}

/** What stays open for the second phase. */
type Hold = (sql: connect.Sql) => Promise<void>;

const snapshot: Hold = async (sql) => {
  await sql`begin isolation level repeatable read read only`;
  await sql`select count(*) from pg_class`;
};
/** As one that writes, it also holds the mark. */
const writer: Hold = async (sql) => {
  await sql`begin`;
  await sql`select pgmq.send('analytics', '{"n": 0}')`;
};
const prepared: Hold = async (sql) => {
  await writer(sql);
  await sql`prepare transaction 'bench'`;
};

const RUNS: [name: string, open: Open, hold: Hold][] = [
  ["claim and settle", ours(), snapshot],
  ["  a transaction that wrote open", ours(), writer],
  ["  a prepared transaction open", ours(), prepared],
  ["  without a mark, by id", ours(readById), snapshot],
  ["pgmq.read and pgmq.delete", pgmqItself, snapshot],
  ["pg-boss", pgBoss, snapshot],
  ["graphile-worker", graphileWorker, snapshot],
];
const PHASES: [name: string, minutes: number][] = [["clean", 2], ["snapshot open", 6], ["after it", 2]];

export async function schedule(server: Parameters<typeof createDatabase>[0], plan: Plan): Promise<void> {
  heading(
    `${plan.perSec} messages a second, handled per second; ${
      PHASES.map(([name, minutes]) => `${minutes * plan.minuteSecs} s ${name}`)
    }`,
    [...PHASES.map(([name]) => name), "left at the end"],
  );
  for (const [name, open, hold] of RUNS) {
    await using database = await createDatabase(server);
    await migrate(database.url);
    row(name, await run(open, hold, database.url, plan));
  }
}

async function run(open: Open, hold: Hold, url: string, { minuteSecs, perSec }: Plan): Promise<string[]> {
  await using contender = await open(url);
  const holder = connect(url, { max: 1, onnotice: () => {} });
  let isOn = true;
  let handled = 0;
  try {
    const started = performance.now();
    const produce = async () => {
      let sent = 0;
      while (isOn) {
        const due = Math.floor((performance.now() - started) / 1000 * perSec) - sent;
        if (due > 0) await contender.send(due);
        sent += due;
        await sleep(50);
      }
    };
    const consume = async () => {
      while (isOn) {
        const count = await contender.consume();
        handled += count;
        if (count === 0) await sleep(10);
      }
    };
    const tick = async () => {
      for (let n = 1; isOn; n++) {
        if (n % 100 === 0) await contender.tick?.();
        await sleep(100);
      }
    };
    const all = Promise.all([produce(), consume(), tick()]);
    const rates: string[] = [];
    for (const [n, [, minutes]] of PHASES.entries()) {
      if (n === 1) await hold(holder);
      const before = handled;
      const since = performance.now();
      await Promise.race([all, sleep(minutes * minuteSecs * 1000)]);
      rates.push(Math.round((handled - before) / (performance.now() - since) * 1000).toString());
      if (n === 1) await (hold === prepared ? holder`commit prepared 'bench'` : holder`commit`);
    }
    isOn = false;
    await all;
    return [...rates, String(await contender.backlog())];
  } finally {
    isOn = false;
    await holder.end({ timeout: 5 });
  }
}
