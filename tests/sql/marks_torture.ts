/**
 * Many sessions that send, claim, settle, crash and meddle at once, and two observers: one looks for messages before the
 * mark all the time, one does the ticks and looks whether a tick leaves any that it could have seen. At the end the queue
 * must run empty.
 */
import type connect from "postgres";
import type { Database } from "../../local/stack/database.ts";
import { runClock, stepClock } from "./clock.ts";
import { Random } from "./random.ts";
import { Sessions } from "./sessions.ts";

const QUEUE = "analytics";
const TABLE = "pgmq.q_analytics";
/** The name of the sessions that may be ended by others. */
const ACTOR = "actor";
/** A message that so many ticks have left behind is found by none. */
const TICKS = 20;
/** A queue of which nothing was handled for so long does not run empty: leases end after two seconds. */
const STUCK_MS = 120_000;

export interface Torture {
  seed: number;
  secs: number;
  /** The clock is put back and forward. */
  clock?: boolean;
  /** Queues are purged, dropped and created again, and sequences restarted. */
  rebuilds?: boolean;
  /** Ends with the first message that is hidden. */
  endsAtOnce?: boolean;
}

export interface Outcome {
  /** Messages that lay before the mark although the mark had passed no writer. */
  hidden: string[];
  /** Messages that a tick did not find. */
  notFound: string[];
  /** Messages that were left at the end. */
  stuck: number;
  did: Record<string, number>;
}

