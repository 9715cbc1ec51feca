/** Settles a golden claim and compares the rows that this leaves. */
import type connect from "postgres";
import { differenceBetween } from "../difference.ts";
import { bodyOf } from "./arrange.ts";
import { RUN } from "./claim.ts";
import type { Contract, Json, Row } from "./contract.ts";
import { effects } from "./effects.ts";

/** The first difference between the rows that `settlement` leaves and those of the contract's; null if there is none. */
export async function problemWith(sql: connect.Sql, contract: Contract, settlement: Row): Promise<string | null> {
  await sql`savepoint claimed`;
  try {
    const body = sql.json({ run_id: RUN, ...settlement });
    const [row] = await sql`select settle_messages(${contract.queue}, ${body}) as settled`;
    const { applied, lost } = row!.settled;
    if (!applied) return `the leases of ${lost} are lost`;
    return await differenceLeft(sql, contract);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // For malformed settlements and rows that a table rejects.
    if (!/^(PT422|2[23]...)$/.test(code ?? "")) throw error;
    return message;
  } finally {
    await sql`rollback to claimed`;
  }
}

async function differenceLeft(sql: connect.Sql, contract: Contract): Promise<string | null> {
  const difference = differenceBetween(await messagesLeft(sql, contract.queue), expectedMessages(contract));
  if (difference) return difference;
  for (const [effect, rows] of Object.entries(contract.settlement.effects ?? {})) {
    const check = effects[effect];
    if (!check) throw new Error(`tests/sql/contracts/effects.ts has no entry for \`${effect}\``);
    const { real, expected } = await check(sql, rows, contract);
    const difference = differenceBetween(real, expected);
    if (difference) return `effects.${effect}${difference}`;
  }
  return null;
}

async function messagesLeft(sql: connect.Sql, queue: string): Promise<Json> {
  const table = (prefix: string, suffix = "") => sql(`pgmq.${prefix}_${queue}${suffix}`);
  const [row] = await sql`
    select json_build_object(
      'waiting', array(select to_json(r) from (
        select msg_id, read_ct, extract(epoch from vt - now())::int as delay_secs, failures, settlements,
          settled_read_ct, last_code, last_error, to_json(delivered) as delivered
        from ${table("q")} q left join queues.failures f using (msg_id) where f.queue = ${queue} order by msg_id) r),
      'archived', array(select msg_id from ${table("a")} order by msg_id),
      'dropped', array(select headers -> 'dropped' from ${table("a")} where headers ? 'dropped' order by msg_id),
      'dead_letters', array(select message from ${table("q", "_dlq")} order by message -> 'msg_id'),
      'run', (select to_json(r) from (
        select claimed, processed, retried, deferred, released, dead_lettered, settled_seq, stopped_because
        from queues.runs where id = ${RUN}) r)) as left`;
  return row!.left;
}

function expectedMessages({ queue, claim, settlement }: Contract): Json {
  const { acks = [], drops = [], releases = [], retries = [], deferrals = [], dead_letters = [] } = settlement;
  const waiting = (failed: boolean) => ({ msg_id, read_ct, delay_secs, code, error, delivered = [] }: Row) => ({
    msg_id,
    read_ct,
    delay_secs,
    failures: failed ? 1 : 0,
    settlements: 1,
    settled_read_ct: read_ct,
    last_code: failed ? code : null,
    last_error: failed ? error : null,
    delivered,
  });
  const released = releases.map(([msg_id, read_ct]: number[]) => ({ msg_id, read_ct, delay_secs: 0 }));
  const dead = ({ msg_id, code, error }: Row) => {
    const message = claim.messages.find((message) => message.msg_id === msg_id)!;
    return {
      queue,
      msg_id,
      enqueued_at: message.enqueued_at,
      message: bodyOf(message),
      reason: code,
      error,
      attempts: 1,
      crashes: 0,
      first_failed_at: claim.now,
      last_failed_at: claim.now,
      history: [{ at: claim.now, code, error, run_id: RUN }],
    };
  };
  const byId = (a: Row, b: Row) => a.msg_id - b.msg_id;
  return {
    waiting: [...retries.map(waiting(true)), ...deferrals.map(waiting(false)), ...released.map(waiting(false))].sort(
      byId,
    ),
    archived: [...acks.map(([msg_id]: number[]) => msg_id), ...drops.map(({ msg_id }: Row) => msg_id)]
      .sort((a: number, b: number) => a - b),
    dropped: drops.toSorted(byId).map(({ code, error }: Row) => ({ code, error })),
    dead_letters: dead_letters.map(dead).sort(byId),
    run: {
      claimed: claim.messages.length,
      processed: acks.length + drops.length,
      retried: retries.length,
      deferred: deferrals.length,
      released: releases.length,
      dead_lettered: dead_letters.length,
      settled_seq: settlement.seq,
      stopped_because: settlement.stopped_because ?? null,
    },
  };
}
