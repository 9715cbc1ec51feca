/** Makes deliveries: one authorized request to one provider each. Returns the answer unchanged. */
import { type Delivery, refusesToken, type Reply } from "../core.ts";
import { reply } from "../http.ts";
import type { Env } from "../variables.ts";
import { apns } from "./apns.ts";
import { encrypted } from "./encryption.ts";
import { google } from "./google.ts";
import { request } from "./request.ts";
import { NotSent, Secrets } from "./secrets.ts";
import { vapid } from "./vapid.ts";

/** The authorization of one request. */
export interface Authorized {
  /** The value of the `authorization` header. */
  header: string;
  /** The URL, if the secret completes that of the delivery. */
  url?: string;
  /** Drops the token, so that the next delivery gets a new one. */
  forget?(): void;
}

/** Makes deliveries with the secrets of an environment. Tokens are kept for as long as the process runs. */
export function newDeliver(
  env: Env = Deno.env.get,
  now: () => number = Date.now,
): (delivery: string) => Promise<Reply> {
  const secrets = new Secrets(env);
  const [byApns, byGoogle, byVapid] = [apns(secrets, now), google(secrets, now), vapid(secrets, now)];

  async function authorize({ authorization, url }: Delivery): Promise<Authorized> {
    switch (authorization.scheme) {
      case "api_key":
        return { header: `Bearer ${secrets.word(authorization.secret)}` };
      case "apns":
        return await byApns(authorization);
      case "google":
        return await byGoogle(authorization, url);
      case "vapid":
        return await byVapid(authorization, url);
    }
  }

  async function send(delivery: Delivery): Promise<Reply> {
    const signal = AbortSignal.timeout(delivery.timeout_ms);
    const { header, url = delivery.url, forget } = await authorize(delivery);
    const body = await encrypted(delivery);
    const reply = await request(url, { ...delivery.headers, authorization: header }, body, signal);
    if (forget && refusesToken(delivery.provider, reply)) forget();
    return reply;
  }

  return async (json) => {
    try {
      return await send(JSON.parse(json));
    } catch (error) {
      if (error instanceof NotSent) return error.reply;
      // Without the text of the error, which may contain the input.
      return reply(0, `the request could not be made: ${error instanceof Error ? error.name : typeof error}`);
    }
  };
}
