export interface Token {
  text: string;
  /** When it is to be replaced, by the wall clock in milliseconds. */
  until: number;
}

/** A token that is used until it is about to expire. Those who need the next one wait for the same. */
export class TokenCache {
  #current?: Token;
  #next?: Promise<string>;

  constructor(private readonly make: () => Promise<Token>, private readonly now: () => number) {}

  async get(): Promise<string> {
    if (this.#current && this.now() < this.#current.until) return this.#current.text;
    this.#next ??= this.#renew().finally(() => this.#next = undefined);
    return await this.#next;
  }

  /** Forgets a token that was refused; by then there may be another one. */
  drop(text: string): void {
    if (this.#current?.text === text) this.#current = undefined;
  }

  async #renew(): Promise<string> {
    this.#current = await this.make();
    return this.#current.text;
  }
}
