/**
 * Stand-in for Supabase Realtime: broadcasts of clients and of `realtime.send`, private topics by the policies of
 * realtime.messages, and changes of the tables in the publication supabase_realtime. It has no presence. For development
 * and tests only; a project that uses it needs `wal_level` logical.
 */
import type connect from "postgres";
import { random } from "../../stack/keys.ts";
import type { Log } from "../../stack/log.ts";
import { Loop } from "../loop.ts";
import { matches } from "./filters.ts";
import { Permissions, type Seen } from "./permissions.ts";
import { type RowChange, rowChanges } from "./pgoutput.ts";
import { type Channel, Socket } from "./socket.ts";

const TICK_MS = 50;
const PUBLICATIONS = "supabase_realtime,supabase_realtime_messages_publication";

export class Realtime {
  #sockets = new Set<Socket>();
  #permissions: Permissions;
  #loop: Loop;
  /** The session that has the slot. */
  #session: connect.Sql | undefined;
  #slot = "";
  #ready = Promise.withResolvers<void>();
  #stopped = false;

  /** `databaseUrl` is the superuser's. */
  constructor(databaseUrl: string, private readonly jwtSecret: string, private readonly log: Log) {
    this.#permissions = new Permissions(databaseUrl);
    this.#loop = new Loop("realtime", TICK_MS, databaseUrl, log, (sql) => this.#read(sql), undefined, "realtime");
    this.#loop.start();
  }

  /** Resolves once it hears of changes: what was committed before is lost. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Answers a request for a WebSocket. */
  connect(request: Request, role: string): Response {
    if (this.#stopped) return new Response("stopping", { status: 503 });
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return new Response("a WebSocket is needed", { status: 426, headers: { upgrade: "websocket" } });
    }
    const version = new URL(request.url).searchParams.get("vsn") === "1.0.0" ? "1.0.0" : "2.0.0";
    // Messages of the client end the wait for it, not Deno's own pings.
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const client = new Socket(socket, version, role, {
      jwtSecret: this.jwtSecret,
      permissions: this.#permissions,
      log: this.log,
      relay: (from, channel, payload) => this.#relay(from, channel, payload),
    });
    this.#sockets.add(client);
    socket.addEventListener("close", () => this.#sockets.delete(client));
    return response;
  }

  /** How many channels are joined. */
  get channels(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + socket.channels.size, 0);
  }

  /** Closes the connections of all clients, as a restart does; they may connect again. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.close(1012, "restart");
    this.#sockets.clear();
  }

  /** Ends all channels, as when their tokens expire. */
  expire(): void {
    for (const socket of this.#sockets) socket.shutDown("Token has expired 0 seconds ago");
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.disconnect();
    await this.#loop.stop();
    await this.#permissions.stop();
  }

  /** Sends what was committed since the last round. What is committed while there is no session is lost. */
  async #read(sql: connect.Sql): Promise<void> {
    if (this.#session !== sql) {
      this.#slot = `realtime_${random(6).toLowerCase().replace(/[^a-z0-9]/g, "_")}`;
      // Otherwise Postgres logs each read.
      await sql`set log_min_messages = fatal`;
      await sql`select pg_create_logical_replication_slot(${this.#slot}, 'pgoutput', temporary => true)`;
      this.#session = sql;
      this.#ready.resolve();
    }
    const messages = await sql<{ data: Uint8Array }[]>`
      select data from pg_logical_slot_get_binary_changes(
        ${this.#slot}, null, null, 'proto_version', '1', 'publication_names', ${PUBLICATIONS})`;
    for (const change of rowChanges(messages.map(({ data }) => data))) {
      if (change.schema === "realtime") this.#broadcast(change);
      else await this.#tellOf(change);
    }
  }

  /** A row that `realtime.send` inserted. */
  #broadcast({ type, row }: RowChange): void {
    if (type !== "INSERT" || row.extension !== "broadcast") return;
    const payload = JSON.parse(row.payload ?? "{}");
    const body = { type: "broadcast", event: row.event, payload: { id: row.id, ...payload }, meta: { id: row.id } };
    for (const [socket, channel] of this.#listeners(`realtime:${row.topic}`, row.private === "t")) {
      socket.push({ ...channel, joinRef: null }, "broadcast", body);
    }
  }

  #relay(from: Socket, { topic, isPrivate }: Channel, payload: unknown): void {
    for (const [socket, channel] of this.#listeners(topic, isPrivate)) {
      if (socket === from && !channel.hearsItself) continue;
      socket.push({ ...channel, joinRef: null }, "broadcast", payload);
    }
  }

  /** Everybody who asked gets the row as far as they may see it. */
  async #tellOf(change: RowChange): Promise<void> {
    const seen = new Map<string, Promise<Seen | undefined>>();
    for (const socket of this.#sockets) {
      for (const channel of socket.channels.values()) {
        const ids = channel.changes.filter((filter) => matches(filter, change)).map(({ id }) => id);
        if (ids.length === 0) continue;
        const person = JSON.stringify(channel.claims);
        if (!seen.has(person)) seen.set(person, this.#permissions.see(change, channel.claims));
        const row = await seen.get(person);
        if (!row) continue;
        const { type, schema, table, committedAt } = change;
        const key = Object.fromEntries(change.key.map((name) => [name, change.row[name]]));
        const data = {
          type,
          schema,
          table,
          commit_timestamp: committedAt.toISOString(),
          columns: row.columns,
          record: type === "DELETE" ? {} : row.record,
          old_record: type === "INSERT" ? {} : key,
          errors: null,
        };
        socket.push({ ...channel, joinRef: null }, "postgres_changes", { ids, data });
      }
    }
  }

  #listeners(topic: string, isPrivate: boolean): [Socket, Channel][] {
    return [...this.#sockets].flatMap((socket) => {
      const channel = socket.channels.get(topic);
      return channel?.isPrivate === isPrivate ? [[socket, channel] as [Socket, Channel]] : [];
    });
  }
}
