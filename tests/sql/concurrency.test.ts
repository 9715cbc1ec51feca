/** Concurrent sessions. One database per test, on each version of Postgres. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type connect from "postgres";
import { passTime } from "./clock.ts";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

const post = "00000000-0000-4000-8000-0000000000b1";

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sessions: Sessions) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        await using sessions = new Sessions(database);
        await body(sessions);
      });

    await it("likes equal ratings while many sessions toggle one pair", async (sessions) => {
      const [observer, ...people] = await sessions.open(5);
      await observer!`update queues.rate_limits set enabled = false`;
      await observer!`insert into posts_new (id) values (${post})`;
      let toggling = true;
      const observed = (async () => {
        let looks = 0;
        while (toggling || looks === 0) {
          const [seen] =
            await observer!`select likes::int, (select count(*)::int from post_ratings) as ratings from posts_new`;
          equal(seen!.likes, seen!.ratings);
          ok(seen!.likes >= 0);
          looks++;
        }
      })();
      await Promise.all(people.map(async (sql, person) => {
        for (let n = 0; n < 50; n++) await sql`select toggle_post_like(${post}, ${n % 5 ? "same" : `own ${person}`})`;
      })).finally(() => toggling = false);
      await observed;
      // 40 toggles of the shared pair per session, 10 of each own pair: all even, so no like is left.
      const [{ likes }] = await observer!`select likes::int from posts_new` as unknown as [{ likes: number }];
      equal(likes, 0);
      const events = await observer!`
        select sum((message ->> 'event_value')::int)::int as balance, count(*)::int from pgmq.q_like_events`;
      deepEqual({ ...events[0] }, { balance: 0, count: 200 });
    });

    await it("a toggle that waited for the deletion of its post finds no post", async (sessions) => {
      const [owner, person] = await sessions.open(2);
      await owner!`insert into posts_new (id) values (${post})`;
      await owner!`begin`;
      await owner!`delete from posts_new`;
      const toggle = person!`select toggle_post_like(${post}, 's1') ->> 'code' as code`.execute();
      await sessions.waiting(person!);
      await owner!`commit`;
      equal((await toggle)[0]!.code, "post_not_found");
      equal((await owner!`select from pgmq.q_like_events`).count, 0);
    });

    await it("a like that waits for its post holds up no other like of its session and address", async (sessions) => {
      const [owner, one, two] = await sessions.open(3);
      const other = crypto.randomUUID();
      await owner!`insert into posts_new (id) values (${post}), (${other})`;
      await owner!`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`;
      for (const sql of [one!, two!]) {
        await sql`select set_config('request.headers', '{"cf-connecting-ip": "8.8.8.8"}', false)`;
        // Their keys exist, so that they can be locked.
        await sql`select toggle_post_like(${other}, 's')`;
      }
      await owner!`begin`;
      await owner!`select from posts_new where id = ${post} for update`;
      const waits = one!`select toggle_post_like(${post}, 's') ->> 'success' as success`.execute();
      await sessions.waiting(one!);
      const [answer] = await two!`select toggle_post_like(${other}, 's') ->> 'success' as success`;
      equal(answer!.success, "true");
      await owner!`commit`;
      equal((await waits)[0]!.success, "true");
    });

    await it("a person's like that waits for their session's like adopts it", async (sessions) => {
      const [session, person] = await sessions.open(2);
      const [profile] = await session!`insert into profiles default values returning id`;
      await session!`insert into posts_new (id) values (${post})`;
      await person!`select set_config('request.jwt.claims', ${JSON.stringify({ sub: profile!.id })}, false)`;
      await session!`begin`;
      await session!`select toggle_post_like(${post}, 's')`;
      const adopts = person!`select toggle_post_like(${post}, 's') ->> 'isLiked' as liked`.execute();
      await sessions.waiting(person!);
      await session!`commit`;
      // The like is theirs, so that the toggle takes it back.
      equal((await adopts)[0]!.liked, "false");
      equal((await session!`select from post_ratings`).count, 0);
    });

    await it("a toggle that waits for its deferred like to be applied takes that back", async (sessions) => {
      const [worker, person] = await sessions.open(2);
      const decision = await deferred(person!);
      await worker!`begin`;
      await worker!`select queues.settle_deferred_likes(${worker!.json(decision)})`;
      const toggles = person!`select toggle_post_like(${post}, 's') ->> 'isLiked' as liked`.execute();
      await sessions.waiting(person!);
      await worker!`commit`;
      equal((await toggles)[0]!.liked, "false");
      deepEqual(await left(person!), { likes: 0, ratings: 0, events: 3, outcome: "applied", reason: null });
    });

    await it("a deferred like that waits for a toggle is superseded, with the same end", async (sessions) => {
      const [worker, person] = await sessions.open(2);
      const decision = await deferred(person!);
      await person!`begin`;
      const [toggled] = await person!`select toggle_post_like(${post}, 's') ->> 'isLiked' as liked`;
      const settles = worker!`select queues.settle_deferred_likes(${worker!.json(decision)})`.execute();
      await sessions.waiting(worker!);
      await person!`commit`;
      await settles;
      equal(toggled!.liked, "false");
      // Open: its owner's next message drops it.
      deepEqual(await left(person!), { likes: 0, ratings: 0, events: 1, outcome: null, reason: null });
      const [waits] = await worker!`
        select is_superseded, (select count(*)::int from pgmq.q_deferred_actions) as messages from queues.deferred_likes`;
      deepEqual({ ...waits }, { is_superseded: true, messages: 2 });
    });

    await it("a like that is deferred while the last one is settled gets a message of its own", async (sessions) => {
      const [worker, person] = await sessions.open(2);
      const decision = await deferred(person!);
      const other = crypto.randomUUID();
      await person!`insert into posts_new (id) values (${other})`;
      await person!`
        update queues.rate_limit_keys k
        set free_at = clock_timestamp() + l.burst * interval '1 minute' / l.per_minute + interval '30 seconds'
        from queues.rate_limits l where l.action = k.action`;
      await worker!`begin`;
      await worker!`delete from pgmq.q_deferred_actions`;
      await worker!`update queues.deferred_likes set is_superseded = true`;
      const [{ id, revision }] = decision as [{ id: string; revision: number }];
      const drop = [{ id, revision, decision: "drop", reason: "superseded" }];
      await worker!`select queues.settle_deferred_likes(${worker!.json(drop)})`;
      const defers = person!`select toggle_post_like(${other}, 's', true) ->> 'deferred' as deferred`.execute();
      await sessions.waiting(person!);
      await worker!`commit`;
      equal((await defers)[0]!.deferred, "true");
      equal((await person!`select from pgmq.q_deferred_actions`).count, 1);
    });

    await it("settlements of deferred likes, toggles and deferrals of the same posts do not deadlock", async (sessions) => {
      const [first, second, ...people] = await sessions.open(6);
      await first!`insert into posts_new select gen_random_uuid() from generate_series(1, 6)`;
      const posts = (await first!`select id from posts_new`).map(({ id }) => id);
      // The sessions that people share are deferred, those of one call are not. Time passes with each settlement only.
      await first!`update queues.rate_limits set per_minute = 60, burst = 2`;
      let toggling = people.length;
      let applied = 0;
      const settles = async (sql: connect.Sql) => {
        while (toggling > 0) {
          const open = await sql`
            select id, revision, 'apply' as decision from queues.deferred_likes where outcome is null
            order by random() limit 10`;
          await passTime(sql, 1);
          await sql`select queues.settle_deferred_likes(${sql.json([...open] as unknown as connect.JSONValue)})`;
          applied = (await sql`select from queues.deferred_likes where outcome = 'applied'`).count;
        }
      };
      const toggles = async (sql: connect.Sql, person: number) => {
        try {
          for (let round = 0; round < 40 || applied === 0; round++) {
            const session = round % 2 ? `shared ${round % 3}` : `${person} in ${round}`;
            await sql`select toggle_post_like(${posts[(person + round) % 6]}, ${session}, true)`;
          }
        } finally {
          toggling--;
        }
      };
      await Promise.all([settles(first!), settles(second!), ...people.map(toggles)]);
      const [differing] = await first!`
        select count(*)::int from posts_new p
        where likes <> (select count(*) from post_ratings r where r.post_id = p.id)
          or likes <> (select coalesce(sum((message ->> 'event_value')::int), 0) from pgmq.q_like_events
            where message ->> 'post_id' = p.id::text)`;
      equal(differing!.count, 0);
    });

    await it("many calls at once are charged to the last one", async (sessions) => {
      const people = await sessions.open(8);
      await people[0]!`insert into posts_new select gen_random_uuid() from generate_series(1, 8)`;
      const posts = await people[0]!`select id from posts_new`;
      await people[0]!`update queues.rate_limits set per_minute = 1, burst = 5`;
      const answers = await Promise.all(
        people.map(async (sql, n) =>
          (await sql`select toggle_post_like(${posts[n]!.id}, 's') ->> 'success' as success`)[0]!.success
        ),
      );
      equal(answers.filter((success) => success === "true").length, 5);
    });

    await it("no id is given twice while many sessions send and compare the ids", async (sessions) => {
      const people = await sessions.open(8);
      const sent = await Promise.all(people.map(async (sql) => {
        const ids: string[] = [];
        for (let n = 0; n < 150; n++) {
          // As if the session had not compared them for a while.
          await sql`select set_config('compared_ids.q_analytics', '', false)`;
          const [row] = await sql`select pgmq.send('analytics', '1') as id`;
          ids.push(row!.id);
        }
        return ids;
      }));
      equal(new Set(sent.flat()).size, 8 * 150);
    });

    await it("a deletion that waited for a toggle deletes its rating", async (sessions) => {
      const [owner, person] = await sessions.open(2);
      await owner!`insert into posts_new (id) values (${post})`;
      await person!`begin`;
      await person!`select toggle_post_like(${post}, 's1')`;
      const deletion = owner!`delete from posts_new`.execute();
      await sessions.waiting(owner!);
      await person!`commit`;
      equal((await deletion).count, 1);
      equal((await owner!`select from post_ratings`).count, 0);
    });

    await it("no message is claimed twice or left behind", async (sessions) => {
      const workers = await sessions.open(4);
      await send(workers[0]!, 2000);
      const claimed = await Promise.all(workers.map(async (sql) => {
        const mine: number[] = [];
        for (;;) {
          const messages = await claim(sql, 37);
          if (messages.length === 0) return mine;
          mine.push(...messages.map(([msgId]) => msgId));
        }
      }));
      // A worker that found nothing may have met only locked candidates, which the others claim.
      const all = claimed.flat();
      equal(new Set(all).size, all.length);
      equal(all.length, 2000);
    });

    await it("a claim skips messages that another claim is taking", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await send(one!, 4);
      await one!`begin`;
      deepEqual(ids(await claim(one!, 2)), [1, 2]);
      deepEqual(ids(await claim(two!, 10)), [3, 4]);
      await one!`rollback`;
      deepEqual(ids(await claim(two!, 10)), [1, 2]);
    });

    await it("a settlement that waited for a claim of its messages has lost them", async (sessions) => {
      const [late, quick] = await sessions.open(2);
      await send(late!, 2);
      const lease = await claim(late!, 2);
      await late!`update pgmq.q_analytics set vt = clock_timestamp() where msg_id = 1`;
      await quick!`begin`;
      deepEqual(ids(await claim(quick!, 2)), [1]);
      const settlement = settle(late!, { acks: lease, effects: { enqueue: { notifications: [1] } } });
      await sessions.waiting(late!);
      await quick!`commit`;
      deepEqual(await settlement, { applied: false, lost: [1], backlog: 0 });
      equal((await late!`select from pgmq.q_notifications`).count, 0);
      equal((await settle(quick!, { acks: [[1, 2]] })).applied, true);
    });

    await it("a settlement that waited for its own duplicate is not applied twice", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await send(one!, 1);
      await claim(one!, 1);
      const retry = { retries: [{ msg_id: 1, read_ct: 1, delay_secs: 0, code: "c", error: "e" }] };
      await one!`begin`;
      equal((await settle(one!, retry)).applied, true);
      const duplicate = settle(two!, retry);
      await sessions.waiting(two!);
      await one!`commit`;
      deepEqual(await duplicate, { applied: false, lost: [1], backlog: 1 });
      deepEqual([...(await one!`select failures, settlements from queues.failures`)], [{
        failures: 1,
        settlements: 1,
      }]);
    });

    await it("a settlement repeated while the first is under way returns as applied", async (sessions) => {
      const [one, two] = await sessions.open(2);
      await send(one!, 1);
      await claim(one!, 1);
      const run = { run_id: crypto.randomUUID(), seq: 1, acks: [[1, 1]], effects: { enqueue: { notifications: [1] } } };
      await one!`begin`;
      equal((await settle(one!, run)).applied, true);
      const repeated = settle(two!, run);
      await sessions.waiting(two!);
      await one!`commit`;
      deepEqual(await repeated, { applied: true, lost: [], backlog: 0 });
      equal((await one!`select from pgmq.q_notifications`).count, 1);
    });

    await it("settlements with the same counters in opposite orders do not deadlock, and add up", async (sessions) => {
      const workers = await sessions.open(4);
      const counters = Array.from({ length: 50 }, (_, n) => ({
        day: "2026-01-01",
        event_type: `type ${n}`,
        post_id: null,
        count: 1,
      }));
      const [{ hour }] = await workers[0]!`
        select to_json(date_trunc('hour', now(), 'UTC')) as hour` as unknown as [{ hour: string }];
      const hours = counters.map((_, n) => (
        { post_id: post.slice(0, -2) + (n + 10), hour, weight: 1, gain: 1, likes: 1 }
      ));
      await Promise.all(workers.map(async (sql, n) => {
        const effects = n % 2
          ? { analytics_daily: counters, trending: hours }
          : { trending: hours.toReversed(), analytics_daily: counters.toReversed() };
        for (let i = 0; i < 25; i++) equal((await settle(sql, { effects })).applied, true);
      }));
      deepEqual([...(await workers[0]!`select distinct count::int from analytics_daily`)], [{ count: 100 }]);
      deepEqual([...(await workers[0]!`select distinct likes::int from queues.trending_hours`)], [{ likes: 100 }]);
    });

    await it("settlements lock the rows of their effects in one order, whatever the order they name them in", async (sessions) => {
      const [one, two, observer] = await sessions.open(3);
      // Each effect locks its row, then waits for the observer. jsonb puts the shorter key first.
      await observer!.unsafe(`
        create table queues.test_counters (effect text primary key, count integer not null default 0);
        insert into queues.test_counters (effect) values ('first'), ('last');
        create function queues.test_first(p_rows jsonb) returns void language plpgsql as $$begin
          update queues.test_counters set count = count + 1 where effect = 'first';
          perform pg_advisory_xact_lock_shared(1);
        end$$;
        create function queues.test_last(p_rows jsonb) returns void language plpgsql as $$begin
          update queues.test_counters set count = count + 1 where effect = 'last';
          perform pg_advisory_xact_lock_shared(1);
        end$$;
        insert into queues.effects (key, position, function)
        values ('first', 1001, 'test_first'), ('last', 1002, 'test_last');
        select pg_advisory_lock(1)`);
      const settlements = [
        settle(one!, { effects: { first: [], last: [] } }),
        settle(two!, { effects: { last: [], first: [] } }),
      ];
      await sessions.waiting(one!);
      await sessions.waiting(two!);
      // Neither is past the first effect.
      await observer!`select from queues.test_counters where effect = 'last' for update nowait`;
      await observer!`select pg_advisory_unlock(1)`;
      for (const settled of await Promise.all(settlements)) equal(settled.applied, true);
      deepEqual([...(await observer!`select effect, count from queues.test_counters order by effect`)], [
        { effect: "first", count: 2 },
        { effect: "last", count: 2 },
      ]);
    });

    await it("events of a post that is being deleted wait, and are kept without the post", async (sessions) => {
      const [owner, worker] = await sessions.open(2);
      await owner!`insert into posts_new (id) values (${post})`;
      await owner!`begin`;
      await owner!`delete from posts_new`;
      const settlement = settle(worker!, { effects: { analytics_events: [{ event_type: "like", post_id: post }] } });
      await sessions.waiting(worker!);
      await owner!`commit`;
      equal((await settlement).applied, true);
      deepEqual([...(await owner!`select post_id, metadata from analytics_events`)], [{
        post_id: null,
        metadata: { post_id: post },
      }]);
    });

    await it("a deadlock reaches the caller as PT409, and nothing was changed", async (sessions) => {
      const [worker, other] = await sessions.open(2, sessions.database.adminUrl);
      await send(worker!, 2);
      await claim(worker!, 2);
      // Postgres ends the session that finds the deadlock: the last one to wait, if the other looks for it much later.
      await other!`set deadlock_timeout = '1h'`;
      await worker!`begin`;
      await worker!`select from pgmq.q_analytics where msg_id = 1 for update`;
      await other!`begin`;
      await other!`select from pgmq.q_analytics where msg_id = 2 for update`;
      const crossing = other!`select from pgmq.q_analytics where msg_id = 1 for update`.execute();
      await sessions.waiting(other!);
      await rejects(settle(worker!, { acks: [[1, 1], [2, 1]] }), (error: { code: string; message: string }) => {
        equal(error.code, "PT409");
        match(error.message, /queue `analytics` is locked by another transaction: nothing was changed, settle again/);
        return true;
      });
      await worker!`rollback`;
      await crossing;
      await other!`rollback`;
      equal((await settle(worker!, { acks: [[1, 1], [2, 1]] })).applied, true);
    });

    await it("a settlement at a stricter isolation level fails with PT409, never 40001", async (sessions) => {
      const [worker, other] = await sessions.open(2);
      await send(worker!, 1);
      await claim(worker!, 1);
      await worker!`begin isolation level repeatable read`;
      await worker!`select 1`;
      await other!`update pgmq.q_analytics set vt = clock_timestamp()`;
      await rejects(settle(worker!, { acks: [[1, 1]] }), { code: "PT409" });
      await worker!`rollback`;
    });

    await it("a toggle that times out on a lock fails with PT409", async (sessions) => {
      const [owner, person] = await sessions.open(2);
      await owner!`insert into posts_new (id) values (${post})`;
      await owner!`begin`;
      await owner!`select from posts_new for update`;
      await person!`set lock_timeout = '20ms'`;
      await rejects(person!`select toggle_post_like(${post}, 's1')`.execute(), { code: "PT409" });
      await owner!`rollback`;
    });

    await it("runs that begin at the same time take no more than the places", async (sessions) => {
      const workers = await sessions.open(8);
      await send(workers[0]!, 1000);
      await workers[0]!`update queues.settings set max_workers = 3 where queue = 'analytics'`;
      const claims = await Promise.all(workers.map((sql) =>
        sql`
          select json_array_length(claim_messages('analytics', 10, gen_random_uuid(), p_needs_place => true) -> 'messages')
            as count`
      ));
      const counts = claims.map(([claim]) => claim!.count);
      deepEqual(counts.toSorted((a, b) => a - b), [0, 0, 0, 0, 0, 10, 10, 10]);
    });

    await it("a run may claim ahead while it settles", async (sessions) => {
      const [claiming, settling] = await sessions.open(2);
      const run = crypto.randomUUID();
      await send(claiming!, 1000);
      let held = await claim(claiming!, 50, run);
      for (let seq = 1; held.length > 0; seq++) {
        const [settled, next] = await Promise.all([
          settle(settling!, { run_id: run, seq, acks: held }),
          claim(claiming!, 50, run),
        ]);
        equal(settled.applied, true);
        held = next;
      }
      const [account] = await claiming!`select claimed::int, processed::int, lost::int from queues.runs`;
      deepEqual({ ...account }, { claimed: 1000, processed: 1000, lost: 0 });
    });
  });
}

/** Defers a like of the post, whose limit is free by now, and returns the decision to apply it. */
async function deferred(sql: connect.Sql): Promise<connect.JSONValue> {
  const other = crypto.randomUUID();
  await sql`insert into posts_new (id) values (${post}), (${other})`;
  await sql`update queues.rate_limits set per_minute = 1, burst = 1`;
  await sql`select toggle_post_like(${other}, 's')`;
  const [answer] = await sql`select toggle_post_like(${post}, 's', true) ->> 'deferred' as deferred`;
  equal(answer!.deferred, "true");
  await sql`update queues.rate_limits set burst = 10`;
  return [
    ...await sql`select id, revision, 'apply' as decision from queues.deferred_likes`,
  ] as unknown as connect.JSONValue;
}

