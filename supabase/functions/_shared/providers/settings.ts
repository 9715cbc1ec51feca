import type { Reply } from "../core.ts";
import type { Env } from "../environment.ts";
import { reply } from "../http.ts";

/** What the senders are made from. */
export class Settings {
  constructor(
    readonly env: Env,
    /** What one delivery may take, with the token it may need. */
    readonly timeoutMs = 15_000,
    /** The wall clock, in milliseconds. */
    readonly now: () => number = Date.now,
  ) {}

  /** A secret that has to be there. */
  text(name: string): string {
    // Files and pipes end with a newline, and so do secrets that were set from them.
    return this.env(name)?.trim() || unusable(name, "is not set");
  }

  /** A secret that becomes part of a header: what is not allowed there would end up in an error's text. */
  word(name: string): string {
    const text = this.text(name);
    return /^[\x21-\x7e]+$/.test(text) ? text : unusable(name, "has characters that cannot be part of it");
  }

  /** Where a provider is, without a slash at its end. */
  url(name: string, usual: string): string {
    const url = this.env(name)?.trim() || usual;
    return URL.canParse(url) ? url.replace(/\/+$/, "") : unusable(name, "is not a URL");
  }
}

/** Ends a delivery whose request cannot be made, for want of a token or of a key to sign one with. */
export class AuthFailure extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super("not authorized");
    this.reply = { ...reply, stage: "auth" };
  }
}

/** Names a secret that cannot be used; what is wrong with it, never what it is. */
export function unusable(name: string, why: string): never {
  throw new AuthFailure(reply(401, `the secret ${name} ${why}`));
}

/** Makes something when it is first needed, and once; a failure is not kept. */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
