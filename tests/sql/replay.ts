/**
 * Replays a recorded simulation (tests/simulation/recording.rs) on a real database. Each call that reached the model is made
 * at the same time of the clock, and must have the same answer and leave the same state.
 */
import type connect from "postgres";
import { setClock } from "./clock.ts";
import { differenceBetween } from "./difference.ts";
import { undone } from "./undone.ts";

interface Start {
  start: string;
  policy: Record<string, number>;
  max_crashes: number;
  bodies: string[];
  /** Messages whose effects the database rejects. */
  refused: number[];
  /** What was deleted after the claim: the id of a message as a UUID. */
  vanished: string[];
  /** Messages for which the claim hook raises the error {code, message}. */
  without_context: number[];
  no_context: [code: string, message: string];
  providers: string[];
}

type Call =
  & { at_us: number; reply: unknown; left: unknown }
  & (
    | { claim: { run: string; limit: number | null; alone: boolean } }
    | { settlement: connect.JSONValue }
  );

/** The first call with another answer or another state than the model's; null if there is none. */
export async function firstDifference(sql: connect.Sql, recording: string): Promise<string | null> {
  const [start, ...calls] = recording.trimEnd().split("\n").map((line) => JSON.parse(line)) as [Start, ...Call[]];
  return await undone(sql, async () => {
    await setClock(sql, start.start);
    await prepare(sql, start);
    for (const [index, call] of calls.entries()) {
      await setClock(sql, start.start, call.at_us);
      const reply = await answer(sql, call);
      const left = await state(sql);
      const difference = differenceBetween({ reply, left }, { reply: call.reply, left: call.left });
      if (difference) {
        const what = JSON.stringify("claim" in call ? call.claim : call.settlement);
        return `call ${index + 1} of ${calls.length}, ${what}: ${difference}`;
      }
    }
    return null;
  });
}

/** Gives the queue `analytics` the settings of the simulation. */
async function prepare(sql: connect.Sql, simulated: Start) {
  const { start, policy, max_crashes, bodies, refused, vanished, without_context, no_context, providers } = simulated;
  const list = (values: (string | number)[]) => `array[${values.map((value) => `'${value}'`)}]::text[]`;
  await sql.unsafe(`
    create function queues.simulated_us(p_at timestamptz) returns bigint language sql as
      $$ select extract(epoch from p_at - '${start}') * 1000000 $$;
    create function queues.simulated_hook(p_messages jsonb) returns jsonb language plpgsql as $$
      begin
        if exists (select from jsonb_array_elements(p_messages) m where m ->> 'msg_id' = any(${
    list(without_context)
  })) then
          raise sqlstate '${no_context[0]}' using message = '${no_context[1]}';
        end if;
        return jsonb_build_object('breakers', queues.breakers_for(${list(providers)}));
      end $$;
    create function queues.simulated_events(p_events jsonb) returns void language plpgsql as $$
      declare
        v_gone uuid[] := array(
          select id from jsonb_array_elements(p_events) e
          cross join lateral lpad(to_hex((e ->> 'session_id')::bigint), 32, '0') hex
          cross join lateral cast(hex as uuid) id
          where id::text = any(${list(vanished)}) order by id);
      begin
        if v_gone <> '{}' then
          perform queues.raise_gone(v_gone);
        end if;
        perform queues.insert_analytics_events(p_events);
      end $$;
    update queues.effects set function = 'simulated_events' where key = 'analytics_events';
    delete from queues.circuit_breakers where provider <> all(${list(providers)});
    alter table analytics_events add constraint simulated_refusal check (session_id <> all(${list(refused)}));
  `);
  // Keeps acknowledged messages in the archive.
  const settings = { ...policy, max_crashes, retention_days: 1, claim_hook: "simulated_hook" };
  await sql`update queues.settings set ${sql(settings)} where queue = 'analytics'`;
  // In the order of their ids: messages that are due at one time are claimed as they lie in the table.
  await sql`
    insert into pgmq.q_analytics (msg_id, vt, message) overriding system value
    select msg_id, now() - interval '1 millisecond' + msg_id * interval '1 microsecond', body::jsonb
    from jsonb_array_elements_text(${sql.json(bodies)}) with ordinality b (body, msg_id)`;
}

/** An error is an answer too, whether or not the model knows it. */
async function answer(sql: connect.Sql, call: Call): Promise<unknown> {
  await sql`savepoint call`;
  try {
    return "claim" in call ? await claim(sql, call.claim) : await settle(sql, call.settlement);
  } catch (error) {
    await sql`rollback to call`;
    const { constraint_name, message } = error as { constraint_name?: string; message: string };
    return constraint_name === "simulated_refusal" ? "rejected" : message;
  }
}

async function claim(
  sql: connect.Sql,
  { run, limit, alone }: { run: string; limit: number | null; alone: boolean },
): Promise<unknown> {
  const [row] = await sql`select claim, to_json((claim ->> 'now')::timestamptz at time zone 'UTC') #>> '{}' as now
    from (select claim_messages('analytics', ${limit}::int, ${run}::uuid, ${alone}) as claim) c`;
  // The core does not read these two. The end of a lease is compared as part of the state.
  for (const message of row!.claim.messages) {
    delete message.enqueued_at;
    delete message.vt;
  }
  return { ...row!.claim, now: `${row!.now}Z` };
}

async function settle(sql: connect.Sql, settlement: connect.JSONValue): Promise<unknown> {
  const [row] = await sql`select settle_messages('analytics', ${sql.json(settlement)}) as settled`;
  // For the log of the worker; the core does not read it.
  delete row!.settled.failed;
  return row!.settled;
}

/** As `state` in tests/simulation/recording.rs writes it. */
async function state(sql: connect.Sql): Promise<unknown> {
  const [row] = await sql`
    select json_build_object(
      'messages', array(select to_json(r) from (
        select msg_id, read_ct, greatest(0, queues.simulated_us(vt)) as visible_at_us from pgmq.q_analytics order by msg_id) r),
      'failures', array(select to_json(r) from (
        select msg_id, failures, settlements, settled_read_ct, delivered from queues.failures order by msg_id) r),
      'archive', array(select msg_id from pgmq.a_analytics order by msg_id),
      'dead_letters', array(select to_json(r) from (
        select dead.msg_id, reason, attempts, crashes
        from pgmq.q_analytics_dlq, jsonb_to_record(message) as dead (
          msg_id bigint, reason text, attempts integer, crashes integer)
        order by dead.msg_id) r),
      'effects', array(select to_json(r) from (
        select session_id::bigint as msg_id, count(*) as times from analytics_events group by session_id order by 1) r),
      'counted', (select coalesce(sum(count), 0) from analytics_daily),
      'breakers', array(select to_json(r) from (
        select provider, version, failures, trips, queues.simulated_us(open_until) as open_until_us,
          queues.simulated_us(probe_until) as probe_until_us, reason
        from queues.circuit_breakers order by provider) r),
      'runs', array(select to_json(r) from (
        select id as run, settled_seq from queues.runs where settled_seq > 0 order by id) r)) as state`;
  return row!.state;
}
