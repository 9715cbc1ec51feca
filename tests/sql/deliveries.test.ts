/** Deliveries with several workers. One database per test, on each version of Postgres. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type connect from "postgres";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sessions: Sessions) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        await using sessions = new Sessions(database);
        await body(sessions);
      });

    await it("one of many concurrent claims may probe", async (sessions) => {
      const workers = await sessions.open(6);
      await send(workers[0]!, { people: 12, each: 1 });
      await halfOpen(workers[0]!);
      for (let round = 0; round < 2; round++) {
        const claims = await Promise.all(workers.map((sql) => claim(sql, 1)));
        deepEqual(claims.map((one) => one.deliveries.length), [1, 1, 1, 1, 1, 1]);
        equal(claims.filter((one) => one.mayProbe).length, round === 0 ? 1 : 0);
      }
    });

    await it("a claim does not wait for one with the permit, which is free again if that one rolls back", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await send(one!, { people: 4, each: 1 });
      await halfOpen(one!);
      await one!`begin`;
      equal((await claim(one!, 1)).mayProbe, true);
      equal((await claim(two!, 1)).mayProbe, false);
      await one!`rollback`;
      equal((await claim(two!, 1)).mayProbe, true);
    });

    await it("one of several settlements based on the same version sets a breaker", async (sessions) => {
      const workers = await sessions.open(4);
      const settled = await Promise.all(workers.map((sql, n) =>
        settle(sql, {
          effects: {
            breakers: [
              { provider: "web_push", version: 0, failures: n + 1, trips: 1, open_secs: 30, reason: "http_503" },
              { provider: "apns", version: 0, failures: n + 1, trips: 1, open_secs: 30, reason: "http_503" },
            ].slice(0, n < 3 ? 2 : 1).toSorted(() => n % 2 ? 1 : -1),
          },
        })
      ));
      ok(settled.every(({ applied }) => applied));
      const breakers = await workers[0]!`
        select provider, version::int, failures between 1 and 4 as is_set from queues.circuit_breakers
        where version > 0 order by provider`;
      deepEqual([...breakers].map((row) => ({ ...row })), [
        { provider: "apns", version: 1, is_set: true },
        { provider: "web_push", version: 1, is_set: true },
      ]);
    });

    await it("a claim waits for another claim of the same person, and counts its deliveries", async (sessions) => {
      const [one, two, three] = await sessions.open(3);
      await send(one!, { people: 1, each: 6 });
      await one!`begin`;
      deepEqual(counts(await claim(one!, 2)), [0, 1]);
      const second = claim(two!, 2);
      await sessions.waiting(two!);
      await one!`commit`;
      deepEqual(counts(await second), [2, 3]);

      await two!`begin`;
      deepEqual(counts(await claim(two!, 1)), [4]);
      const third = claim(three!, 1);
      await sessions.waiting(three!);
      await two!`rollback`;
      deepEqual(counts(await third), [4], "what was not claimed in the end is not counted");
    });

    await it("of two people who write one token at the same time, the later one holds it", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await one!`insert into profiles (username) values ('ann'), ('bob')`;
      await one!`begin`;
      await one!`update profiles set push_token = 'token' where username = 'ann'`;
      const later = two!`update profiles set push_token = 'token' where username = 'bob'`.execute();
      await sessions.waiting(two!);
      await one!`commit`;
      await later;
      const holders = await one!`select username from profiles where push_token is not null`;
      deepEqual(holders.map(({ username }) => username), ["bob"]);
    });

    await it("claims of different people do not wait for each other", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await send(one!, { people: 2, each: 1 });
      await one!`begin`;
      deepEqual(counts(await claim(one!, 1)), [0]);
      deepEqual(counts(await claim(two!, 1)), [0]);
      await one!`commit`;
    });

    await it("hourly counts add up with any number of workers", async (sessions) => {
      const workers = await sessions.open(4);
      await send(workers[0]!, { people: 3, each: 40 });
      const seen = new Map<string, number[]>();
      await Promise.all(workers.map(async (sql, n) => {
        for (;;) {
          const { deliveries } = await claim(sql, 3 + n);
          if (deliveries.length === 0) return;
          for (const { recipient, sentLastHour } of deliveries) {
            seen.set(recipient, [...seen.get(recipient) ?? [], sentLastHour]);
          }
          const sent = deliveries.map(({ id }) => ({ id, status: "sent", provider: "fcm" })).toReversed();
          const settled = await settle(sql, {
            acks: deliveries.map(({ msgId }) => [msgId, 1]),
            effects: { deliveries: sent },
          });
          equal(settled.applied, true);
        }
      }));
      const hour = Array.from({ length: 40 }, (_, n) => n);
      deepEqual([...seen.values()].map((numbers) => numbers.toSorted((a, b) => a - b)), [hour, hour, hour]);
      const ledger = await workers[0]!`
        select status, tries, uncertain_tries, count(*)::int from queues.notification_deliveries group by 1, 2, 3`;
      deepEqual([...ledger].map((row) => ({ ...row })), [{ status: "sent", tries: 1, uncertain_tries: 0, count: 120 }]);
    });

    await it("a delivery sent before a worker lost its lease is uncertain for the next one", async (sessions) => {
      const [late, next] = await sessions.open(2);
      await send(late!, { people: 1, each: 1 });
      const [lost] = (await claim(late!, 1)).deliveries;
      await late!`update pgmq.q_deliveries set vt = clock_timestamp()`;
      await next!`begin`;
      const [again] = (await claim(next!, 1)).deliveries;
      deepEqual([lost!.status, again!.status], ["pending", "sending"]);
      const settlement = settle(late!, {
        acks: [[lost!.msgId, 1]],
        effects: { deliveries: [{ id: lost!.id, status: "sent" }] },
      });
      await sessions.waiting(late!);
      await next!`commit`;
      equal((await settlement).applied, false);
      const [row] = await next!`select status, tries, uncertain_tries from queues.notification_deliveries`;
      deepEqual({ ...row }, { status: "sending", tries: 2, uncertain_tries: 1 });
    });
  });
}

interface Claim {
  mayProbe: boolean;
  deliveries: { id: string; msgId: number; status: string; recipient: string; sentLastHour: number }[];
}

/** Pushes to several people in turn, each with a token. */
async function send(sql: connect.Sql, { people, each }: { people: number; each: number }): Promise<void> {
  await sql`
    insert into profiles (push_token) select 'token ' || n from generate_series(1, ${people}::int) n`;
  await sql`
    insert into notifications (recipient_id, type, data)
    select id, 'new_like', jsonb_build_object('n', n) from profiles, generate_series(1, ${each}::int) n`;
  await sql`
    insert into queues.notification_deliveries (notification_id, recipient_id, channel)
    select id, recipient_id, 'push' from notifications`;
  await sql`
    select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', d.id))
    from queues.notification_deliveries d join notifications n on n.id = d.notification_id
    order by n.data -> 'n', d.recipient_id`;
}

