/** Decides which requests fail, and how, by a plan that a test sets. The same seed gives the same failures. */
import type { Subject } from "./log.ts";

export interface Fault<Name extends string = string> {
  /** The provider's name for the failure; `drop` closes the connection unanswered, `proxy_page` is the answer of a proxy
   * in between; absent: it only waits. */
  fault?: Name | "drop" | "proxy_page";
  /** Accepts the message before failing, so that the sender cannot know. */
  accepted?: boolean;
  /** Sets Retry-After; null omits it from an answer that usually has it. */
  retryAfterSecs?: number | null;
  /** Overrides the usual latency. */
  latencyMs?: number;
  /** What the request waits for before that. */
  after?: Promise<unknown>;
}

export interface Attempt extends Subject {
  /** Number of this request for the delivery, from 1. */
  attempt: number;
}

/**
 * A function, or a list: faults with `times` apply to that many of the next requests, those with `share` to that share
 * of the rest.
 */
export type Plan<Name extends string = string> =
  | ((attempt: Attempt, random: () => number) => Fault<Name> | undefined)
  | (Fault<Name> & ({ times: number } | { share: number }))[];

export class Faults {
  #plan: Plan | undefined;
  #seed = 0;
  #left: number[] = [];
  #attempts = new Map<string, number>();

  set(plan: Plan | undefined, seed: number): void {
    this.#plan = plan;
    this.#seed = seed;
    this.#left = Array.isArray(plan) ? plan.map((entry) => "times" in entry ? entry.times : 0) : [];
    this.#attempts.clear();
  }

  next(subject: Subject): Fault | undefined {
    const plan = this.#plan;
    if (!plan) return;
    // Seeded by the delivery: the order of requests differs between runs.
    const name = subject.deliveryId ?? subject.target ?? "";
    const attempt = (this.#attempts.get(name) ?? 0) + 1;
    this.#attempts.set(name, attempt);
    const random = randomNumbers(`${this.#seed} ${name} ${attempt}`);
    if (!Array.isArray(plan)) return plan({ ...subject, attempt }, random);

    const next = plan.findIndex((_, index) => this.#left[index]! > 0);
    if (next >= 0) {
      this.#left[next]!--;
      return plan[next];
    }
    let draw = random();
    for (const entry of plan) {
      if (!("share" in entry)) continue;
      if (draw < entry.share) return entry;
      draw -= entry.share;
    }
  }
}

/** Random numbers in [0, 1) seeded by a text: FNV-1a, then mulberry32. */
function randomNumbers(text: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
