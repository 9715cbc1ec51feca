import type { Authorized } from "./index.ts";

export interface Token {
  /** The value of the `authorization` header. */
  header: string;
  /** The end of its use, in milliseconds of the wall clock. */
  until: number;
}

/** Keeps a token until the end of its use. Concurrent deliveries that need a new one share it. */
export class TokenCache {
  #current?: Token;
  #next?: Promise<Token>;

  constructor(private readonly now: () => number) {}

  async get(make: () => Promise<Token>): Promise<Authorized> {
    const token = this.#current && this.now() < this.#current.until ? this.#current : await this.#renew(make);
    // By the time that a token is refused, there may be a newer one.
    const forget = () => {
      if (this.#current === token) this.#current = undefined;
    };
    return { header: token.header, forget };
  }

  #renew(make: () => Promise<Token>): Promise<Token> {
    this.#next ??= make()
      .then((token) => this.#current = token)
      .finally(() => this.#next = undefined);
    return this.#next;
  }
}
