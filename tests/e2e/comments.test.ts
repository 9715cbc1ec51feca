/**
 * Comments from a person's call to their verdict, and what follows: notifications, reports, appeal and review. COMMENTS: how
 * many (200).
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { signToken } from "../../local/stack/keys.ts";
import { Project, until } from "./project.ts";

const TOTAL = Number(Deno.env.get("COMMENTS") ?? 200);
const KILLS_AT = [0.1, 0.3, 0.6];
const QUEUES = ["comment_moderation", "notifications"];

/** What people write, and which verdicts may follow. Each text differs from the others of its kind. */
const kinds: { text: (n: number) => string; verdicts: string[] }[] = [
  {
    text: (n) => `${pick(PLACES, n)} ${pick(PRAISE, n >> 3)} ${pick(QUESTIONS, n >> 6)}`,
    verdicts: ["approved", "flagged"],
  },
  { text: (n) => `${pick(ELOGIOS, n)} ${pick(LUGARES, n >> 3)}`, verdicts: ["approved", "flagged"] },
  { text: (n) => `You stupid cunt, kill yourself ${"!".repeat(n % 7)} ${n}`, verdicts: ["rejected"] },
  { text: (n) => `H.i.j.o de pu\u200bta, vete a la m1erda ${n}`, verdicts: ["rejected"] },
  {
    text: (n) => `Earn money from home http://bit.ly/x${n} write on WhatsApp +1 555 010 ${n}`,
    verdicts: ["flagged", "rejected"],
  },
  {
    text: (n) => `<script>alert(${n})</script><img src=x onerror=alert(1)>'; drop table comments; --`,
    verdicts: ["approved", "flagged", "rejected"],
  },
  { text: (n) => `\u202e${"z\u0301\u0302\u0303".repeat(20)} ${n} 👨‍👩‍👧‍👦`, verdicts: ["approved", "flagged", "rejected"] },
  { text: (n) => `${"@nobody ".repeat(200)}${n}`, verdicts: ["approved", "flagged", "rejected"] },
  { text: (n) => `${"a".repeat(1990)} ${n}`, verdicts: ["approved", "flagged", "rejected"] },
  { text: (n) => `🌊 ${n}`, verdicts: ["approved", "flagged"] },
];

Deno.test(`${TOTAL} comments reach their verdicts, although workers are killed`, async () => {
  await using project = await Project.start();
  for (const queue of QUEUES) await project.set(queue, { batch_size: 20, max_crashes: 100 });
  const { owner, ids } = await project.posts(10);
  const authors =
    (await project.sql`insert into profiles (username) select 'author' || n from generate_series(1, 40) n returning id`)
      .map(({ id }) => id as string);
  // Otherwise the machine holds back those who write the worst.
  const clients = await Promise.all(authors.map((id) => signedIn(project, id)));

  project.stack.scheduler.start();
  const written = new Map<string, { author: string; text: string; kind: number }>();
  let refused = 0;
  const decided = () => project.count("comments where status <> 'pending'");
  const killing = (async () => {
    for (const at of KILLS_AT) {
      await until(async () => await decided() >= at * TOTAL * 0.5, `${at} of the comments decided`);
      for (const queue of QUEUES) {
        await project.kill(queue);
        await project.expire(queue);
      }
    }
  })();
  await inParallel(8, Array.from({ length: TOTAL }, (_, n) => n), async (n) => {
    const kind = n % kinds.length;
    // Offenders and others are different people, so that nobody is held back for somebody else's words.
    const author = (n % 4) * kinds.length + kind;
    const text = kinds[kind]!.text(Math.floor(n / kinds.length));
    const { data, error } = await clients[author]!.rpc("post_comment", {
      p_post_id: ids[n % ids.length],
      p_body: text,
    });
    if ((error as { code?: string } | null)?.code === "held_back") {
      ok(kinds[kind]!.verdicts.includes("rejected"), `held back: ${text}`);
      return void refused++;
    }
    equal(error, null);
    written.set(data.comment.id, { author: authors[author]!, text, kind });
  });
  await killing;
  await project.drained(...QUEUES);
  await project.stack.scheduler.stop();

  equal(written.size + refused, TOTAL);
  const comments = await project.sql`select id, author_id, body, status, reasons, model, told from comments`;
  equal(comments.length, written.size);
  for (const { id, author_id, body, status, reasons, model } of comments) {
    const { author, text, kind } = written.get(id)!;
    deepEqual([author_id, body], [author, text]);
    ok(kinds[kind]!.verdicts.includes(status), `${status}: ${text.slice(0, 80)} ${JSON.stringify(reasons)}`);
    ok(model, "the version of the model");
    equal(status === "approved", reasons.length === 0);
  }
  for (const queue of QUEUES) deepEqual(await project.deadLetters(queue), []);
  // Each is decided once, however often its worker was killed.
  const decisions = await project.sql`select comment_id, count(*)::int as n from queues.moderation_log group by 1`;
  deepEqual([decisions.length, Math.max(...decisions.map(({ n }) => n))], [written.size, 1]);
  const approved = comments.filter(({ status }) => status === "approved").length;
  const flagged = comments.filter(({ status }) => status === "flagged").length;
  ok(approved > 0);
  equal(await project.count("queues.reviews"), flagged);
  const told = await project.sql`
    select n.recipient_id, n.type, n.data ->> 'comment_id' as comment from notifications n where withdrawn_at is null`;
  deepEqual(
    told.filter(({ type }) => type === "new_comment").map(({ recipient_id, comment }) => `${recipient_id} ${comment}`)
      .sort(),
    comments.filter(({ status }) => status === "approved").map(({ id }) => `${owner} ${id}`).sort(),
  );
  deepEqual(
    told.filter(({ type }) => type === "comment_moderated").map(({ recipient_id, comment }) =>
      `${recipient_id} ${comment}`
    ).sort(),
    comments.map(({ id, author_id }) => `${author_id} ${id}`).sort(),
  );
});

