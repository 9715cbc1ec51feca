/** queues.send and queues.cancel in concurrent sessions: nothing is sent twice, and no change goes unseen. */
import { deepEqual, equal, ok } from "node:assert/strict";
import connect from "postgres";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

for (const version of versions) {
  Deno.test(`sending with a key, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sessions: Sessions) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        await using sessions = new Sessions(database);
        await body(sessions);
      });

    for (const end of ["commit", "rollback"] as const) {
      await it(`a sender waits for another one's ${end}`, async (sessions) => {
        const [one, two] = await sessions.open(2);
        await one!`begin`;
        const first = await send(one!);
        const second = send(two!);
        await sessions.waiting(two!);
        await one!.unsafe(end);
        const { id, isNew } = await second;
        deepEqual([first.isNew, isNew, id === first.id], end === "commit" ? [true, false, true] : [true, true, false]);
        equal((await two!`select from pgmq.q_analytics`).count, 1);
      });
    }

    await it("other keys do not wait", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await one!`begin`;
      await send(one!, "a");
      equal((await send(two!, "b")).isNew, true);
      await one!`rollback`;
    });

    await it("no worker begins with a message that stands for another one, before its sender commits", async (sessions) => {
      const [sender, worker] = await sessions.open(2);
      await send(sender!);
      await sender!`begin`;
      equal((await send(sender!)).isNew, false);
      deepEqual(await claim(worker!), []);
      await sender!`commit`;
      equal((await claim(worker!)).length, 1);
    });

    await it("a sender who comes during the settlement sends anew", async (sessions) => {
      const [sender, worker] = await sessions.open(2);
      await send(sender!);
      const [lease] = await claim(worker!);
      await worker!`begin`;
      await settle(worker!, lease!);
      const sent = send(sender!);
      await sessions.waiting(sender!);
      await worker!`commit`;
      equal((await sent).isNew, true);
    });

    await it("a sender who comes during a claim sends anew", async (sessions) => {
      const [sender, worker] = await sessions.open(2);
      await send(sender!);
      await worker!`begin`;
      await claim(worker!);
      const sent = send(sender!);
      await sessions.waiting(sender!);
      await worker!`commit`;
      equal((await sent).isNew, true);
    });

    await it("a message is either claimed or cancelled", async (sessions) => {
      const [sender, worker] = await sessions.open(2);
      await send(sender!);
      await worker!`begin`;
      await claim(worker!);
      const cancelled = cancel(sender!);
      await sessions.waiting(sender!);
      await worker!`commit`;
      deepEqual(await cancelled, { cancelled: false, reason: "in_progress" });

      await sender!`select queues.send('analytics', '1', 0, 'l')`;
      await sender!`begin`;
      deepEqual(await cancel(sender!, "l"), { cancelled: true, reason: null });
      deepEqual(await claim(worker!), []);
      await sender!`commit`;
      deepEqual(await claim(worker!), []);
    });

    await it("housekeeping does not wait for senders, and takes no key from them", async (sessions) => {
      const [sender, keeper] = await sessions.open(2);
      await send(sender!);
      await sender!`select pgmq.purge_queue('analytics')`;
      await sender!`begin`;
      equal((await send(sender!)).isNew, true);
      equal(await pruned(keeper!), 0);
      await sender!`commit`;
      equal(await pruned(keeper!), 0);
      equal((await send(sender!)).isNew, false);
      await sender!`select pgmq.purge_queue('analytics')`;
      await keeper!`begin`;
      equal(await pruned(keeper!), 1);
      const sent = send(sender!);
      await sessions.waiting(sender!);
      await keeper!`commit`;
      equal((await sent).isNew, true);
    });

    await it("senders in opposite orders get an error that may reach PostgREST", async (sessions) => {
      const people = await sessions.open(2);
      const keys = [["a", "b"], ["b", "a"]];
      await Promise.all(people.map((sql) => sql`begin`));
      await Promise.all(people.map((sql, n) => send(sql, keys[n]![0])));
      const ends = await Promise.allSettled(people.map(async (sql, n) => {
        try {
          await send(sql, keys[n]![1]);
          await sql`commit`;
        } catch (error) {
          await sql`rollback`;
          throw error;
        }
      }));
      const codes = ends.map((end) => end.status === "rejected" ? (end.reason as connect.PostgresError).code : "sent");
      deepEqual(codes.toSorted(), ["PT409", "sent"]);
    });

    await it("a worker sees every change that its senders made", async (sessions) => {
      const [worker, other, ...senders] = await sessions.open(6);
      await worker!`create table public.changes (made int not null, seen int not null)`;
      await worker!`insert into public.changes values (0, 0)`;
      let sending = true;
      const sent = Promise.all(senders.map(async (sql) => {
        let added = 0;
        for (let n = 0; n < 60; n++) {
          const [message] = await sql.begin(async (tx) => {
            await tx`update public.changes set made = made + 1`;
            return await tx`select is_new from queues.send('analytics', '1', 0, 'k')`;
          });
          if (message!.is_new) added++;
        }
        return added;
      })).finally(() => sending = false);
      // As a job that reads what has changed: a claim, the work, a settlement, each in a transaction of its own.
      const handled = await Promise.all([worker!, other!].map(async (sql) => {
        let count = 0;
        for (;;) {
          const last = !sending;
          const leases = await claim(sql);
          for (const lease of leases) {
            const [{ made }] = await sql`select made from public.changes` as unknown as [{ made: number }];
            await sql`update public.changes set seen = greatest(seen, ${made}::int)`;
            await settle(sql, lease);
            count++;
          }
          if (last && leases.length === 0) return count;
        }
      }));
      const added = (await sent).reduce((sum, count) => sum + count, 0);
      const [row] = await worker!`select made, seen from public.changes`;
      deepEqual({ ...row }, { made: 240, seen: 240 });
      equal(handled[0]! + handled[1]!, added);
      ok(added <= 240);
      equal((await worker!`select from pgmq.q_analytics`).count, 0);
    });
  });
}

async function send(sql: connect.Sql, key = "k"): Promise<{ id: string; isNew: boolean }> {
  const [row] = await sql`select msg_id as id, is_new as "isNew" from queues.send('analytics', '{"n": 1}', 0, ${key})`;
  return row as unknown as { id: string; isNew: boolean };
}

async function cancel(sql: connect.Sql, key = "k"): Promise<{ cancelled: boolean; reason: string | null }> {
  const [row] = await sql`select cancelled, reason from queues.cancel('analytics', ${key})`;
  return { ...row } as { cancelled: boolean; reason: string | null };
}

async function claim(sql: connect.Sql): Promise<[msgId: number, readCt: number][]> {
  const [row] = await sql`select claim_messages('analytics')::jsonb as claim`;
  return row!.claim.messages.map(({ msg_id, read_ct }: { msg_id: number; read_ct: number }) => [msg_id, read_ct]);
}

async function settle(sql: connect.Sql, lease: [number, number]): Promise<void> {
  const [row] = await sql`select settle_messages('analytics', ${{ acks: [lease] } as never}::jsonb) as settled`;
  equal(row!.settled.applied, true);
}

async function pruned(sql: connect.Sql): Promise<number> {
  const [row] = await sql`select queues.prune_message_keys('analytics', 100) as removed`;
  return row!.removed;
}
