/** Notifications while many sessions notify and people read. */
import { deepEqual, equal } from "node:assert/strict";
import connect from "postgres";
import type { Database } from "../../local/stack/database.ts";
import { Random } from "./random.ts";
import { startServer, versions } from "./servers.ts";
import { STATEMENT_TIMEOUT_MS } from "./sessions.ts";

const people = ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"] as const;
const start = Date.parse("2026-11-23T12:00:00Z");

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    let random = new Random("");
    const it = (behaviour: string, body: (sessions: connect.Sql[], database: Database) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        random = new Random(behaviour);
        const sessions = Array.from({ length: 8 }, () => open(database.url));
        try {
          await sessions[0]!`insert into profiles (id, username) values (${people[0]}, 'ann'), (${people[1]}, 'bob')`;
          await body(sessions, database);
        } finally {
          await Promise.all(sessions.map((sql) => sql.end()));
        }
      });

    await it("forty concurrent likes make one notification with one push", async (sessions) => {
      const likes = random.shuffled(Array.from({ length: 40 }, (_, n) => event({ actor: `session:${n}`, at: n })));
      await Promise.all(sessions.map((sql, n) => notify(sql, likes.slice(5 * n, 5 * n + 5))));
      deepEqual(await notifications(sessions[0]!), [
        { body: "Someone and 39 others liked it", actor_count: 40, is_withdrawn: false },
      ]);
      equal((await sessions[0]!`select from queues.notification_deliveries`).count, 1);
      equal((await sessions[0]!`select from pgmq.q_deliveries`).count, 1);
    });

    await it("sessions that notify of the same groups in different orders do not deadlock", async (sessions) => {
      const groups = Array.from({ length: 30 }, (_, n) => `g${n}`);
      await Promise.all(sessions.map(async (sql, session) => {
        for (let round = 0; round < 5; round++) {
          await notify(
            sql,
            random.shuffled(groups).flatMap((group) =>
              people.map((recipient_id) =>
                event({ recipient_id, group, actor: `session:${session} ${round}`, at: round })
              )
            ),
          );
        }
      }));
      const rows = await sessions[0]!`
        select actor_count, count(*)::int as groups from notifications group by actor_count`;
      deepEqual([...rows].map((row) => ({ ...row })), [{ actor_count: 40, groups: 60 }]);
    });

    await it("the latest likes and unlikes win in any order", async (sessions) => {
      // Ten people like and unlike four times; those with an even number like once more.
      const events = Array.from(
        { length: 10 },
        (_, actor) =>
          Array.from(
            { length: actor % 2 ? 8 : 9 },
            (_, n) => event({ actor: `session:${actor}`, at: 100 * n + actor, withdrawn: n % 2 === 1 }),
          ),
      ).flat();
      const order = random.shuffled(events);
      await Promise.all(sessions.map(async (sql, session) => {
        for (let n = session; n < order.length; n += sessions.length) await notify(sql, [order[n]!]);
      }));
      deepEqual(
        (await notifications(sessions[0]!)).map(({ actor_count, is_withdrawn }) => [actor_count, is_withdrawn]),
        [
          [5, false],
        ],
      );
      equal((await sessions[0]!`select from pgmq.q_deliveries`).count, 1);
    });

    await it("people may mark notifications while events join them", async ([reader, ...tellers]) => {
      const groups = Array.from({ length: 20 }, (_, n) => `g${n}`);
      let telling = tellers.length;
      let marked = 0;
      const reading = (async () => {
        await reader!`set role authenticated`;
        await reader!`select set_config('request.jwt.claims', ${JSON.stringify({ sub: people[0] })}, false)`;
        while (telling > 0) marked += (await reader!`select mark_all_notifications_read() as n`)[0]!.n as number;
      })();
      const rounds = await Promise.all(tellers.map(async (sql, session) => {
        try {
          let round = 0;
          // Until some were marked meanwhile.
          for (; round < 10 || marked === 0; round++) {
            await notify(
              sql,
              random.shuffled(groups).map((group) => event({ group, actor: `session:${session} ${round}`, at: round })),
            );
          }
          return round;
        } finally {
          telling--;
        }
      }));
      await reading;
      // Every actor is counted exactly once, in whichever notification was unread at the time.
      const [told] = await tellers[0]!`
        select sum(actor_count)::int as actors, count(*) filter (where read_at is not null)::int as read from notifications`;
      const actors = rounds.reduce((sum, count) => sum + count, 0) * groups.length;
      deepEqual({ ...told }, { actors, read: marked });
    });

    await it("concurrent registrations of a person keep twenty devices", async (sessions) => {
      await Promise.all(sessions.map(async (sql, session) => {
        await sql`set role authenticated`;
        await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: people[0] })}, false)`;
        for (let n = 0; n < 10; n++) await sql`select register_device('fcm', ${`${n % 2 ? "shared" : session} ${n}`})`;
      }));
      await sessions[0]!`reset role`;
      equal((await sessions[0]!`select from devices`).count, 20);
    });
  });
}

function open(url: string): connect.Sql {
  const connection = { statement_timeout: STATEMENT_TIMEOUT_MS };
  return connect(url, { max: 1, onnotice: () => {}, fetch_types: false, connection });
}

interface Event {
  recipient_id?: string;
  group?: string;
  actor: string;
  /** Milliseconds after the start. */
  at: number;
  withdrawn?: boolean;
}

function event({ at, ...given }: Event) {
  return {
    recipient_id: people[0],
    type: "new_like",
    group: "new_like:p",
    since: new Date(start - 3_600_000).toISOString(),
    at: new Date(start + at).toISOString(),
    withdrawn: false,
    title: "New like",
    bodies: ["{name} liked it", "{name} and 1 other liked it", "{name} and {others} others liked it"],
    someone: "Someone",
    url: "/posts/p",
    data: {},
    deliveries: [{ channel: "push", device_id: null, delay_secs: 0, skipped: null }],
    ...given,
  };
}

async function notify(sql: connect.Sql, events: ReturnType<typeof event>[]): Promise<void> {
  await sql`select queues.notify(${sql.json(events)})`;
}

async function notifications(sql: connect.Sql): Promise<Record<string, unknown>[]> {
  const rows = await sql`
    select body, actor_count, withdrawn_at is not null as is_withdrawn
    from notifications order by id`;
  return rows.map((row) => ({ ...row }));
}
