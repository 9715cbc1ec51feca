/** What rate limits add to a like: beside the same like without limits, in turns, and what many calls leave behind. */
import connect from "postgres";
import type { Stack } from "../stack/stack.ts";
import { heading, median, row } from "./table.ts";

/** Turns are short, so that whatever else the machine does meets both. */
const LIKES_IN_A_TURN = 320;

interface Case {
  clients: number;
  isHot: boolean;
  /** Whether a commit waits for the disk, which takes longer than all that limits do. */
  isDurable: boolean;
}

const CASES: Case[] = [1, 32].flatMap((clients) =>
  [false, true].map((isHot) => ({ clients, isHot, isDurable: false }))
);
CASES.push({ clients: 32, isHot: true, isDurable: true });

/** The time of a like, with limits on and off, at different keys and at one. */
export async function limits(stack: Stack, sql: connect.Sql, turns: number, hits: number): Promise<void> {
  // Nobody is refused, and every like has three keys.
  await sql`update queues.rate_limits set per_minute = 60000, burst = 10000, address_factor = 1000`;
  await sql`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`;
  await sql`update queues.settings set wakes = false`;
  await sql`insert into public.profiles (id) select gen_random_uuid() from generate_series(1, 32)`;
  await sql`
    insert into public.posts_new (id, profile_id)
    select gen_random_uuid(), (select id from public.profiles limit 1) from generate_series(1, 1000)`;
  const posts = (await sql<{ id: string }[]>`select id from public.posts_new`).map(({ id }) => id);
  const people = (await sql<{ id: string }[]>`select id from public.profiles`).map(({ id }) => id);

  heading(`milliseconds of a like in the database, with three keys; the medians of ${turns} pairs of turns`, [
    "without limits",
    "with limits",
    "added",
    "quartiles of it",
    "added CPU time",
  ]);
  for (const { clients, isHot, isDurable } of CASES) {
    const sessions = await Promise.all(
      people.slice(0, clients).map(async (person) => {
        const session = connect(stack.adminDatabaseUrl, { max: 1, onnotice: () => {} });
        await session`
        select set_config('request.jwt.claims', ${JSON.stringify({ sub: person })}, false),
          set_config('synchronous_commit', ${isDurable ? "on" : "off"}, false)`;
        return session;
      }),
    );
    try {
      const of: Record<"on" | "off", number[]> = { on: [], off: [] };
      const cpu: Record<"on" | "off", number[]> = { on: [], off: [] };
      // The first turns warm up.
      for (let turn = -2; turn < turns; turn++) {
        // Each is the first one in half of the pairs.
        for (const state of turn % 2 === 0 ? ["on", "off"] as const : ["off", "on"] as const) {
          await sql`update queues.rate_limits set enabled = ${state === "on"}`;
          const before = await cpuMs(sessions);
          const { ms, likes } = await run(sessions, posts, isHot, turn);
          if (turn < 0) continue;
          of[state].push(ms);
          cpu[state].push((await cpuMs(sessions) - before) / likes);
        }
      }
      const differences = ({ on, off }: typeof of) => on.map((ms, turn) => ms - off[turn]!).toSorted((a, b) => a - b);
      const added = differences(of);
      const quartile = (quarters: number) => added[Math.floor((added.length - 1) * quarters / 4)]!.toFixed(3);
      row(
        `${clients === 1 ? "1 client" : `${clients} clients`}, ${isHot ? "one address" : "different keys"}${
          isDurable ? ", disk" : ""
        }`,
        [
          median(of.off).toFixed(3),
          median(of.on).toFixed(3),
          median(added).toFixed(3),
          `${quartile(1)} to ${quartile(3)}`,
          median(differences(cpu)).toFixed(3),
        ],
      );
    } finally {
      await Promise.all(sessions.map((session) => session.end()));
    }
  }
  console.log(
    "A like holds its keys until its commit, so likes from one address wait for one another, for as long as a commit takes.\n" +
      "Over its limit an address is refused without waiting. The limits here refuse nobody.",
  );
  await remains(sql, hits);
}

/** Clients like different posts, so that they share limits only. Returns how long a like took a client. */
async function run(
  sessions: connect.Sql[],
  posts: string[],
  isHot: boolean,
  turn: number,
): Promise<{ ms: number; likes: number }> {
  const each = LIKES_IN_A_TURN / Math.max(sessions.length, 8);
  const share = posts.length / 32;
  const times = await Promise.all(sessions.map(async (session, client) => {
    const start = performance.now();
    for (let n = 0; n < each; n++) {
      const address = isHot ? "8.8.8.8" : `9.${client}.${n}.1`;
      await session`
        select set_config('request.headers', ${JSON.stringify({ "cf-connecting-ip": address })}, false),
          public.toggle_post_like(${posts[Math.floor(client * share + n % share)]!}, ${`${turn} ${client} ${
        isHot ? "" : n
      }`})`;
    }
    return performance.now() - start;
  }));
  return { ms: median(times) / each, likes: each * sessions.length };
}

/** What the backends have used, which other programs on this machine hardly change. Linux only: elsewhere not a number. */
async function cpuMs(sessions: connect.Sql[]): Promise<number> {
  const used = await Promise.all(sessions.map(async (session) => {
    const [row] = await session`
      select split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::float8 / 1e6 as ms`;
    return Number(row!.ms ?? NaN);
  }));
  return used.reduce((sum, ms) => sum + ms);
}

/** Rows, size and dead rows after many charged calls of a thousand sessions and one address, in transactions of their own. */
async function remains(sql: connect.Sql, hits: number): Promise<void> {
  await sql`update queues.rate_limits set enabled = true`;
  await sql`truncate queues.rate_limit_keys, queues.rate_limit_calls`;
  await sql`select pg_stat_reset()`;
  await sql.unsafe(`
    create procedure pg_temp.hit(p_hits integer) language plpgsql as $$
    declare
      v_keys queues.rate_limit_key[];
    begin
      for n in 1..p_hits loop
        v_keys := queues.rate_limit_keys_of('like', 'session ' || n % 1000, null);
        perform queues.charge(v_keys);
        perform queues.count_call('like', 'allowed', v_keys);
        commit;
      end loop;
    end $$`);
  await sql`select set_config('request.headers', '{"cf-connecting-ip": "8.8.8.8"}', false)`;
  const start = performance.now();
  await sql.unsafe(`call pg_temp.hit(${hits})`);
  const secs = (performance.now() - start) / 1_000;
  await sql`select pg_stat_force_next_flush()`;
  heading(`after ${hits} calls of 1000 sessions and one address, in ${secs.toFixed(0)} seconds`, [
    "rows",
    "kB",
    "kB of the index",
    "HOT updates",
  ]);
  for (const table of ["rate_limit_keys", "rate_limit_calls"]) {
    const [found] = await sql`
      select (xpath('//n/text()', query_to_xml(format('select count(*) as n from queues.%I', relname), false, true, '')))[1]::text
          as rows,
        pg_relation_size(relid) / 1024 as heap, pg_indexes_size(relid) / 1024 as index,
        round(100.0 * n_tup_hot_upd / nullif(n_tup_upd, 0), 1) as hot
      from pg_stat_user_tables where schemaname = 'queues' and relname = ${table}`;
    row(table, [found!.rows, found!.heap, found!.index, found!.hot === null ? "-" : `${found!.hot} %`]);
  }
}