export async function torture(
  database: Database,
  { seed, secs, clock, rebuilds, endsAtOnce }: Torture,
): Promise<Outcome> {
  await using sessions = new Sessions(database, { application_name: ACTOR });
  await using own = new Sessions(database);
  const outcome: Outcome = { hidden: [], notFound: [], stuck: 0, did: {} };
  const did = (what: string, times = 1) => outcome.did[what] = (outcome.did[what] ?? 0) + times;
  const [admin] = await own.open(1);
  if (clock) await runClock(database);
  await admin!`update queues.settings set visibility_timeout_secs = 2, max_crashes = 20, retention_days = null
    where queue = ${QUEUE}`;
  await admin!`select queues.create_queue(${QUEUE})`;

  let sends = true;
  let works = true;
  const failures: unknown[] = [];

  const actor = async (name: string, isOn: () => boolean, act: (sql: connect.Sql, random: Random) => Promise<void>) => {
    const random = new Random(`${seed} ${name}`);
    let sql: connect.Sql | undefined;
    while (isOn() && failures.length === 0) {
      try {
        sql ??= (await sessions.open(1))[0]!;
        await act(sql, random);
      } catch (error) {
        const { code, message } = error as { code?: string; message: string };
        if (!EXPECTED.has(code ?? "")) {
          failures.push(new Error(`${name}: ${message} (${code})`, { cause: error }));
          return;
        }
        did(`error ${code}`);
        await sql?.end({ timeout: 1 });
        sql = undefined;
      }
    }
  };

  const produce = async (sql: connect.Sql, random: Random, waitMs = random.pick([0, 0, 0, 5, 20, 100, 300])) => {
    await sql`begin`;
    if (random.one(15)) await sql`set transaction isolation level repeatable read`;
    if (random.one(15)) {
      await sql`savepoint s`;
      await sql`select pgmq.send(${QUEUE}, '{"n": 0}')`;
      await sql`rollback to s`;
    }
    const count = random.one(3) ? random.below(40) + 1 : 1;
    const kind = random.below(20);
    if (kind < 14) await sql`select pgmq.send_batch(${QUEUE}, array_fill('{"n": 1}'::jsonb, array[${count}::int]))`;
    else if (kind < 17) await sql`select pgmq.send(${QUEUE}, '{"n": 2}', ${random.below(2)}::int)`;
    // The clock is read long before the row is written.
    else if (kind < 18) {
      await sql`with t as materialized (select clock_timestamp() as vt), slept as materialized (
          select pg_sleep(${random.below(1500) / 1000}) from t)
        insert into pgmq.q_analytics (vt, message) select t.vt, '{"n": 3}' from t, slept`;
    } else {
      await sql`insert into pgmq.q_analytics (vt, message)
        values (clock_timestamp() - ${random.pick(["1 hour", "1 second", "0.2 seconds"])}::interval, '{"n": 4}')`;
    }
    await sleep(waitMs);
    if (random.one(10)) {
      await sql`rollback`;
      did("rolled back");
    } else {
      await sql`commit`;
      did("sent", count);
    }
    await sleep(random.below(20));
  };

  const consume = async (sql: connect.Sql, random: Random) => {
    const inTransaction = random.one(5);
    if (inTransaction) await sql`begin`;
    const [row] = await sql`select claim_messages(${QUEUE}, ${random.pick([1, 5, 20, 50])}) as claim`;
    if (inTransaction) {
      if (random.one(2)) await sleep(random.below(300));
      if (random.one(2)) {
        await sql`rollback`;
        did("rolled back claims");
        return;
      }
      await sql`commit`;
    }
    const leases = (row!.claim.messages as { msg_id: number; read_ct: number }[]).map((m) => [m.msg_id, m.read_ct]);
    if (leases.length === 0) {
      await sleep(20);
      return;
    }
    did("claimed", leases.length);
    if (sends && random.one(15)) {
      did("abandoned", leases.length);
      return;
    }
    const acked = sends ? Math.floor(leases.length * random.pick([1, 1, 0.7, 0.3])) : leases.length;
    const left = leases.slice(acked);
    const half = Math.ceil(left.length / 2);
    const settlement = {
      acks: leases.slice(0, acked),
      releases: left.slice(half),
      retries: left.slice(0, half).map(([msg_id, read_ct]) => ({
        msg_id,
        read_ct,
        delay_secs: random.below(2),
        code: "database_rejected",
        error: "torture",
      })),
    };
    await sql`begin`;
    await sql`select settle_messages(${QUEUE}, ${sql.json(settlement)})`;
    await sleep(random.one(30) ? random.below(2500) : random.pick([0, 0, 50]));
    await sql.unsafe(random.one(15) ? "rollback" : "commit");
    did("settled", leases.length);
  };

  const meddle = async (sql: connect.Sql, random: Random) => {
    await sleep(100 + random.below(400));
    const what = random.below(rebuilds ? 8 : 4);
    if (what < 2) {
      const vt = random.pick(["'-infinity'", "clock_timestamp() - interval '1 hour'", "clock_timestamp()"]);
      await sql.unsafe(`begin; update ${TABLE} set vt = ${vt} where msg_id in (
        select msg_id from ${TABLE} where vt > clock_timestamp() order by random() limit 2 for update skip locked)`);
      await sleep(random.below(400));
      await sql`commit`;
      did("moved to the past");
    } else if (what === 2) {
      await sql`select queues.redrive(${QUEUE})`;
      did("redriven");
    } else if (what === 3) {
      const actors = await sql`select pid from pg_stat_activity
        where datname = current_database() and application_name = ${ACTOR} and pid <> pg_backend_pid()
          and query !~ 'observer' order by pid`;
      // One that has ended meanwhile is no error.
      if (actors.length > 0) await sql`select pg_terminate_backend(${random.pick([...actors])!.pid})`;
      did("killed");
    } else if (what === 4) {
      await sql`select pgmq.purge_queue(${QUEUE})`;
      did("purged");
    } else if (what === 5) {
      await sql.unsafe(`alter sequence ${TABLE}_msg_id_seq restart`);
      did("restarted a sequence");
    } else if (what === 6) {
      await sql.unsafe(`begin; select pgmq.drop_queue('${QUEUE}'); select queues.create_queue('${QUEUE}'); commit`);
      did("created anew");
    } else {
      // What a data-only restore does.
      await sql.unsafe(`begin; alter table ${TABLE} disable trigger all;
        insert into ${TABLE} (vt, message) select clock_timestamp() - interval '2 hours', '{"n": 5}' from generate_series(1, 20);
        alter table ${TABLE} enable trigger all; commit`);
      did("restored");
      await sleep(random.below(300));
      await sql`select queues.create_queue(${QUEUE})`;
    }
  };

  // Rows before the mark, and whether the mark has passed a writer, of one snapshot.
  const before = async (sql: connect.Sql) => {
    await sql`begin isolation level repeatable read`;
    const [seen] = await sql`
      select /* observer */ m.passed <> '{}' as has_passed,
        to_json(array(select concat(msg_id, ' ', vt, ' ', m.due_after) from pgmq.q_analytics where vt <= m.due_after)) as hidden
      from queues.newest_mark(${QUEUE}) m`;
    await sql`commit`;
    return seen as { has_passed: boolean; hidden: string[] };
  };
  const name = (seen: string) => seen.split(" ").slice(0, -2).join(" ");

  const look = async (sql: connect.Sql) => {
    const { has_passed, hidden } = await before(sql);
    if (!has_passed && !clock) outcome.hidden.push(...hidden);
    if (hidden.length > 0) did("looks with messages before the mark");
    did("looks");
    await sleep(10);
  };

  /** Messages that ticks did not find, and how many ticks one after the other. */
  const missed = new Map<string, number>();
  const tick = async (sql: connect.Sql) => {
    await sleep(300);
    const seen = (await before(sql)).hidden;
    await sql`/* observer */ select queues.show_hidden(${QUEUE}), queues.advance_mark(${QUEUE}, '0')`;
    const left = new Set((await before(sql)).hidden.map(name));
    // A tick has little time, skips rows that are locked, and finds nothing of a writer that still holds its lock although
    // its rows are visible. On a busy machine each of these may last for some ticks.
    for (const row of missed.keys()) if (!left.has(row)) missed.delete(row);
    for (const row of seen.filter((row) => left.has(name(row)))) {
      const ticks = (missed.get(name(row)) ?? 0) + 1;
      missed.set(name(row), ticks);
      if (ticks === TICKS) outcome.notFound.push(row);
    }
    did("ticks");
  };

  let behindMs = 0;
  const turnClock = async (sql: connect.Sql, random: Random) => {
    await sleep(500 + random.below(1500));
    const ms = random.pick([-20_000, -5_000, -2_000, -500, -300, 300, 2_000]);
    await stepClock(sql, ms);
    behindMs -= ms;
    did("clock steps");
  };

  const actors = [
    ...[1, 2, 3, 4].map((n) => actor(`producer ${n}`, () => sends, produce)),
    ...[1, 2, 3].map((n) => actor(`consumer ${n}`, () => works, consume)),
    // Longer than the mark waits for a writer.
    actor("patient producer", () => sends, (sql, random) => produce(sql, random, 1000 + random.below(1000))),
    actor("observer", () => works, look),
    actor("ticks", () => works, tick),
  ];
  const disturbers = [
    actor("meddler", () => sends, meddle),
    ...clock ? [actor("clock", () => sends, turnClock)] : [],
  ];
  const isFound = () => endsAtOnce && outcome.hidden.length + outcome.notFound.length > 0;
  const hasWorked = () => (outcome.did["settled"] ?? 0) > 0 && (outcome.did["ticks"] ?? 0) > 0;
  for (let ms = 0; (ms < secs * 1000 || !hasWorked()) && failures.length === 0 && !isFound(); ms += 100) {
    await sleep(100);
  }
  sends = false;
  // Nobody has to wait for a clock that was put back, and after that it is not put back again.
  await Promise.all(disturbers);
  if (clock) await stepClock(admin!, Math.max(0, behindMs) + 60_000);
  // Leases and retries end, and there are many ticks. Messages are stuck if their number stays for long.
  for (let movedAt = Date.now(); Date.now() < movedAt + STUCK_MS && failures.length === 0 && !isFound();) {
    await sleep(100);
    const [row] = await admin!`select count(*)::int from pgmq.q_analytics`;
    if (row!.count !== outcome.stuck) movedAt = Date.now();
    outcome.stuck = row!.count;
    if (outcome.stuck === 0) break;
  }
  works = false;
  await Promise.all(actors);
  if (failures.length > 0) throw failures[0];
  return outcome;
}

/** Two sessions in each other's way, a session that was ended, and a queue that is gone for a moment. */
const EXPECTED = new Set([
  "PT409",
  "40001",
  "40P01",
  "55P03",
  "57P01",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  // A sequence that was restarted: a producer compares its ids every ten seconds.
  "23505",
  "PT404",
  "42P01",
  "XX000",
  "P0001",
]);

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
