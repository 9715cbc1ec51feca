/** Invalid messages: each is dead-lettered with a reason that names the field, and its neighbours succeed. */
import { deepEqual, equal, match } from "node:assert/strict";
import { comment, likeEvent, oldAnalytics } from "./messages.ts";
import { Project } from "./project.ts";

const id = "00000000-0000-4000-8000-000000000001";
const notification = (fields: object) => JSON.stringify({ ...JSON.parse(comment(id, id)), ...fields });
const analytics = (fields: object) => JSON.stringify({ ...JSON.parse(oldAnalytics(id)), ...fields });
const delivery = (fields: object = {}) => JSON.stringify({ v: 1, delivery_id: id, ...fields });
const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Invalid in every queue: the body, the reason, the error. */
const noMessages: [string, string, RegExp][] = [
  ["null", "not_an_object", /^the message must be an object, found null$/],
  ["true", "not_an_object", /found a boolean/],
  ["1e400", "not_an_object", /found a number/],
  ['"like"', "not_an_object", /found text/],
  ["[{}]", "not_an_object", /found an array/],
  [nested(3000), "not_an_object", /found an array/],
  ["{}", "missing_field", /^`(event_type|event|type|delivery_id)` is missing$/],
  [`{"metadata":${nested(3000)}}`, "message_too_complex", /more than 3\d levels of nesting/],
  [JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, n]))), "message_too_complex", /fields/],
  [JSON.stringify("x".repeat(300_000)), "message_too_large", /has 300002 bytes; its queue allows 262144/],
  [JSON.stringify({ event: "x".repeat(6_000_000) }), "message_too_large", /its queue allows 262144/],
  [JSON.stringify({ event: "🙂".repeat(70_000) }), "message_too_large", /its queue allows 262144/],
];

type Queue = "like_events" | "notifications" | "analytics" | "deliveries";

