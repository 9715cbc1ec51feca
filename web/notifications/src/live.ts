/**
 * The private channel of a person. Everybody who listens on one client shares it, so that StrictMode and two bells make no
 * second one. It is joined again, with a fresh token, whenever it ends without our doing: Realtime closes a channel whose
 * token expired while the tab slept, and the client library does not join such a channel again.
 */
import type { RealtimeChannel } from "@supabase/supabase-js";
import type { Client } from "./client.js";

export interface Broadcast {
  id: string;
  type: string;
  title: string | null;
  body: string | null;
  url: string | null;
  actor_count: number;
  is_withdrawn: boolean;
  updated_at: string;
}

export interface Listener {
  onBroadcast(event: string, payload: unknown): void;
  /** What was sent before is lost: list again. */
  onJoined(): void;
  onState(isLive: boolean): void;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;
/** A component that is mounted again at once keeps the channel. */
const LINGER_MS = 1_000;

class Live {
  readonly listeners = new Set<Listener>();
  #channel: RealtimeChannel | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #isLive = false;

  constructor(private readonly client: Client, private readonly topic: string) {
    this.#join();
    addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  close(): void {
    removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#retry);
    this.#leave();
  }

  async #join(): Promise<void> {
    const channel = this.client.channel(this.topic, { config: { private: true } });
    this.#channel = channel;
    // Before the first wait, so that an end during it is noticed.
    channel.on("broadcast", { event: "*" }, ({ event, payload }) => {
      if (this.#channel === channel) this.listeners.forEach((listener) => listener.onBroadcast(event, payload));
    });
    // Fetches a new token if the last one has expired.
    await this.client.realtime.setAuth();
    if (this.#channel !== channel) return;
    channel.subscribe((state) => {
      if (this.#channel !== channel) return;
      if (state === "SUBSCRIBED") {
        // The client library may have joined again by itself.
        clearTimeout(this.#retry);
        this.#tries = 0;
        this.#set(true);
        this.listeners.forEach((listener) => listener.onJoined());
      } else {
        this.#set(false);
        this.#joinLater();
      }
    });
  }

  #joinLater(): void {
    clearTimeout(this.#retry);
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.#joinAgain(), delay * (0.75 + Math.random() / 2));
  }

  async #joinAgain(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#leave();
    if (this.listeners.size > 0 && !this.#channel) await this.#join();
  }

  async #leave(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    this.#set(false);
    if (channel) await this.client.removeChannel(channel);
  }

  /** After a sleep timers are late: does not wait for them. */
  #wake = () => {
    if (document.visibilityState === "visible" && !this.#isLive && this.#tries > 0) this.#joinAgain();
  };

  #set(isLive: boolean): void {
    if (this.#isLive === isLive) return;
    this.#isLive = isLive;
    this.listeners.forEach((listener) => listener.onState(isLive));
  }
}

const lives = new WeakMap<Client, Map<string, Live>>();

/** Returns what ends the listening. */
export function listen(client: Client, person: string, listener: Listener): () => void {
  const ofClient = lives.get(client) ?? new Map<string, Live>();
  lives.set(client, ofClient);
  const topic = `notifications:${person}`;
  const live = ofClient.get(topic) ?? new Live(client, topic);
  ofClient.set(topic, live);
  live.listeners.add(listener);
  if (live.isLive) listener.onState(true);
  return () => {
    live.listeners.delete(listener);
    setTimeout(() => {
      if (live.listeners.size > 0 || ofClient.get(topic) !== live) return;
      ofClient.delete(topic);
      live.close();
    }, LINGER_MS);
  };
}
