/** Records the requests that the providers accepted and refused. */

export type Provider = "fcm" | "apns" | "web_push" | "resend" | "sendgrid" | "openai" | "http";
/** The providers, and the issuer of access tokens for FCM. */
export type Service = Provider | "google_oauth";

/** What a request is about, as far as it can be parsed. */
export interface Subject {
  /** A device's token, an endpoint, an email address; the text that is to be judged. */
  target: string | null;
  deliveryId: string | null;
  notificationId: string | null;
}

export interface Accepted extends Subject {
  provider: Provider;
  target: string;
  /** As the device or the mailbox receives it: decrypted and parsed. */
  payload: unknown;
  headers: Record<string, string>;
  messageId: string;
  /** False when the sender received an error or no answer. */
  answered: boolean;
  at: number;
}

export interface Refused extends Subject {
  provider: Service;
  /** 0: no answer; 201 for web_push: the push service accepts the message, but the browser cannot read it. */
  status: number;
  reason: string;
  /** Injected by a test. */
  scripted: boolean;
  /** The request is wrong, and the sender could have known. */
  mistake: boolean;
  at: number;
}

export class ProviderLog {
  accepted: Accepted[] = [];
  refused: Refused[] = [];
  /** Requests that got the answer of an earlier one with the same idempotency key. */
  replayed: { provider: Provider; deliveryId: string | null; at: number }[] = [];
  /** Access tokens issued. */
  grants = 0;

  of(provider: Provider): Accepted[] {
    return this.accepted.filter((entry) => entry.provider === provider);
  }

  /** A correct sender leaves this empty. */
  get mistakes(): Refused[] {
    return this.refused.filter(({ mistake }) => mistake);
  }

  /** How often each delivery arrived, by its id. */
  arrivals(provider?: Provider): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { provider: by, deliveryId } of this.accepted) {
      if (deliveryId === null || (provider !== undefined && by !== provider)) continue;
      counts.set(deliveryId, (counts.get(deliveryId) ?? 0) + 1);
    }
    return counts;
  }

  /** Number of repeated arrivals. */
  duplicates(provider?: Provider): number {
    return [...this.arrivals(provider).values()].reduce((sum, count) => sum + count - 1, 0);
  }

  clear(): void {
    this.accepted = [];
    this.refused = [];
    this.replayed = [];
    this.grants = 0;
  }
}