Deno.test("a comment and those concerned", async (t) => {
  await using project = await Project.start();
  const people: Record<string, { id: string; app: SupabaseClient }> = {};
  let post: string;
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      for (const name of ["owner", "ann", "bob", "moderator"]) {
        const [row] = await project.sql`insert into profiles (username) values (${name}) returning id`;
        people[name] = { id: row!.id, app: await signedIn(project, row!.id) };
      }
      await project.sql`insert into queues.moderators (profile_id) values (${people.moderator!.id})`;
      [post] = (await project.sql`insert into posts_new (profile_id) values (${people.owner!.id}) returning id`).map((
        { id },
      ) => id);
      await body();
    });
  const as = async (name: string, call: string, args: Record<string, unknown> = {}) => {
    const { data, error, status } = await people[name]!.app.rpc(call, args);
    return { status, body: data ?? error };
  };
  const handle = async () => {
    for (const queue of QUEUES) equal((await project.call(queue)).body.stoppedBecause, "empty");
  };
  const told = async (name: string) =>
    (await project.sql`
      select type, data ->> 'decision' as decision from notifications
      where recipient_id = ${people[name]!.id} and withdrawn_at is null order by created_at, type`)
      .map(({ type, decision }) => decision ? `${type} ${decision}` : type);
  const write = async (name: string, p_body: string, p_parent_id?: string) => {
    const { status, body } = await as(name, "post_comment", { p_post_id: post, p_body, p_parent_id });
    equal(status, 200, JSON.stringify(body));
    equal(body.success, true, JSON.stringify(body));
    return body.comment.id as string;
  };
  const listed = async (name: string, p_parent_id?: string) =>
    (await as(name, "list_comments", { p_post_id: post, p_parent_id })).body.items;

  await it("is answered, mentions people, and tells each of them once", async () => {
    const top = await write("ann", "What a light! Where did you take this?");
    await handle();
    deepEqual([await told("owner"), await told("ann")], [["new_comment"], ["comment_moderated approved"]]);
    await write("bob", "At the lake, I guess. @owner knows, @moderator does too", top);
    await handle();
    deepEqual((await told("ann")).slice(1), ["comment_reply"]);
    deepEqual([await told("owner"), await told("moderator")], [["new_comment", "new_comment"], ["mention"]]);
    equal((await listed("owner", top)).length, 1);
    equal((await as("bob", "delete_comment", { p_comment_id: top })).body.code, "comment_not_found");
    equal((await as("owner", "delete_comment", { p_comment_id: top })).body.success, true);
    await handle();
    deepEqual([await told("owner"), await told("moderator")], [[], []]);
  });

  await it("is rejected, appealed, and published by a moderator, who is then out", async () => {
    const id = await write("ann", "You stupid cunt, kill yourself");
    await handle();
    const [item] = await listed("ann");
    deepEqual([item.status, item.own.may_appeal, item.own.reasons.length > 0], ["rejected", true, true]);
    deepEqual(await listed("bob"), []);
    equal((await as("ann", "appeal_comment", { p_comment_id: id, p_body: "a quotation" })).body.success, true);
    const { items: [review] } = (await as("moderator", "list_reviews")).body;
    deepEqual([review.comment_id, review.evidence.appeal.body, review.evidence.comment.status], [
      id,
      "a quotation",
      "rejected",
    ]);
    ok(review.evidence.comment.reasons[0].found);
    equal((await as("moderator", "approve_comment", { p_comment_id: id })).body.status, "approved");
    await handle();
    deepEqual((await listed("bob")).map(({ id }: { id: string }) => id), [id]);
    deepEqual(await told("ann"), ["comment_moderated rejected", "comment_moderated approved"]);
    await project.sql`delete from queues.moderators`;
    equal((await as("moderator", "reject_comment", { p_comment_id: id })).status, 403);
    equal((await as("bob", "list_reviews")).status, 403);
  });

  await it("is reported, rejected with a note, and its author banned", async () => {
    const id = await write("ann", "What a light! Where did you take this?");
    await handle();
    equal(
      (await as("bob", "report_comment", { p_comment_id: id, p_reason: "harassment", p_note: "again" })).body.success,
      true,
    );
    const { items: [review] } = (await as("moderator", "list_reviews")).body;
    deepEqual(review.evidence.reports.map(({ reason, note }: Record<string, string>) => [reason, note]), [[
      "harassment",
      "again",
    ]]);
    equal((await as("moderator", "reject_comment", { p_comment_id: id, p_note: "be kind" })).body.status, "rejected");
    await handle();
    deepEqual(await told("owner"), []);
    equal((await listed("ann"))[0].own.note, "be kind");
    equal((await as("ann", "edit_comment", { p_comment_id: id, p_body: "x" })).body.code, "decided_by_moderator");
    equal((await as("moderator", "ban_person", { p_person: people.ann!.id, p_secs: 60 })).body.success, true);
    const { status, body } = await as("ann", "post_comment", { p_post_id: post, p_body: "x" });
    deepEqual([status, body.code], [403, "banned"]);
  });

  await it("of somebody blocked is neither seen nor told of", async () => {
    equal((await as("owner", "mute_person", { p_person: people.ann!.id })).body.success, true);
    equal((await as("bob", "block_person", { p_person: people.ann!.id })).body.success, true);
    await write("ann", "What a light, @bob! Where did you take this?");
    await handle();
    deepEqual([await told("owner"), await told("bob")], [[], []]);
    deepEqual([await listed("owner"), await listed("bob")], [[], []]);
    equal((await listed("moderator")).length, 1);
  });

  await it("of a hostile client is refused with a reason, and nothing is stored", async () => {
    const token = await signToken(project.stack.jwtSecret, { role: "authenticated", sub: people.ann!.id });
    const post_ = async (body: string) => {
      const answer = await fetch(`${project.stack.url}/rest/v1/rpc/post_comment`, {
        method: "POST",
        headers: {
          apikey: project.stack.publishableKey,
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
        },
        body,
      });
      return [answer.status, (await answer.text()).slice(0, 300)] as const;
    };
    const text = (p_body: string) => `{"p_post_id": "${post}", "p_body": ${p_body}}`;
    const [large, largeBody] = await post_(text(JSON.stringify("x".repeat(10_000_000))));
    equal(large, 200);
    match(largeBody, /invalid_body/);
    for (const escape of ["\\u0000", "\\ud800", "\\udc00x"]) {
      const [status, answer] = await post_(text(`"${escape}"`));
      ok(status >= 400 && status < 500, `${status} ${answer}`);
    }
    match((await post_(text('"\\u200b\\u202e"')))[1], /invalid_body/);
    equal(await project.count("comments"), 0);
    equal(await project.count("pgmq.q_comment_moderation"), 0);
    // A guest, and too many at once.
    const guest = createClient(project.stack.url, project.stack.publishableKey, {
      auth: { persistSession: false, autoRefreshToken: false },
    });
    equal((await guest.rpc("post_comment", { p_post_id: post, p_body: "x" })).status, 401);
    // So slow that no comment is regained meanwhile.
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 1 where action = 'comment'`;
    for (let n = 0; n < 5; n++) await write("bob", `number ${n}`);
    const { status, body } = await as("bob", "post_comment", { p_post_id: post, p_body: "x" });
    deepEqual([status, body.code, body.retryAfter > 0], [429, "rate_limited", true]);
    await project.sql`update queues.rate_limits set enabled = false`;
  });
});

const PLACES = [
  "The lake",
  "This sunset",
  "Your dog",
  "The old bridge",
  "That mountain",
  "Grandma's garden",
  "The harbour",
  "This market",
];
const PRAISE = [
  "looks wonderful today.",
  "reminds me of last summer.",
  "is my favourite so far.",
  "made me smile.",
  "deserves a frame.",
  "is full of colour.",
  "is so calm.",
  "feels like home.",
];
const QUESTIONS = ["Where is it?", "Which camera was it?", "Did it rain?", "May I print it?"];
const ELOGIOS = [
  "Qué bonita foto de",
  "Me encanta la luz de",
  "Qué ganas de volver a",
  "Nunca había visto así",
  "Qué colores tiene",
  "Saludos desde",
  "Mañana vamos a",
  "Gracias por mostrar",
];
const LUGARES = ["la playa", "Medellín", "el mercado", "la sierra", "Oaxaca", "mi barrio", "el lago", "la plaza"];

function pick(words: string[], n: number): string {
  return words[n % words.length]!;
}

async function signedIn(project: Project, profileId: string): Promise<SupabaseClient> {
  const { url, publishableKey, jwtSecret } = project.stack;
  const token = await signToken(jwtSecret, { role: "authenticated", sub: profileId });
  return createClient(url, publishableKey, { accessToken: () => Promise.resolve(token) });
}

async function inParallel<T>(workers: number, inputs: T[], work: (input: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let n = next++; n < inputs.length; n = next++) await work(inputs[n]!);
  }));
}
