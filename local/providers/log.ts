/** What the providers were asked: what they accepted, and what they refused and why. Tests count with it. */

export type Provider = "fcm" | "apns" | "web_push" | "resend" | "sendgrid";
/** The providers, and whoever gives out the access tokens of FCM. */
export type Service = Provider | "google_oauth";

/** What a request is about, as far as it says so. */
export interface Subject {
  /** A device's token, an endpoint, an email address. */
  target: string | null;
  deliveryId: string | null;
  notificationId: string | null;
}

export interface Accepted extends Subject {
  provider: Provider;
  target: string;
  /** As the device or the mailbox gets it: decrypted, parsed. */
  payload: unknown;
  headers: Record<string, string>;
  messageId: string;
  /** False: the sender was told nothing, or an error. */
  answered: boolean;
  at: number;
}

export interface Refused extends Subject {
  provider: Service;
  /** 0: no answer; 201 of web_push: the push service takes it, and the browser cannot read it. */
  status: number;
  reason: string;
  /** A test asked for this failure. */
  scripted: boolean;
  /** The request itself is wrong, and its sender could have known. */
  mistake: boolean;
  at: number;
}

export class ProviderLog {
  accepted: Accepted[] = [];
  refused: Refused[] = [];
  /** Requests that were answered with what an earlier one with their idempotency key was answered. */
  replayed: { provider: Provider; deliveryId: string | null; at: number }[] = [];
  /** Access tokens given out. */
  grants = 0;

  of(provider: Provider): Accepted[] {
    return this.accepted.filter((entry) => entry.provider === provider);
  }

  /** A correct sender leaves this empty. */
  get mistakes(): Refused[] {
    return this.refused.filter(({ mistake }) => mistake);
  }

  /** How often each delivery arrived, by its id; those that arrived once included. */
  arrivals(provider?: Provider): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { provider: by, deliveryId } of this.accepted) {
      if (deliveryId === null || (provider !== undefined && by !== provider)) continue;
      counts.set(deliveryId, (counts.get(deliveryId) ?? 0) + 1);
    }
    return counts;
  }

  /** How many arrived that had arrived before. */
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
