import type { Reply } from "../core.ts";
import { reply } from "../http.ts";
import { type Env, secret } from "../variables.ts";

/** The secrets of the providers. */
export class Secrets {
  constructor(private readonly env: Env) {}

  text(name: string): string {
    return secret(this.env, name);
  }

  /** A secret that becomes part of a header: fetch would quote an invalid one in its error. */
  word(name: string): string {
    const text = this.text(name);
    return /^[\x21-\x7e]+$/.test(text) ? text : unusable(name, "has invalid characters");
  }
}

/** Ends a delivery whose request cannot be made. */
export class NotSent extends Error {
  readonly reply: Reply;

  constructor(stage: Reply["stage"], reply: Reply) {
    super(`not sent: ${stage}`);
    this.reply = { ...reply, stage };
  }
}

/** Names a secret that cannot be used and says what is wrong with it, never what it is. */
export function unusable(name: string, why: string): never {
  throw new NotSent("secret", reply(0, `the secret ${name} ${why}`));
}

/** Makes a value when it is first needed, and keeps it; a failure is not kept. */
export function lazy<In, Out>(make: (from: In) => Promise<Out>): (from: In) => Promise<Out> {
  let made: Promise<Out> | undefined;
  return (from) => {
    made ??= make(from).catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
