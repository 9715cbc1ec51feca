/**
 * One client calls as fast as it can while other people like. `BURST_TOGGLES=20000` makes the burst as long as the limit
 * is meant for; the latency of the others is printed, not asserted.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { pause, Project, until } from "./project.ts";

const TOGGLES = Number(Deno.env.get("BURST_TOGGLES") || 1_000);
/** Calls of the client that are open at a time. */
const AT_ONCE = 20;
const PEOPLE = 10;
/** Below the limit of one person, with the default of 30 a minute and 10 at once. */
const LIKES_EACH = 8;

interface Answer {
  status: number;
  ms: number;
  retryAfter: string | null;
  // deno-lint-ignore no-explicit-any
  body: any;
}

Deno.test(`a burst of ${TOGGLES} toggles of one client costs other people no like`, async () => {
  await using project = await Project.start();
  const { ids } = await project.posts(LIKES_EACH);
  const [target] = (await project.posts(1)).ids;
  await project.sql`update queues.rate_limits set enabled = true`;
  await project.sql`update queues.rate_limit_settings set address_header = 'x-forwarded-for', trusted_proxies = 1`;

  /** As a proxy passes it on, which appends the address that it saw. */
  const toggle = async (post: string, session: string, address: string): Promise<Answer> => {
    const start = performance.now();
    const answer = await fetch(`${project.stack.url}/rest/v1/rpc/toggle_post_like`, {
      method: "POST",
      headers: {
        apikey: project.stack.publishableKey,
        "content-type": "application/json",
        "x-forwarded-for": `1.2.3.4, ${address}`,
      },
      body: JSON.stringify({ p_post_id: post, p_session_id: session }),
    });
    const body = await answer.json();
    return {
      status: answer.status,
      ms: performance.now() - start,
      retryAfter: answer.headers.get("retry-after"),
      body,
    };
  };
  /** Each person likes each post once, at moments of their own. */
  const people = async (round: number): Promise<Answer[]> => {
    const answers = await Promise.all(Array.from({ length: PEOPLE }, async (_, person) => {
      const own: Answer[] = [];
      for (const post of ids) {
        own.push(await toggle(post, `${round} ${person}`, `9.9.${round % 256}.${person}`));
        await pause(20 + 30 * Math.random());
      }
      return own;
    }));
    return answers.flat();
  };

  const warm = await people(0);
  const alone = [...await people(1), ...await people(2)];
  let left = TOGGLES;
  const bot: Answer[] = [];
  const burst = Promise.all(Array.from({ length: AT_ONCE }, async () => {
    // Half of the calls change the session with each call: then the address is over its limit.
    while (left-- > 0) bot.push(await toggle(target!, left % 2 ? "bot" : crypto.randomUUID(), "8.8.8.8"));
  }));
  await until(() => bot.some(({ status }) => status === 429), "the first refusal");
  const beside: Answer[] = [];
  // For as long as the burst lasts, at least once.
  for (let round = 3; round === 3 || left > 0; round++) beside.push(...await people(round));
  await burst;
  // As much as before, so that what else the machine does meets both.
  alone.push(...await people(1_000), ...await people(1_001));

  const honest = [...warm, ...alone, ...beside];
  deepEqual(honest.filter(({ status, body }) => status !== 200 || !body.isLiked), []);
  equal(bot.length, TOGGLES);
  const refused = bot.filter(({ status }) => status !== 200);
  deepEqual(refused.filter(({ status, body }) => status !== 429 || body.code !== "rate_limited"), []);
  deepEqual(
    refused.filter(({ retryAfter, body }) => Number(retryAfter) !== body.retryAfter || !(body.retryAfter > 0)),
    [],
  );
  ok(refused.length > 0 && refused.length < TOGGLES, `${refused.length} refused`);

  // Every like that was allowed has its message, and no other.
  const allowed = honest.length + bot.length - refused.length;
  equal(await project.count("pgmq.q_like_events") + await project.count("pgmq.a_like_events"), allowed);
  const [counted] = await project.sql`select queues.limited_calls() -> 'like' as calls`;
  deepEqual(counted!.calls, { allowed, refused: refused.length });
  const differing = await project.sql`
    select p.id from posts_new p where p.likes <> (select count(*) from post_ratings r where r.post_id = p.id)`;
  deepEqual([...differing], []);
  // By its session and its address: nobody else was refused.
  const limited = await project.sql`select kind, refused::int from queues.most_limited(1000)`;
  ok(limited.length <= 2, `${limited.length}`);
  equal(limited.reduce((sum, { refused }) => sum + refused, 0), refused.length);

  const [before, during] = [p95(alone), p95(beside)];
  console.log(
    `p95 of the others: ${before.toFixed(0)} ms alone, ${
      during.toFixed(0)
    } ms beside ${TOGGLES} toggles of one client ` +
      `(${refused.length} refused), ${(during / before).toFixed(1)} times as long`,
  );
});

function p95(answers: Answer[]): number {
  return answers.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.ceil(answers.length * 0.95) - 1]!;
}
