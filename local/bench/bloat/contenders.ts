/** The queues that are compared while an old snapshot is open: ours, ours without a mark, and pgmq's own functions. */
import connect from "postgres";

/** Messages that a consumer takes at once. */
export const BATCH = 100;

export interface Contender extends AsyncDisposable {
  send(count: number): Promise<void>;
  /** Handles up to a batch of messages, and returns how many. */
  consume(): Promise<number>;
  backlog(): Promise<number>;
  /** What runs beside it every ten seconds. */
  tick?(): Promise<void>;
}

export type Open = (url: string) => Promise<Contender>;

/** Claim and settle; `prepare` may change the database before. */
export const ours = (prepare?: (sql: connect.Sql) => Promise<void>): Open => (url) =>
  onPgmq(
    url,
    async (sql) => {
      await sql`update queues.settings set retention_days = null where queue = 'analytics'`;
      await prepare?.(sql);
    },
    async (sql) => {
      const [claim] = await sql`select claim_messages('analytics', ${BATCH}) -> 'messages' as messages`;
      const acks = claim!.messages.map((m: { msg_id: number; read_ct: number }) => [m.msg_id, m.read_ct]);
      if (acks.length > 0) await sql`select settle_messages('analytics', ${sql.json({ acks })})`;
      return acks.length;
    },
    async (sql) => {
      await sql`select queues.dispatch()`;
    },
  );

/** As it was before there were marks: from the lowest id, whatever lies in front. */
export async function readById(sql: connect.Sql): Promise<void> {
  await sql`drop trigger stay_above_mark on pgmq.q_analytics`;
  const [lease] = await sql`
    select pg_get_functiondef('queues.lease(queues.settings,integer,timestamp with time zone)'::regprocedure) as text`;
  const text = lease!.text.replace(/order by vt\n\s+limit/, "order by msg_id\n limit");
  if (text === lease!.text) throw new Error("queues.lease does not read in the order of vt");
  await sql.unsafe(text.replace(/SET enable_seqscan TO 'off'\n/, ""));
}

export const pgmqItself: Open = (url) =>
  onPgmq(
    url,
    async () => {},
    async (sql) => {
      const messages = await sql`select msg_id from pgmq.read('analytics', 60, ${BATCH})`;
      if (messages.length > 0) {
        await sql`select pgmq.delete('analytics', ${messages.map(({ msg_id }) => msg_id)}::bigint[])`;
      }
      return messages.length;
    },
  );

async function onPgmq(
  url: string,
  prepare: (sql: connect.Sql) => Promise<void>,
  consume: (sql: connect.Sql) => Promise<number>,
  tick?: (sql: connect.Sql) => Promise<void>,
): Promise<Contender> {
  const open = () => connect(url, { max: 1, onnotice: () => {} });
  const [producer, consumer, ticker] = [open(), open(), open()];
  await prepare(producer);
  return {
    async send(count) {
      await producer`select count(*) from pgmq.send_batch('analytics', array(
        select jsonb_build_object('n', n, 'text', repeat('x', 100)) from generate_series(1, ${count}::int) n))`;
    },
    consume: () => consume(consumer),
    backlog: async () => (await consumer`select count(*)::int as left from pgmq.q_analytics`)[0]!.left,
    ...tick && { tick: () => tick(ticker) },
    async [Symbol.asyncDispose]() {
      await Promise.all([producer, consumer, ticker].map((sql) => sql.end({ timeout: 5 })));
    },
  };
}
