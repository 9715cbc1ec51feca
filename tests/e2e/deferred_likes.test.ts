/** Likes over their limit that are deferred: a bot beside honest people, while workers are killed and Postgres restarts. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type Answer, pause, Project, until } from "./project.ts";

/** The size of the flood. */
const BOT_PER_SEC = Number(Deno.env.get("BOT_PER_SEC") ?? 150);
const BOT_CONNECTIONS = 32;
const PEOPLE = Number(Deno.env.get("BOT_PEOPLE") ?? 10);
const LIKES_OF_A_PERSON = 14;

Deno.test("deferred likes", async (t) => {
  await using project = await Project.start();
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      await project.sql`delete from queues.rate_limit_keys`;
      await project.warm("deferred_actions");
      await body();
    });

  await it("a like over its limit is answered 202 and applied once its limit allows", async () => {
    const { ids } = await project.posts(4);
    // So slow that no like is regained while these are made.
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 1, burst = 1 where action = 'like'`;
    const answers = await Promise.all([0, 1, 2, 3].map((n) => toggle(project, ids[n]!, "s")));
    const statuses = answers.map(({ status }) => status).sort();
    deepEqual(statuses, [200, 202, 202, 202]);
    const { applyAfter, ...deferred } = answers.find(({ status }) => status === 202)!.body;
    deepEqual(deferred, { success: true, deferred: true, isLiked: true });
    match(applyAfter, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);

    // As if it had been a like every four seconds.
    await project.sql.begin(async (sql) => {
      await sql`update queues.rate_limits set per_minute = 15 where action = 'like'`;
      await sql`update queues.rate_limit_keys set free_at = now() + interval '4 seconds'`;
      await sql`
        update queues.deferred_likes d set apply_after = now() + o.place * interval '4 seconds'
        from (select id, row_number() over (order by apply_after) as place from queues.deferred_likes) o where o.id = d.id`;
      await sql`update pgmq.q_deferred_actions set vt = now() + interval '4 seconds'`;
    });

    project.stack.scheduler.start();
    await settled(project);
    await project.stack.scheduler.stop();
    equal(await project.count("queues.deferred_likes where outcome = 'applied' and settled_at >= apply_after"), 3);
    deepEqual([...await project.sql`select likes::int from posts_new`].map(({ likes }) => likes), [1, 1, 1, 1]);
    deepEqual(await project.deadLetters("deferred_actions"), []);
    const calls = await project.count("queues.dispatches where queue = 'deferred_actions'");
    // One for each, and another where its limit was not free yet: a call at each tick would be twelve.
    ok(calls <= 6, `${calls} calls for three likes at different times`);
  });

  await it("a flood of one session does not hold up the likes of others", async () => {
    const { ids } = await project.posts(60);
    const pace = (perMinute: number) =>
      project
        .sql`update queues.rate_limits set enabled = true, per_minute = ${perMinute}, burst = 1 where action = 'like'`;
    const isDeferred = async (post: string, session: string) => (await toggle(project, post, session)).status === 202;
    const honest = async (session: string) => {
      await pace(60);
      // However slow the machine is, two of them wait.
      for (let from = 0, deferred = 0; deferred < 2; from += 3) {
        const posts = ids.slice(from, from + 3);
        ok(posts.length > 0, "no like was over its limit");
        deferred += (await Promise.all(posts.map((post) => isDeferred(post, session)))).filter(Boolean).length;
      }
      project.stack.scheduler.start();
      await until(
        async () =>
          await project.count(`queues.deferred_likes where session_id = '${session}' and outcome is null`) === 0,
        `the likes of ${session}`,
      );
      const [{ secs }] = await project.sql`
        select extract(epoch from max(settled_at) - min(kept_at))::float8 as secs
        from queues.deferred_likes where session_id = ${session}` as unknown as [{ secs: number }];
      await project.stack.scheduler.stop();
      return secs;
    };
    const alone = await honest("alone");
    // Its twenty likes wait for a minute and more, whatever the others' take.
    await pace(15);
    let flood = 0;
    for (const post of ids) {
      if (await isDeferred(post, "flood")) flood++;
      if (flood === 20) break;
    }
    equal(flood, 20);
    equal(await project.count("pgmq.q_deferred_actions"), 1);
    const beside = await honest("beside");
    console.log(`two deferred likes take ${alone.toFixed(1)} s, beside a flood ${beside.toFixed(1)} s`);
    // In the order in which they were kept, all twenty of the flood would have come first.
    ok(await project.count("queues.deferred_likes where session_id = 'flood' and outcome is null") > 0);
  });

  await it("a bot refuses nobody, and each deferred like is applied once or dropped with its reason", async () => {
    const { ids } = await project.posts(LIKES_OF_A_PERSON);
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 120, burst = 10 where action = 'like'`;
    await project.sql`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`;
    for (const queue of ["deferred_actions", "like_events", "notifications", "analytics"]) {
      await project.set(queue, { max_crashes: 30 });
    }
    project.stack.scheduler.start();
    let isOut = false;
    // From then on PostgREST may have connections that were lost.
    let wasOut = false;
    let sent = 0;
    const refused: string[] = [];
    const answered: { bot: boolean; session: string; post: string; status: number; ms: number; phase: string }[] = [];
    const like = async (phase: string, session: string, post: string, address: string, isDeferred = true) => {
      const began = performance.now();
      const mayFail = isOut;
      try {
        const { status, body } = await toggle(project, post, session, address, isDeferred);
        const isAnswer = [200, 202, 429].includes(status);
        // PostgREST answers without a code if its connection was lost.
        const isLost = isOut || mayFail ? status >= 500 || !body.code : wasOut && status >= 500;
        if (!isAnswer && !isLost) refused.push(`${status} ${JSON.stringify(body)}`);
        if (isAnswer) {
          const ms = performance.now() - began;
          answered.push({ bot: session.startsWith("bot"), session, post, status, ms, phase });
        }
      } catch (error) {
        if (!(isOut || mayFail)) throw error;
      }
    };
    const people = (phase: string) =>
      Promise.all(Array.from({ length: PEOPLE }, async (_, person) => {
        for (const post of ids) {
          await like(phase, `${phase} ${person}`, post, `8.8.${phase.length}.${person}`);
          await pause(150);
        }
      }));

    await people("alone");
    let isFlooding = true;
    const began = performance.now();
    const flood = Promise.all(Array.from({ length: BOT_CONNECTIONS }, async () => {
      while (isFlooding) {
        if (sent >= (performance.now() - began) / 1000 * BOT_PER_SEC) {
          await pause(10);
          continue;
        }
        const n = sent++;
        // Half of them by one session, which is over its limit on any machine.
        const session = n % 2 ? n % 40 : 0;
        const isDeferred = session > 0 && Math.floor(n / 40) % 3 > 0;
        await like("bot", `bot ${session}`, ids[n % ids.length]!, "9.9.9.9", isDeferred);
      }
    }));
    await people("beside the bot");
    const applied = () => project.count("queues.deferred_likes where outcome = 'applied' and session_id like 'bot%'");
    await until(async () => await applied() > 0, "some of its likes applied");
    await until(() => answered.some(({ bot, status }) => bot && status === 429), "one of its likes refused");
    await project.kill("deferred_actions");
    isOut = wasOut = true;
    await project.stack.postgres.kill();
    await project.stack.postgres.restart();
    await project.reconnect();
    // PostgREST still has connections that were lost.
    await until(async () => {
      const probes = Array.from({ length: 20 }, () => toggle(project, crypto.randomUUID(), "s"));
      return (await Promise.all(probes)).every(({ status }) => status === 200);
    }, "answers");
    isOut = false;
    await project.expire("deferred_actions");
    await people("after the outage");
    isFlooding = false;
    await flood;
    const perSec = Math.round(sent / (performance.now() - began) * 1000);
    await project.sql`delete from posts_new where id = ${ids[0]!}`;
    await settled(project);
    await project.drained("deferred_actions", "like_events");
    await project.stack.scheduler.stop();
    await project.sql`update queues.rate_limit_settings set address_header = null`;

    deepEqual(refused, []);
    const statuses = (bot: boolean) => [...new Set(answered.filter((a) => a.bot === bot).map((a) => a.status))].sort();
    deepEqual(statuses(false).filter((status) => status !== 202), [200], "people are never refused");
    deepEqual(statuses(true), [200, 202, 429]);
    // Only what a person does beyond their own burst is deferred.
    for (const [session, likes] of Map.groupBy(answered.filter((a) => !a.bot), (a) => a.session)) {
      ok(likes.filter(({ status }) => status === 202).length <= LIKES_OF_A_PERSON - 10, session);
    }
    const kept = new Set((await project.sql`select session_id, post_id from queues.deferred_likes`)
      .map(({ session_id, post_id }) => `${session_id} ${post_id}`));
    deepEqual(answered.filter((a) => a.status === 202 && !kept.has(`${a.session} ${a.post}`)), [], "each is kept");
    const outcomes = await project.sql`
      select outcome, reason, count(*)::int from queues.deferred_likes group by 1, 2 order by 1, 2`;
    deepEqual(outcomes.filter(({ reason }) => reason && !/^(superseded|post_gone|nothing_to_do)$/.test(reason)), []);
    deepEqual(await project.deadLetters("deferred_actions"), []);

    const events = `select message ->> 'liker_session_id' as session, (message ->> 'post_id')::uuid as post,
      count(*)::int as events, sum((message ->> 'event_value')::int)::int as balance
      from pgmq.a_like_events group by 1, 2`;
    const differing = await project.sql.unsafe(`
      select e.*, r.id is not null as is_liked from (${events}) e
      full join post_ratings r on r.session_id = e.session and r.post_id = e.post
      where e.post in (select id from posts_new) and coalesce(e.balance, 0) <> (r.id is not null)::int
        -- A person likes each post once.
        or e.session !~ '^bot' and e.events > 1`);
    deepEqual([...differing], [], "a rating is what the events of its session add up to");
    const uncounted = await project.sql`
      select id from posts_new p where likes <> (select count(*) from post_ratings r where r.post_id = p.id)`;
    deepEqual([...uncounted], []);
    const lost = await project.sql.unsafe(`
      select d.session_id, d.post_id from queues.deferred_likes d
      left join (${events}) e on e.session = d.session_id and e.post = d.post_id
      where outcome = 'applied' and coalesce(e.events, 0) = 0`);
    deepEqual([...lost], [], "what was applied has its event");

    console.log(`${sent} likes of the bot, ${perSec} a second; ${JSON.stringify([...outcomes])}`);
    for (const phase of ["alone", "beside the bot", "after the outage"]) {
      const ms = answered.filter((a) => a.phase === phase).map((a) => a.ms).sort((a, b) => a - b);
      const at = (part: number) => `${Math.round(ms[Math.floor(part * (ms.length - 1))]!)} ms`;
      console.log(`${PEOPLE} people ${phase}: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`);
    }
  });
});

function settled(project: Project): Promise<void> {
  return until(
    async () => await project.count("queues.deferred_likes where outcome is null") === 0,
    "all deferred likes settled",
  );
}

async function toggle(
  project: Project,
  post: string,
  session: string,
  address = "10.0.0.1",
  isDeferred = true,
): Promise<Answer> {
  const { url, publishableKey } = project.stack;
  const response = await fetch(`${url}/rest/v1/rpc/toggle_post_like`, {
    method: "POST",
    headers: { apikey: publishableKey, "content-type": "application/json", "cf-connecting-ip": address },
    body: JSON.stringify({ p_post_id: post, p_session_id: session, p_defer: isDeferred }),
  });
  return { status: response.status, body: await response.json() };
}
