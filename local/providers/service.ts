/** What all services share: check a request, inject a planned failure, accept or reject. */
import { type Fault, Faults } from "./faults.ts";
import type { Provider, ProviderLog, Refused, Service, Subject } from "./log.ts";

export interface Incoming {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Identifies the sender's connection, for services behind TLS. */
  connection: string;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A text as it is, anything else as JSON; empty when absent. */
  body?: unknown;
}

/** A valid request. */
export interface Checked extends Subject {
  target: string;
  payload: unknown;
  /** Applies the request and answers it. */
  accept(): { reply: Reply; messageId: string };
  /** Undoes what checking reserved: the request is not accepted after all. */
  abandon?(): void;
  /** The answer to an earlier accepted request with the same idempotency key. */
  replay?: Reply;
  /** Why the recipient cannot read it, although the service accepts it. */
  unreadable?: string;
}

/** The answer to a rejected request. */
export class Refusal extends Error {
  /** `isMistake`: false where the sender could not have known, such as when an app was uninstalled. */
  constructor(
    readonly reply: Reply,
    readonly reason: string,
    readonly subject: Partial<Subject> = {},
    readonly isMistake = true,
  ) {
    super(reason);
  }
}

export interface Definition {
  name: Service;
  /** Throws a `Refusal`. */
  check(request: Incoming): Promise<Checked> | Checked;
  /** Answers to the failures that a test can inject, by name. */
  faults: Record<string, MakeFault>;
}

/** `about`: the failing request. */
export type MakeFault = (fault: Fault, about: { checked: Checked; request: Incoming }) => Reply;

export class Exchange {
  readonly faults = new Faults();

  constructor(
    private readonly definition: Definition,
    private readonly log: ProviderLog,
    private readonly latencyMs: () => number,
  ) {}

  /** Answers a request, or drops its connection. */
  async answer(request: Incoming): Promise<{ reply: Reply | "drop"; answered: () => void }> {
    const { name } = this.definition;
    let checked: Checked;
    try {
      checked = await this.definition.check(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await pause(this.latencyMs());
      this.#refuse(error.subject, error.reply.status, error.reason, { scripted: false, mistake: error.isMistake });
      return { reply: error.reply, answered: () => {} };
    }
    const { target, deliveryId, notificationId } = checked;
    const fault = this.faults.next({ target, deliveryId, notificationId });
    await fault?.after;
    await pause(fault?.latencyMs ?? this.latencyMs());

    if (!fault?.fault) {
      const { reply, answered } = this.#accept(checked, request);
      return { reply, answered };
    }
    if (fault.accepted) this.#accept(checked, request);
    else checked.abandon?.();
    if (fault.fault === "drop") {
      if (!fault.accepted) this.#refuse(checked, 0, fault.fault, SCRIPTED);
      return { reply: "drop", answered: () => {} };
    }
    if (fault.fault === "proxy_page") {
      if (!fault.accepted) this.#refuse(checked, PROXY_PAGE.status, fault.fault, SCRIPTED);
      return { reply: PROXY_PAGE, answered: () => {} };
    }
    const make = this.definition.faults[fault.fault];
    if (!make) throw new Error(`${name} has no failure \`${fault.fault}\``);
    const reply = make(fault, { checked, request });
    if (!fault.accepted) this.#refuse(checked, reply.status, fault.fault, SCRIPTED);
    return { reply, answered: () => {} };
  }

  #accept(checked: Checked, request: Incoming): { reply: Reply; answered: () => void } {
    const { name } = this.definition;
    const { target, deliveryId, notificationId, payload } = checked;
    if (checked.replay) {
      this.log.replayed.push({ provider: name as Provider, deliveryId, at: Date.now() });
      return { reply: checked.replay, answered: () => {} };
    }
    const { reply, messageId } = checked.accept();
    if (checked.unreadable) {
      this.#refuse(checked, reply.status, checked.unreadable, { scripted: false, mistake: true });
      return { reply, answered: () => {} };
    }
    if (name === "google_oauth") {
      this.log.grants++;
      return { reply, answered: () => {} };
    }
    const headers = withoutSecrets(request.headers);
    const subject = { target, deliveryId, notificationId };
    const entry = { provider: name, ...subject, payload, headers, messageId, answered: false, at: Date.now() };
    this.log.accepted.push(entry);
    return { reply, answered: () => entry.answered = true };
  }

  #refuse(subject: Partial<Subject>, status: number, reason: string, why: Why): void {
    const { target = null, deliveryId = null, notificationId = null } = subject;
    const provider = this.definition.name;
    this.log.refused.push({ provider, target, deliveryId, notificationId, status, reason, ...why, at: Date.now() });
  }
}

/** As a captive portal or the firewall of a company answers. */
const PROXY_PAGE: Reply = {
  status: 200,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: "<!DOCTYPE html>\n<title>Sign in to the network</title>\n",
};

type Why = Pick<Refused, "scripted" | "mistake">;
const SCRIPTED: Why = { scripted: true, mistake: false };

function withoutSecrets({ authorization: _, ...headers }: Record<string, string>): Record<string, string> {
  return headers;
}

export function pause(ms: number): Promise<void> | void {
  if (ms > 0) return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The Retry-After header of a fault, or else `usual`. */
export function retryAfter(fault: Fault, usual: number | null): Record<string, string> {
  const secs = fault.retryAfterSecs === undefined ? usual : fault.retryAfterSecs;
  return secs === null ? {} : { "retry-after": `${secs}` };
}

export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}

export function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
