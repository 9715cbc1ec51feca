/** Web Push (RFC 8030): the message is encrypted for the subscription, RFC 8291. */
import { encryptNotification } from "@block65/webcrypto-web-push";
import { reply } from "../http.ts";
import type { Send } from "./index.ts";
import { request } from "./request.ts";
import { lazy, type Settings } from "./settings.ts";
import { TokenCache } from "./token.ts";
import { authorization, readVapid } from "./vapid.ts";

/** Push services take 4096 bytes; 103 of them are the encryption's own. */
const MAX_BYTES = 4096 - 103;

export function webPush(settings: Settings): Send {
  const vapid = lazy(() => readVapid(settings));
  /** One for each push service, since a token names whom it is for. */
  const tokens = new Map<string, TokenCache>();
  const tokensFor = (origin: string): TokenCache => {
    const known = tokens.get(origin);
    if (known) return known;
    const cache = new TokenCache(async () => authorization(await vapid(), origin, settings), settings.now);
    tokens.set(origin, cache);
    return cache;
  };

  return async ({ subscription, headers, body }, signal) => {
    await vapid();
    const { endpoint = "", p256dh = "", auth = "" } = subscription ?? {};
    if (!URL.canParse(endpoint)) return reply(400, "the subscription's endpoint is not a URL");
    const plain = new TextEncoder().encode(body);
    if (plain.length > MAX_BYTES) return reply(413, `the message is longer than ${MAX_BYTES} bytes`);
    let encrypted: BodyInit;
    try {
      const target = { endpoint, expirationTime: null, keys: { p256dh, auth } };
      // Firefox on Android takes no more than about 3 KB, so a message is not padded to the most that others do.
      encrypted = await encryptNotification(target, plain, { pad: false });
    } catch {
      return reply(400, "the subscription's keys are not valid");
    }
    const cache = tokensFor(new URL(endpoint).origin);
    const token = await cache.get();
    const all = {
      ...headers,
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      authorization: token,
    };
    const answer = await request(endpoint, all, encrypted, signal);
    if (answer.status === 401 || answer.status === 403) cache.drop(token);
    return answer;
  };
}
