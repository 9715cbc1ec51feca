/** Opinions of other services about comments of which the machine is unsure. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Providers, startProviders } from "../../local/providers/providers.ts";
import { signToken } from "../../local/stack/keys.ts";
import { backend, Project, until } from "./project.ts";

/** Each is flagged for one word alone. What the stand-ins think of them: local/providers/opinions.ts. */
const HARMLESS = "holy shit what a lake";
const INSULT = "holy shit what a harbour";
const UNSURE = "holy shit what a meadow";

interface Parts {
  it: (behaviour: string, body: () => Promise<void>) => Promise<unknown>;
  project: Project;
  providers: Providers;
  /** Posts a comment and has the machine judge it. */
  flag(text: string): Promise<string>;
  ask(): Promise<void>;
  comment(id: string): Promise<Record<string, unknown>>;
  /** What the author was told of a comment. */
  told(id: string): Promise<string[]>;
  author(): SupabaseClient;
}

const withProvider = (
  provider: "openai" | "http",
  name: string,
  wrong: Record<string, string>,
  body: (parts: Parts) => Promise<void>,
) =>
  Deno.test(name, async (t) => {
    await using providers = await startProviders({ configured: ["openai", "http"] });
    await using project = await Project.start({ functionEnv: { ...providers.env, ...wrong } });
    let app: SupabaseClient;
    let author: string;
    let post: string;
    await body({
      project,
      providers,
      it: (behaviour, step) =>
        t.step(behaviour, async () => {
          await project.reset();
          providers.heal();
          providers.log.clear();
          await project.sql`
            update queues.comment_settings set opinion_provider = ${provider}, opinion_from = 0, opinion_to = 1`;
          // Whatever the model thinks of it, the word alone does not reject.
          await project.sql`update queues.moderation_settings set offence_reject = 1`;
          await project.sql`
            update queues.notification_settings set breaker_failures = 5, breaker_base_secs = 1, breaker_cap_secs = 2`;
          await project.set("comment_opinions", { max_retries: 3, backoff_base_secs: 1, backoff_cap_secs: 1 });
          author = (await project.sql`insert into profiles (username) values ('ann') returning id`)[0]!.id;
          app = await signedIn(project, author);
          post = (await project.posts(1)).ids[0]!;
          await step();
          deepEqual(providers.log.mistakes, []);
        }),
      author: () => app,
      flag: async (text) => {
        const { data } = await app.rpc("post_comment", { p_post_id: post, p_body: text });
        equal(data?.success, true);
        equal((await project.call("comment_moderation")).body.stoppedBecause, "empty");
        const [row] = await project.sql`select status from comments where id = ${data.comment.id}`;
        equal(row!.status, "flagged");
        return data.comment.id;
      },
      ask: async () => {
        const { body } = await project.call("comment_opinions");
        equal(body.stoppedBecause, "empty", JSON.stringify(body));
      },
      comment: async (id) => (await project.sql`select * from comments where id = ${id}`)[0]!,
      told: async (id) => {
        await project.call("notifications");
        const notices = await project.sql`
          select data ->> 'decision' as decision from notifications
          where type = 'comment_moderated' and data ->> 'comment_id' = ${id} order by created_at`;
        return notices.map(({ decision }) => decision);
      },
    });
  });

