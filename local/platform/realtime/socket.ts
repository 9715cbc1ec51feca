/** The WebSocket of one client, with its channels. */
import { errors } from "jose";
import { type Claims, verifyToken } from "../../stack/keys.ts";
import type { Log } from "../../stack/log.ts";
import { type ChangeFilter, problemOf } from "./filters.ts";
import { BadFrame, decode, encode, type Message, type Version } from "./frames.ts";
import type { Permissions } from "./permissions.ts";

export interface Channel {
  /** With the prefix `realtime:`. */
  topic: string;
  joinRef: string | null;
  isPrivate: boolean;
  hearsItself: boolean;
  wantsReplies: boolean;
  changes: ChangeFilter[];
  token: string | undefined;
  claims: Claims;
  /** Ends the channel when its token expires. */
  expiry?: ReturnType<typeof setTimeout>;
}

export interface Shared {
  jwtSecret: string;
  permissions: Permissions;
  log: Log;
  /** Sends a broadcast of one client to the others. */
  relay(from: Socket, channel: Channel, payload: unknown): void;
}

const PREFIX = "realtime:";
/** A client that says nothing for so long is gone; it sends a heartbeat every 25 s. */
const SILENCE_MS = 60_000;
/** Timers cannot wait for a token that is valid for years. */
const EXPIRY_CHECK_MS = 3_600_000;

let filters = 0;

/** Why a channel cannot be joined, or ends. */
class Refusal extends Error {}

export class Socket {
  readonly channels = new Map<string, Channel>();
  #work: Promise<unknown> = Promise.resolve();
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `role` is that of the key with which the client connected. */
  constructor(
    private readonly socket: WebSocket,
    private readonly version: Version,
    private readonly role: string,
    private readonly shared: Shared,
  ) {
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#heard());
    // One message after the other, as they were sent.
    socket.addEventListener("message", ({ data }) => this.#work = this.#work.then(() => this.#receive(data)));
    socket.addEventListener("close", () => this.#closed());
  }

  close(code = 1000, reason = ""): void {
    if (this.socket.readyState <= WebSocket.OPEN) this.socket.close(code, reason);
    this.#closed();
  }

  /** Ends all channels, and keeps the connection. */
  shutDown(reason: string): void {
    for (const channel of this.channels.values()) this.#shutDown(channel, reason);
  }

  send(message: Message): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encode(message, this.version));
  }

  push(channel: Channel, event: string, payload: unknown): void {
    this.send({ joinRef: channel.joinRef, ref: null, topic: channel.topic, event, payload });
  }

