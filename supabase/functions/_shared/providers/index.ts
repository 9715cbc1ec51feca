/** Who brings a message out of the database: one request to one provider, signed, and whatever it answers. */
import type { Reply } from "../core.ts";
import type { Deliver } from "../host.ts";
import { reply } from "../http.ts";
import { apns } from "./apns.ts";
import { fcm } from "./fcm.ts";
import { resend } from "./resend.ts";
import { sendgrid } from "./sendgrid.ts";
import { AuthFailure, Settings } from "./settings.ts";
import { webPush } from "./web_push.ts";

/** A request as the core describes it. */
export interface Delivery {
  provider: string;
  /** The same for every try. */
  key: string;
  headers: Record<string, string>;
  body: string;
  /** Of the device, where it is part of the URL. */
  token?: string;
  subscription?: { endpoint: string; p256dh: string; auth: string };
}

/** Throws an AuthFailure if the request could not be made for want of a key or a token. */
export type Send = (delivery: Delivery, signal: AbortSignal) => Promise<Reply>;

export function newDeliver(settings: Settings): Deliver {
  // None reads its secrets before it is used.
  const senders = new Map<string, Send>([
    ["fcm", fcm(settings)],
    ["apns", apns(settings)],
    ["web_push", webPush(settings)],
    ["resend", resend(settings)],
    ["sendgrid", sendgrid(settings)],
  ]);
  return async (json) => {
    try {
      const delivery = JSON.parse(json) as Delivery;
      const send = senders.get(delivery.provider);
      if (!send) return reply(0, "the provider is not known here");
      return await send(delivery, AbortSignal.timeout(settings.timeoutMs));
    } catch (error) {
      if (error instanceof AuthFailure) return error.reply;
      // Nothing is known of its text; it might repeat what was given.
      return reply(0, `the request could not be made: ${error instanceof Error ? error.name : typeof error}`);
    }
  };
}

/** Tokens are kept for as long as the process runs. */
export const deliver: Deliver = newDeliver(new Settings((name) => Deno.env.get(name)));