/** What a deferred like of the post has left. */
async function left(sql: connect.Sql) {
  const [row] = await sql`
    select likes::int, (select count(*)::int from post_ratings where post_id = p.id) as ratings,
      (select count(*)::int from pgmq.q_like_events) as events, outcome, reason
    from posts_new p join queues.deferred_likes on post_id = p.id where p.id = ${post}`;
  return { ...row };
}

type Lease = [msgId: number, readCt: number];

async function send(sql: connect.Sql, count: number): Promise<void> {
  await sql`select pgmq.send_batch('analytics', array(select to_jsonb(n) from generate_series(1, ${count}::int) n))`;
}

async function claim(sql: connect.Sql, limit: number, run: string | null = null): Promise<Lease[]> {
  const [row] = await sql`select claim_messages('analytics', ${limit}::int, ${run}::uuid)::jsonb as claim`;
  return row!.claim.messages.map(({ msg_id, read_ct }: { msg_id: number; read_ct: number }) => [msg_id, read_ct]);
}

async function settle(
  sql: connect.Sql,
  settlement: unknown,
): Promise<{ applied: boolean; lost: number[]; backlog: number }> {
  const [row] = await sql`select settle_messages('analytics', ${sql.json(settlement as connect.JSONValue)}) as settled`;
  return row!.settled;
}

function ids(leases: Lease[]): number[] {
  return leases.map(([msgId]) => msgId);
}