for (const provider of ["openai", "http"] as const) {
  withProvider(
    provider,
    `opinions by ${provider}`,
    {},
    async ({ it, project, providers, flag, ask, comment, told }) => {
      await it("approve, reject, or leave a comment to the moderators", async () => {
        const [harmless, insult, unsure] = [await flag(HARMLESS), await flag(INSULT), await flag(UNSURE)];
        for (const id of [harmless, insult, unsure]) deepEqual(await told(id), []);
        await ask();
        const judged = await Promise.all([harmless, insult, unsure].map(comment));
        deepEqual(judged.map(({ status }) => status), ["approved", "rejected", "flagged"]);
        for (const { opinion, status } of judged) {
          const { verdict, provider: by, model, flagged, scores, at } = opinion as Record<string, unknown>;
          deepEqual([by, verdict, flagged], [provider, status, status === "rejected"]);
          equal(model, provider === "openai" ? "omni-moderation-2024-09-26" : "own-3");
          ok("harassment" in (scores as object) && at);
        }
        deepEqual((judged[0]!.reasons as unknown[]).length, 0);
        deepEqual((judged[1]!.reasons as unknown[]).at(-1), { code: "second_opinion", found: "harassment" });
        deepEqual(
          (await project.sql`select comment_id as id from queues.reviews`).map(({ id }) => id),
          [unsure],
        );
        // One notice each, of what it came to.
        for (const { id, status } of judged) deepEqual(await told(id as string), [status]);
        // The log has both decisions, and what the service said.
        const log = await project.sql`
        select action, opinion ->> 'provider' as by from queues.moderation_log where comment_id = ${insult} order by id`;
        deepEqual(log.map(({ action, by }) => [action, by]), [["flagged", null], ["rejected", provider]]);
      });

      await it("are asked for the text alone, without names", async () => {
        await flag("holy shit what a lake, @bob.smith!");
        await ask();
        const [asked] = providers.log.of(provider);
        deepEqual(
          asked!.payload,
          provider === "openai"
            ? { model: "omni-moderation-latest", input: "holy shit what a lake, @!" }
            : { text: "holy shit what a lake, @!" },
        );
        const sent = JSON.stringify(asked!.headers);
        ok(!/[0-9a-f]{8}-[0-9a-f]{4}/.test(sent), sent);
      });

      await it("do not come while nobody wants them", async () => {
        await project.sql`update queues.comment_settings set opinion_provider = null`;
        const id = await flag(HARMLESS);
        equal(await project.count("pgmq.q_comment_opinions"), 0);
        deepEqual(await told(id), ["flagged"]);
        // Turned off after a message was sent.
        await project.sql`update queues.comment_settings set opinion_provider = ${provider}`;
        const asked = await flag(INSULT);
        await project.sql`update queues.comment_settings set opinion_provider = null`;
        deepEqual(await told(asked), []);
        await ask();
        deepEqual([(await comment(asked)).status, (await comment(asked)).opinion], ["flagged", null]);
        deepEqual(await told(asked), ["flagged"]);
        equal(providers.log.accepted.length, 0);
      });

      await it("change nothing after an edit, a moderator's decision or a deletion", async () => {
        const [edited, decided, deleted] = [await flag(INSULT), await flag(HARMLESS), await flag(UNSURE)];
        await using other = await project.admin();
        let asking: Promise<void> | undefined;
        await other.sql.begin(async (sql) => {
          await sql`
          update comments set body = 'a lake', revision = 2, status = 'pending', decided_at = null where id = ${edited}`;
          await sql`update comments set status = 'approved' where id = ${decided}`;
          await sql`delete from comments where id = ${deleted}`;
          // Its claim sees none of this, and its settlement waits for it.
          asking = ask();
          await project.waiting(await backend(sql));
        });
        await asking;
        equal(providers.log.accepted.length, 3);
        deepEqual([(await comment(edited)).status, (await comment(edited)).opinion], ["pending", null]);
        deepEqual([(await comment(decided)).status, (await comment(decided)).opinion], ["approved", null]);
        equal(await project.count("pgmq.q_comment_opinions"), 0);
      });

      const busy = provider === "openai" ? "rate_limit_exceeded" : "too_many_requests";
      const broken = provider === "openai" ? "server_error" : "internal_error";

      await it("wait as long as the service asks, without using up a try", async () => {
        providers.fail(provider, [{ fault: busy, retryAfterSecs: 600, times: 1 }]);
        const id = await flag(HARMLESS);
        await ask();
        const [left] = await project.sql`
        select extract(epoch from vt - clock_timestamp())::int as secs, coalesce(f.failures, 0) as failures
        from pgmq.q_comment_opinions q left join queues.failures f using (msg_id)`;
        ok(left!.secs > 500, `${left!.secs} s`);
        equal(left!.failures, 0);
        const [breaker] = await project.sql`
        select extract(epoch from open_until - clock_timestamp())::int as secs from queues.circuit_breakers
        where provider = ${provider}`;
        ok(breaker!.secs > 500);
        // Others wait too: nobody is asked.
        await flag(INSULT);
        await ask();
        equal(providers.log.accepted.length, 0);
        equal((await comment(id)).status, "flagged");
        // When its time has come, one message probes it, and the others follow.
        await project
          .sql`update queues.circuit_breakers set open_until = clock_timestamp() where provider = ${provider}`;
        await until(async () => {
          await project.expire("comment_opinions");
          await ask();
          return await project.count("pgmq.q_comment_opinions") === 0;
        }, "all opinions");
        equal(providers.log.accepted.length, 2);
        equal((await comment(id)).status, "approved");
      });

      await it("come after drops, errors and nonsense", async () => {
        const faults = ["drop", "proxy_page", broken, "malformed", "huge"] as const;
        await project.set("comment_opinions", { max_retries: faults.length });
        providers.fail(provider, faults.map((fault) => ({ fault, times: 1 })) as never);
        const id = await flag(HARMLESS);
        await until(async () => {
          await project.expire("comment_opinions");
          await project
            .sql`update queues.circuit_breakers set open_until = clock_timestamp() where open_until is not null`;
          await ask();
          return await project.count("pgmq.q_comment_opinions") === 0;
        }, "the opinion");
        equal((await comment(id)).status, "approved");
        equal(providers.log.refused.length, faults.length);
      });

      await it("that never come leave the flag, and the message for a redrive", async () => {
        await project.sql`update queues.notification_settings set breaker_failures = 100`;
        providers.fail(provider, [{ fault: broken, share: 1 }] as never);
        const id = await flag(HARMLESS);
        await until(async () => {
          await project.expire("comment_opinions");
          await ask();
          return await project.count("pgmq.q_comment_opinions") === 0;
        }, "the last try");
        const [dead] = await project.deadLetters("comment_opinions");
        equal(dead!.attempts, 4);
        deepEqual(dead!.message, { v: 1, comment_id: id, revision: 1 });
        deepEqual([(await comment(id)).status, (await comment(id)).opinion], ["flagged", null]);
        deepEqual(await told(id), ["flagged"]);
        equal(await project.count("queues.reviews"), 1);
        providers.heal();
        await project.sql`select queues.redrive('comment_opinions')`;
        await ask();
        equal((await comment(id)).status, "approved");
        const [health] = await project.sql`select * from queues.delivery_health() where provider = ${provider}`;
        equal(health!.sent_60_min, "1");
      });
    },
  );
}