const poison: Record<Queue, [string, string, RegExp][]> = {
  like_events: [
    [likeEvent({ event_type: 7 }), "wrong_type", /`event_type` must be text, found a number/],
    [likeEvent({ event_type: "love" }), "unknown_type", /`event_type`.*"love"/],
    [likeEvent({ v: 2 }), "unknown_version", /`v`.*"2"/],
    [likeEvent({ v: "1" }), "unknown_version", /`v`/],
    [likeEvent({ event_value: -1 }), "invalid_field", /`event_value`/],
    [likeEvent({ event_value: "1" }), "wrong_type", /`event_value`/],
    [likeEvent({ post_id: null }), "missing_field", /`post_id`/],
    [likeEvent({ post_id: "me" }), "invalid_field", /`post_id` is not a UUID/],
    [likeEvent({ post_owner_id: {} }), "wrong_type", /`post_owner_id`/],
    [likeEvent({ post_caption: ["a"] }), "wrong_type", /`post_caption`/],
    [likeEvent({ liker_session_id: "" }), "invalid_field", /`liker_session_id` is empty/],
    [likeEvent({ liker_session_id: "x".repeat(129) }), "invalid_field", /`liker_session_id` is too long/],
    [likeEvent({ liker_profile_id: `${id}0` }), "invalid_field", /`liker_profile_id`/],
    [likeEvent({ new_like_count: -1 }), "invalid_field", /`new_like_count` is out of range/],
    [likeEvent({ new_like_count: 1.5 }), "invalid_field", /`new_like_count`/],
    [likeEvent().replace('"new_like_count":1', '"new_like_count":1e400'), "invalid_field", /`new_like_count`/],
    [likeEvent({ timestamp: undefined }), "missing_field", /`timestamp`/],
    [likeEvent({ timestamp: 1700000000 }), "wrong_type", /`timestamp`/],
    [likeEvent({ timestamp: "yesterday" }), "invalid_field", /`timestamp`/],
    [likeEvent({ timestamp: "infinity" }), "invalid_field", /`timestamp`/],
    [likeEvent({ timestamp: "0001-01-01T00:00:00Z" }), "invalid_field", /`timestamp` is too far in the past/],
    [likeEvent({ timestamp: "9999-12-31T23:59:59Z" }), "invalid_field", /`timestamp` is in the future/],
    [likeEvent({ timestamp: "294277-01-01T00:00:00Z" }), "invalid_field", /`timestamp`/],
    [likeEvent({ metadata: "none" }), "wrong_type", /`metadata` must be an object/],
  ],
  notifications: [
    [notification({ type: "poke" }), "unknown_type", /`type`.*"poke"/],
    [notification({ type: ["new_like"] }), "wrong_type", /`type`/],
    [notification({ v: 99 }), "unknown_version", /`v`/],
    [notification({ recipient_id: null }), "missing_field", /`recipient_id`/],
    [notification({ recipient_id: "me" }), "invalid_field", /`recipient_id`/],
    [notification({ post_id: 1 }), "wrong_type", /`post_id`/],
    [notification({ session_id: "x".repeat(1000) }), "invalid_field", /`session_id`/],
    [notification({ timestamp: "2026-02-30T00:00:00Z" }), "invalid_field", /`timestamp`/],
  ],
  analytics: [
    [analytics({ event: "x".repeat(65) }), "invalid_field", /`event`/],
    [analytics({ event: "Robert'); drop table" }), "invalid_field", /`event` is not a snake_case name/],
    [analytics({ event: 7 }), "wrong_type", /`event`/],
    [analytics({ v: {} }), "unknown_version", /`v`/],
    [analytics({ post_id: "1" }), "invalid_field", /`post_id`/],
    [analytics({ session_id: [] }), "wrong_type", /`session_id`/],
    [analytics({ new_count: "7" }), "wrong_type", /`new_count`/],
    [analytics({ new_count: -7 }), "invalid_field", /`new_count`/],
    [analytics({ timestamp: "1969-12-31T23:59:59Z" }), "invalid_field", /`timestamp`/],
    [analytics({ metadata: [] }), "wrong_type", /`metadata`/],
  ],
  deliveries: [
    [delivery({ v: 2 }), "unknown_version", /`v`.*"2"/],
    [delivery({ delivery_id: null }), "missing_field", /`delivery_id`/],
    [delivery({ delivery_id: 7 }), "wrong_type", /`delivery_id` must be text, found a number/],
    [delivery({ delivery_id: "'; drop table profiles" }), "invalid_field", /`delivery_id` is not a UUID/],
    [delivery({ delivery_id: `${id}0` }), "invalid_field", /`delivery_id` is not a UUID/],
  ],
};