async function halfOpen(sql: connect.Sql): Promise<void> {
  await sql`
    update queues.circuit_breakers set version = 1, failures = 5, trips = 1, open_until = clock_timestamp()
    where provider = 'fcm'`;
}

async function claim(sql: connect.Sql, limit: number): Promise<Claim> {
  const [row] = await sql`select claim_messages('deliveries', ${limit}::int)::jsonb as claim`;
  const { messages, context } = row!.claim;
  return {
    mayProbe: context?.breakers.some((breaker: { may_probe: boolean }) => breaker.may_probe) ?? false,
    deliveries: messages.map(({ msg_id, message }: { msg_id: number; message: { delivery_id: string } }) => {
      const { status, recipient } = context.deliveries[message.delivery_id];
      const { id: recipientId, sent_last_hour } = recipient;
      return { id: message.delivery_id, msgId: msg_id, status, recipient: recipientId, sentLastHour: sent_last_hour };
    }),
  };
}

async function settle(sql: connect.Sql, settlement: unknown): Promise<{ applied: boolean }> {
  const [row] = await sql`select settle_messages('deliveries', ${
    sql.json(settlement as connect.JSONValue)
  }) as settled`;
  return row!.settled;
}

function counts(claim: Claim): number[] {
  return claim.deliveries.map(({ sentLastHour }) => sentLastHour);
}
