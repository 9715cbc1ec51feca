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
      await body();
    });

  await it("a like over its limit is answered 202 and applied once its limit allows", async () => {
    const { ids } = await project.posts(4);
    // A like every two seconds.
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 30, burst = 1 where action = 'like'`;
    const answers = await Promise.all([0, 1, 2, 3].map((n) => toggle(project, ids[n]!, "s")));
    const statuses = answers.map(({ status }) => status).sort();
    deepEqual(statuses, [200, 202, 202, 202]);
    const { applyAfter, ...deferred } = answers.find(({ status }) => status === 202)!.body;
    deepEqual(deferred, { success: true, deferred: true, isLiked: true });
    match(applyAfter, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);

    project.stack.scheduler.start();
    await settled(project);
    await project.stack.scheduler.stop();
    equal(await project.count("queues.deferred_likes where outcome = 'applied' and settled_at >= apply_after"), 3);
    deepEqual([...await project.sql`select likes::int from posts_new`].map(({ likes }) => likes), [1, 1, 1, 1]);
    deepEqual(await project.deadLetters("deferred_actions"), []);
    const calls = await project.count("queues.dispatches where queue = 'deferred_actions'");
    ok(calls <= 3, `${calls} calls for three likes at different times`);
  });

  await it("a flood of one session does not hold up the likes of others", async () => {
    const { ids } = await project.posts(21);
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 60, burst = 1 where action = 'like'`;
    const honest = async (session: string) => {
      for (const post of ids.slice(0, 3)) await toggle(project, post, session);
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
    for (const post of ids) await toggle(project, post, "flood");
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
    let sent = 0;
    const refused: string[] = [];
    const answered: { bot: boolean; session: string; post: string; status: number; ms: number; phase: string }[] = [];
    const like = async (phase: string, session: string, post: string, address: string) => {
      const began = performance.now();
      const mayFail = isOut;
      try {
        const isDeferred = !session.startsWith("bot") || sent % 2 === 0;
        const { status, body } = await toggle(project, post, session, address, isDeferred);
        const isAnswer = [200, 202, 429].includes(status);
        // PostgREST answers without a code if its connection was lost.
        const isLost = (isOut || mayFail) && (status >= 500 || !body.code);
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
        await like("bot", `bot ${n % 40}`, ids[n % ids.length]!, "9.9.9.9");
      }
    }));
    await people("beside the bot");
    const applied = () => project.count("queues.deferred_likes where outcome = 'applied' and session_id like 'bot%'");
    await until(async () => await applied() > 0, "some of its likes applied");
    await project.kill("deferred_actions");
    isOut = true;
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
