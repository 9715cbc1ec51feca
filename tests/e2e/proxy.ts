/**
 * A proxy between the functions and the API that drops replies, delays requests and refuses connections. It forwards bytes
 * unchanged and reads only the first line of a request.
 */
export class Proxy implements AsyncDisposable {
  /** Decides about a request for a database function, before it is forwarded. */
  onCall: (name: string) => Promise<"pass" | "lose the reply"> = () => Promise.resolve("pass");
  /** The API; set after the start of the stack, which needs the proxy's address. */
  target = "";
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #open = new Set<Deno.Conn>();
  #absent = false;
  #ended = this.#accept();

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  /** Closes all connections, and refuses new ones until `comeBack`. */
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
    // Known before the wait, so that `leave` closes it.
    this.#open.add(client);
    const server = await Deno.connect({ hostname, port: Number(port) }).catch((error) => {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    });
    if (!server) return this.#close(client);
    this.#open.add(server);
    if (!this.#open.has(client)) return this.#close(server);
    let losing = false;
    const there = pump(client, async (bytes) => {
      const name = /^POST \/rest\/v1\/rpc\/(\w+)[ ?]/.exec(new TextDecoder().decode(bytes.subarray(0, 200)))?.[1];
      if (name) losing = await this.onCall(name) === "lose the reply";
      await write(server, bytes);
    });
    const back = pump(server, async (bytes) => {
      // The reply has arrived, so the request has been processed.
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

/** Forwards bytes until either side closes. */
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
      Deno.errors.ConnectionAborted,
      Deno.errors.NotConnected,
      Deno.errors.BrokenPipe,
    ];
    if (!ends.some((end) => error instanceof end)) throw error;
  }
}

async function write(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await to.write(bytes.subarray(written));
}
