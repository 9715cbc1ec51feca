import type { Reply } from "../core.ts";
import { reply } from "../http.ts";
import { type Env, secret } from "../variables.ts";

/** The secrets of the providers. */
export class Secrets {
  constructor(private readonly env: Env) {}

  text(name: string): string {
    return secret(this.env, name);
  }

  /** A secret for a header. Checked here, because fetch quotes an invalid header in its error. */
  word(name: string): string {
    const text = this.text(name);
    return /^[\x21-\x7e]+$/.test(text) ? text : unusable(name, "has invalid characters");
  }
}

/** The request of a delivery cannot be made. */
export class NotSent extends Error {
  readonly reply: Reply;

  constructor(stage: Reply["stage"], reply: Reply) {
    super(`not sent: ${stage}`);
    this.reply = { ...reply, stage };
  }
}

/** Says what is wrong with a secret, without its value. */
export function unusable(name: string, why: string): never {
  throw new NotSent("secret", reply(0, `the secret ${name} ${why}`));
}

/** Makes a value at its first use and keeps it, unless that fails. */
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

/** The text of a key as people paste it: in quotes, with line breaks escaped once or twice, or in base64 as a whole. */
export function unwrapped(text: string): string {
  const plain = text.trim().replace(/^(["'])([^]*)\1$/, "$2");
  // A literal \n often stands for a line break where a secret has to be one line.
  if (plain.includes("-----")) return plain.replace(/\\+r/g, "").replace(/\\+n/g, "\n").replaceAll("\r", "");
  try {
    const decoded = atob(plain.replace(/\s/g, ""));
    return decoded.includes("-----") ? unwrapped(decoded) : plain;
  } catch {
    return plain;
  }
}