withProvider(
  "http",
  "opinions with a wrong environment",
  { MODERATION_URL: "http://moderation.suplatzigram.example/judge" },
  async ({ it, project, flag, ask, comment }) => {
    await it("wait, and health says which secret is wrong, never its value", async () => {
      await project.sql`insert into queues.moderators select id from profiles limit 1`;
      const id = await flag(HARMLESS);
      await ask();
      const [health] = await project.sql`select * from queues.delivery_health() where provider = 'http'`;
      equal(health!.state, "open");
      match(health!.reason, /MODERATION_URL is not a URL that begins with https:\/\//);
      match(health!.remedy, /supabase secrets set/);
      const [comments] = await project.sql`select * from queues.comment_health()`;
      equal(comments!.status, "late");
      match(comments!.reason, /MODERATION_URL is not a URL/);
      equal((await comment(id)).status, "flagged");
      equal(await project.count("pgmq.q_comment_opinions"), 1);
      ok(!project.said.join("\n").includes("moderation.suplatzigram.example"));
    });
  },
);

Deno.test("flagged comments get their opinions, although workers are killed", async () => {
  const [total, kills] = [90, 3];
  await using providers = await startProviders({ configured: ["openai"] });
  await using project = await Project.start({ functionEnv: providers.env });
  await project.sql`update queues.comment_settings set opinion_provider = 'openai'`;
  await project.sql`
    update queues.notification_settings set breaker_failures = 5, breaker_base_secs = 1, breaker_cap_secs = 1`;
  await project.set("comment_opinions", {
    batch_size: 10,
    max_retries: 100,
    // One message may be held at each kill, and a worker of a slow machine loses leases as well.
    max_crashes: 100,
    backoff_base_secs: 1,
    backoff_cap_secs: 1,
  });
  const { ids } = await project.posts(4);
  const authors = await project.sql`
    insert into profiles (username) select 'author' || n from generate_series(1, ${total}) n returning id`;
  const texts = [HARMLESS, INSULT, UNSURE];
  const rows = authors.map(({ id }, n) => ({
    post_id: ids[n % 4]!,
    author_id: id,
    body: texts[n % 3]!,
    status: "flagged",
    decided_at: new Date(),
  }));
  const written = await project.sql`insert into comments ${project.sql(rows)} returning id, body`;
  await project.sql`select queues.open_review(id, null) from comments`;
  await project.sql`select queues.ask_for_opinions(array(select c from comments c))`;
  providers.fail("openai", [
    { fault: "drop", share: 0.1 },
    { fault: "drop", accepted: true, share: 0.1 },
    { fault: "server_error", share: 0.1 },
    { fault: "rate_limit_exceeded", retryAfterSecs: 1, share: 0.02 },
  ]);
  providers.latency(20);
  project.stack.scheduler.start();
  for (let kill = 1; kill <= kills; kill++) {
    const opinions = () => project.count("comments where opinion is not null");
    await until(async () => await opinions() >= total * kill / (kills + 2), `kill ${kill}`);
    await project.kill("comment_opinions");
    await project.expire("comment_opinions");
  }
  await project.drained("comment_opinions");
  await project.stack.scheduler.stop();
  deepEqual(await project.deadLetters("comment_opinions"), []);
  const wanted: Record<string, string> = { [HARMLESS]: "approved", [INSULT]: "rejected", [UNSURE]: "flagged" };
  const judged = await project.sql`select id, body, status, opinion ->> 'verdict' as verdict from comments`;
  equal(judged.length, written.length);
  for (const { body, status, verdict } of judged) deepEqual([status, verdict], [wanted[body], wanted[body]]);
  // Each opinion is one decision, however often the service was asked.
  const twice = await project.sql`
    select comment_id from queues.moderation_log where opinion is not null group by 1 having count(*) > 1`;
  deepEqual([...twice], []);
  equal(await project.count("queues.reviews"), total / 3);
  deepEqual(providers.log.mistakes, []);
});

async function signedIn({ stack }: Project, id: string): Promise<SupabaseClient> {
  const token = await signToken(stack.jwtSecret, { role: "authenticated", sub: id });
  return createClient(stack.url, stack.publishableKey, { accessToken: () => Promise.resolve(token) });
}
