/** The package `comments` as the worker uses it: claims in, verdicts out. */
import { decide } from "../../../pkg/comments/queues.js";

const BATCH = 100;
/** As docs/moderation.md recommends them. */
const THRESHOLDS = { offence: { flag: 0.5, reject: 0.8 }, spam: { flag: 0.5, reject: 0.8 } };

export interface Verdict {
  comment_id: string;
  verdict: "approved" | "flagged" | "rejected";
  reasons: { code: string }[];
  scores: { offence: number; spam: number };
}

/** The signals of spam, and those of offence: an insult in a comment that is no spam is no mistake of the former. */
const SPAM = new Set([
  "spam_phrase",
  "link",
  "short_link",
  "phone_number",
  "email_address",
  "spam_model",
  "near_duplicate",
  "mention_flood",
  "repetition",
]);
const OFFENCE = new Set([
  "severe_word",
  "offensive_word",
  "insult",
  "masked_word",
  "group_hate",
  "offence_model",
]);

/** Whether a comment was found to be what the set is about. */
export function isFound({ verdict, reasons }: Verdict, isSpam: boolean): boolean {
  const signals = isSpam ? SPAM : OFFENCE;
  return verdict !== "approved" && reasons.some(({ code }) => signals.has(code));
}

/** The claims of comments by authors of whom nothing is known. */
export function claimsOf(texts: string[], language: string): Uint8Array[] {
  const claims: Uint8Array[] = [];
  for (let start = 0; start < texts.length; start += BATCH) {
    const bodies = texts.slice(start, start + BATCH);
    const id = (index: number) => `00000000-0000-4000-8000-${`${start + index}`.padStart(12, "0")}`;
    const author = { id: null, age_secs: null, offences: 0 };
    const comments = bodies.map((body, index) => [
      id(index),
      // What JSON cannot carry would not be in the database either.
      { revision: 1, status: "pending", body: body.replaceAll("\0", ""), language, author },
    ]);
    const messages = bodies.map((_, index) => ({
      msg_id: start + index + 1,
      read_ct: 1,
      failures: 0,
      size_bytes: 64,
      message: { v: 1, comment_id: id(index) },
    }));
    const claim = {
      now: "2026-11-23T12:00:00Z",
      policy: {
        visibility_timeout_secs: 60,
        batch_size: BATCH,
        max_retries: 3,
        backoff_base_secs: 10,
        backoff_cap_secs: 60,
        max_message_bytes: 1_000,
        delivery_concurrency: 16,
      },
      backlog: 0,
      context: {
        settings: { thresholds: { other: THRESHOLDS } },
        comments: Object.fromEntries(comments),
        recent: [],
      },
      messages,
    };
    claims.push(new TextEncoder().encode(JSON.stringify(claim)));
  }
  return claims;
}

export function judge(claims: Uint8Array[]): Verdict[] {
  const verdicts = claims.flatMap((claim): Verdict[] =>
    JSON.parse(decide("comment_moderation", claim)).effects.comment_verdicts
  );
  return verdicts.sort((a, b) => a.comment_id < b.comment_id ? -1 : 1);
}
