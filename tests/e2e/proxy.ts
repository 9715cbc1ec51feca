/**
 * A proxy between the functions and the API, for what a network does: it loses replies, delays requests, and goes away.
 * Bytes are passed on as they come; of a request only its first line is read.
 */
export class Proxy implements AsyncDisposable {
  /** What happens to the requests for a database function: called with its name before the request is passed on. */
  onCall: (name: string) => Promise<"pass" | "lose the reply"> = () => Promise.resolve("pass");
  /** Where to; known only after the stack that needs the proxy's address has started. */
  target = "";
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #open = new Set<Deno.Conn>();
  #absent = false;
  #ended = this.#accept();

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** Ends all connections, and refuses new ones until it is back. */
  leave(): void {
    this.#absent = true;
    this.#closeAll();
  }

  comeBack(): void {
    this.#absent = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#closeAll();
    await this.#ended;
  }

  async #accept(): Promise<void> {
    const serving = [];
    try {
      for await (const client of this.#listener) serving.push(this.#serve(client));
    } finally {
      await Promise.all(serving);
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    if (this.#absent) return client.close();
    const { hostname, port } = new URL(this.target);
    const server = await Deno.connect({ hostname, port: Number(port) });
    this.#open.add(client).add(server);
    let losing = false;
    const there = pump(client, async (bytes) => {
      const name = /^POST \/rest\/v1\/rpc\/(\w+)[ ?]/.exec(new TextDecoder().decode(bytes.subarray(0, 200)))?.[1];
      if (name) losing = await this.onCall(name) === "lose the reply";
      await write(server, bytes);
    });
    const back = pump(server, async (bytes) => {
      // The reply is here, so what was asked for is done.
      if (losing) this.#close(client, server);
      else await write(client, bytes);
    });
    await Promise.race([there, back]);
    this.#close(client, server);
    await Promise.all([there, back]);
  }

  #close(...connections: Deno.Conn[]): void {
    for (const connection of connections) if (this.#open.delete(connection)) connection.close();
  }

  #closeAll(): void {
    this.#close(...this.#open);
  }
}

/** Hands on what a connection says until it has ended, at whichever side. */
async function pump(from: Deno.Conn, to: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const buffer = new Uint8Array(65536);
  try {
    for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
      await to(buffer.subarray(0, read));
    }
  } catch (error) {
    const ends = [
      Deno.errors.BadResource,
      Deno.errors.Interrupted,
      Deno.errors.ConnectionReset,
      Deno.errors.BrokenPipe,
    ];
    if (!ends.some((end) => error instanceof end)) throw error;
  }
}

async function write(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