  async #receive(frame: string | ArrayBuffer): Promise<void> {
    this.#heard();
    try {
      await this.#handle(decode(frame, this.version));
    } catch (error) {
      if (!(error instanceof BadFrame)) this.shared.log(`[realtime] ${error}`);
      this.close(1011, error instanceof BadFrame ? error.message : "internal error");
    }
  }

  async #handle(message: Message): Promise<void> {
    const { topic, event, payload } = message;
    if (topic === "phoenix" && event === "heartbeat") return this.#reply(message, "ok", {});
    if (event === "phx_join") return await this.#join(message);
    const channel = this.channels.get(topic);
    if (!channel) return this.#reply(message, "error", { reason: "unmatched topic" });
    if (event === "phx_leave") {
      this.#reply(message, "ok", {});
      this.#end(channel);
    } else if (event === "access_token") {
      await this.#renew(channel, payload.access_token);
    } else if (event === "broadcast") {
      await this.#broadcast(message, channel);
    } else {
      this.shared.log(`[realtime] the stand-in has no \`${event}\``);
    }
  }

  async #join(message: Message): Promise<void> {
    const { topic, payload } = message;
    const known = this.channels.get(topic);
    if (known) this.#end(known);
    const config = payload.config ?? {};
    const changes: ChangeFilter[] = (config.postgres_changes ?? []).map((filter: ChangeFilter) => ({
      ...filter,
      id: ++filters,
    }));
    const channel: Channel = {
      topic,
      joinRef: message.joinRef ?? message.ref,
      isPrivate: config.private === true,
      hearsItself: config.broadcast?.self === true,
      wantsReplies: config.broadcast?.ack === true,
      changes,
      token: undefined,
      claims: { role: this.role },
    };
    try {
      if (!topic.startsWith(PREFIX) || topic === PREFIX) {
        throw new Refusal("TopicNameRequired: You must provide a topic name");
      }
      await this.#admit(channel, payload.access_token);
    } catch (error) {
      return this.#reply(message, "error", { reason: reasonOf(error, this.shared.log) });
    }
    this.channels.set(topic, channel);
    this.#reply(message, "ok", { postgres_changes: changes });
    if (changes.length > 0) {
      const problem = changes.map(problemOf).find(Boolean);
      this.#tell(channel, "postgres_changes", problem ? "error" : "ok", problem ?? "Subscribed to PostgreSQL");
      if (problem) channel.changes = [];
    }
  }

  /** Checks the token and, for a private topic, the policies. Keys count as the role that they were made for. */
  async #admit(channel: Channel, token: unknown): Promise<void> {
    const isToken = typeof token === "string" && !token.startsWith("sb_");
    const claims = isToken ? await claimsOf(token, this.shared.jwtSecret) : { role: this.role };
    const name = channel.topic.slice(PREFIX.length);
    if (channel.isPrivate && !(await this.shared.permissions.mayHear(name, claims))) {
      throw new Refusal(`Unauthorized: You do not have permissions to read from this Channel topic: ${name}`);
    }
    channel.token = isToken ? token : undefined;
    channel.claims = claims;
    clearTimeout(channel.expiry);
    if (claims.exp) this.#expire(channel, claims.exp * 1000);
  }

  #expire(channel: Channel, at: number): void {
    const left = at - Date.now();
    channel.expiry = setTimeout(() => {
      if (left > EXPIRY_CHECK_MS) this.#expire(channel, at);
      else this.#shutDown(channel, "Token has expired 0 seconds ago");
    }, Math.min(left, EXPIRY_CHECK_MS));
  }

  /** A new token must allow what the old one did. */
  async #renew(channel: Channel, token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_") || token === channel.token) return;
    try {
      await this.#admit(channel, token);
    } catch (error) {
      this.#shutDown(channel, reasonOf(error, this.shared.log));
    }
  }

  async #broadcast(message: Message, channel: Channel): Promise<void> {
    const name = channel.topic.slice(PREFIX.length);
    const allowed = !channel.isPrivate || await this.shared.permissions.maySend(name, channel.claims);
    // As on the platform, a client that may not send is not told, unless it asked.
    if (allowed) this.shared.relay(this, channel, message.payload);
    if (channel.wantsReplies && allowed) this.#reply(message, "ok", {});
  }

  #shutDown(channel: Channel, reason: string): void {
    this.#tell(channel, "system", "error", reason);
    this.#end(channel);
  }

  #tell(channel: Channel, extension: string, status: string, message: string): void {
    this.push(channel, "system", { extension, status, message, channel: channel.topic.slice(PREFIX.length) });
  }

  #end(channel: Channel): void {
    clearTimeout(channel.expiry);
    this.channels.delete(channel.topic);
    this.push(channel, "phx_close", {});
  }

  #reply({ joinRef, ref, topic }: Message, status: "ok" | "error", response: unknown): void {
    this.send({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } });
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.close(1000, "timeout"), SILENCE_MS);
  }

  #closed(): void {
    clearTimeout(this.#silence);
    for (const { expiry } of this.channels.values()) clearTimeout(expiry);
    this.channels.clear();
  }
}

async function claimsOf(token: string, secret: string): Promise<Claims> {
  try {
    const claims = await verifyToken(secret, token);
    if (claims.exp && claims.role) return claims;
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      const secs = Math.floor(Date.now() / 1000 - error.payload.exp!);
      throw new Refusal(`InvalidJWTToken: Token has expired ${secs} seconds ago`);
    }
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw new Refusal("JwtSignatureError: Failed to validate JWT signature");
    }
    if (error instanceof errors.JOSEError) throw new Refusal("MalformedJWT: The token provided is not a valid JWT");
    throw error;
  }
  throw new Refusal("InvalidJWTToken: Fields `role` and `exp` are required in JWT");
}

function reasonOf(error: unknown, log: Log): string {
  if (error instanceof Refusal) return error.message;
  log(`[realtime] ${error}`);
  return "UnableToConnectToProject: Realtime was unable to connect to the project database";
}