Deno.test("poison", async (t) => {
  await using project = await Project.start();

  for (const queue of Object.keys(poison) as Queue[]) {
    await t.step(`${queue}: poison is dead-lettered with its reason, its neighbours succeed`, async () => {
      await project.reset();
      const { owner, ids: [post] } = await project.posts(1);
      const good = {
        like_events: () => likeEvent({ post_id: post, post_owner_id: owner }),
        notifications: () => comment(owner, post!),
        analytics: () => oldAnalytics(post!),
        // Its notification is gone, so there is nothing to deliver.
        deliveries: () => delivery(),
      }[queue];
      const bad = [...noMessages, ...poison[queue]];
      // Valid messages before, between and after.
      await project.send(queue, [good(), ...bad.flatMap(([body]) => [body, good()])]);
      await project.sql`select pgmq.send(${queue}, null::jsonb)`;

      const goods = bad.length + 1;
      // Large messages are claimed separately, so one call may not claim all.
      const { status, body } = await project.call(queue);
      equal(status, 200);
      deepEqual(
        { ...body, batches: undefined },
        {
          queue,
          claimed: goods + bad.length + 1,
          processed: goods,
          retried: 0,
          deferred: 0,
          deadLettered: bad.length + 1,
          lost: 0,
          released: 0,
          batches: undefined,
          stoppedBecause: "empty",
        },
      );

      const letters = await project.deadLetters(queue);
      equal(letters.length, bad.length + 1);
      bad.forEach(([sent, reason, error], n) => {
        const letter = letters[n]!;
        match(letter.error, error);
        deepEqual(
          {
            reason: letter.reason,
            attempts: letter.attempts,
            crashes: letter.crashes,
            history: letter.history.length,
          },
          { reason, attempts: 1, crashes: 0, history: 1 },
          sent.slice(0, 200),
        );
      });
      equal(letters.at(-1)!.reason, "not_an_object");
      // The original is kept unchanged, however large or deep.
      const kept = await project.sql`
        select count(*)::int as count from pgmq.${project.sql(`q_${queue}_dlq`)} letter
        join unnest(${bad.map(([body]) => body)}::text[]) sent on sent::jsonb = letter.message -> 'message'`;
      equal(kept[0]!.count >= bad.length, true);
      const effects = {
        like_events: "pgmq.q_analytics",
        notifications: "notifications",
        analytics: "analytics_events",
        deliveries: "pgmq.a_deliveries",
      };
      equal(await project.count(effects[queue]), goods);
      equal(await project.count(`pgmq.a_${queue}`), goods);
    });
  }

  await t.step("a message with any content ends in the archive or the dead-letter queue", async () => {
    await project.reset();
    const { owner, ids: [post] } = await project.posts(1);
    const random = seeded(20261123);
    const messages = {
      like_events: () => likeEvent({ post_id: post, post_owner_id: owner }),
      notifications: () => comment(owner, post!),
      analytics: () => oldAnalytics(post!),
    };
    for (const [queue, message] of Object.entries(messages) as [Queue, () => string][]) {
      await project.send(queue, Array.from({ length: 200 }, () => mutated(message(), random)));
    }
    // And the messages that likes cause.
    for (const queue of Object.keys(messages) as Queue[]) {
      const { status, body } = await project.call(queue);
      equal(status, 200);
      equal(body.processed + body.deadLettered, body.claimed);
      equal(await project.count(`pgmq.q_${queue}`), 0);
      equal(await project.count(`pgmq.a_${queue}`), body.processed);
      equal((await project.deadLetters(queue)).length, body.deadLettered);
    }
    equal(await project.count("analytics_events"), await project.count("pgmq.a_analytics"));
    // Likes of one post share a notification; each comment has its own.
    equal(await project.count("notifications where type = 'new_comment'") > 1, true);
  });

  await t.step("messages caused by a valid like are valid", async () => {
    await project.reset();
    const { owner, ids: [post] } = await project.posts(1);
    const random = seeded(11);
    const like = likeEvent({ post_id: post, post_owner_id: owner });
    await project.send("like_events", Array.from({ length: 500 }, () => mutated(like, random)));
    const { processed } = (await project.call("like_events")).body;
    equal(processed > 0, true);
    equal((await project.call("analytics")).body.processed, processed);
    await project.call("notifications");
    // A recipient may not exist: those are dropped.
    deepEqual(await project.deadLetters("notifications"), []);
  });
});

const odd = [
  "null",
  "true",
  "-0",
  "1.0",
  "1e2",
  "9223372036854775807",
  "9223372036854775808",
  "1e-400",
  '""',
  '" "',
  '"\\u200b"',
  '"2026-11-23 11:59:59+00"',
  '"2026-11-23T11:59:60Z"',
  '"2026-06-30T23:59:60.999999999999Z"',
  '"2026-11-23T00:00:00-12:00"',
  '"00000000000040008000000000000001"',
  '"{00000000-0000-4000-8000-000000000001}"',
  '"urn:uuid:00000000-0000-4000-8000-000000000001"',
  '"ffffffff-ffff-ffff-ffff-ffffffffffff"',
  '"\\ud83d\\ude42\\uffff\\u0001"',
  "{}",
  '{"":{}}',
  '{"metadata":{"post_id":1}}',
  "[]",
  '"new_follower"',
  '"unlike"',
  nested(31),
  nested(33),
];

/** Replaces one to three fields, known or not, with odd values. */
function mutated(message: string, random: (below: number) => number): string {
  const fields = new Map(Object.entries(JSON.parse(message)).map(([name, value]) => [name, JSON.stringify(value)]));
  const names = [...fields.keys(), "metadata", "profile_id", "post_caption", "", "__proto__", "\u0001"];
  for (let times = random(3); times >= 0; times--) fields.set(names[random(names.length)]!, odd[random(odd.length)]!);
  return `{${[...fields].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
}

/** Pseudo-random numbers, the same in every run (mulberry32). */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
