import type { Authorized } from "./index.ts";

export interface Token {
  /** The value of the `authorization` header. */
  header: string;
  /** Until when it is used, in milliseconds of the wall clock. */
  until: number;
}

/** Keeps a token for as long as it may be used. Deliveries that need a new one at the same time share it. */
export class TokenCache {
  #current?: Token;
  #next?: Promise<Token>;

  constructor(private readonly now: () => number) {}

  async get(make: () => Promise<Token>): Promise<Authorized> {
    const token = this.#current && this.now() < this.#current.until ? this.#current : await this.#renew(make);
    // When a token is refused, there may already be a newer one.
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
