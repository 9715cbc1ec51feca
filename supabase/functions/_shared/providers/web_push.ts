/** Web Push: the message is encrypted for the subscription (RFC 8291), its sender known by a VAPID key (RFC 8292). */
import { encryptNotification, vapidHeaders } from "@block65/webcrypto-web-push";
import { base64url } from "jose";
import { reply } from "../http.ts";
import type { Send } from "./index.ts";
import { request } from "./request.ts";
import { lazy, type Settings, unusable } from "./settings.ts";
import { TokenCache } from "./token.ts";

/** Push services take 4096 bytes; 103 of them are the encryption's own. */
const MAX_BYTES = 4096 - 103;
/** The library's tokens are valid for 12 hours. */
const VAPID_SECS = 6 * 3600;

export function webPush(settings: Settings): Send {
  const vapid = lazy(() => readVapid(settings));
  /** One token for each push service: it names whom it is for. */
  const tokens = new Map<string, TokenCache>();
  return async ({ subscription, headers, body }, signal) => {
    const { endpoint, p256dh, auth } = subscription ?? { endpoint: "", p256dh: "", auth: "" };
    const keys = await vapid();
    if (!URL.canParse(endpoint)) return reply(400, "the subscription's endpoint is not a URL");
    const plain = new TextEncoder().encode(body);
    if (plain.length > MAX_BYTES) return reply(413, `the message is longer than ${MAX_BYTES} bytes`);
    const target = { endpoint, expirationTime: null, keys: { p256dh, auth } };
    let encrypted: BodyInit;
    try {
      // Firefox on Android takes no more than about 3 KB, so a message is not padded to the most that others do.
      encrypted = await encryptNotification(target, plain, { pad: false });
    } catch {
      return reply(400, "the subscription's keys are not valid");
    }
    const { origin } = new URL(endpoint);
    let token = tokens.get(origin);
    if (!token) {
      token = new TokenCache(async () => ({
        text: (await vapidHeaders(target, keys)).headers.authorization,
        until: settings.now() + VAPID_SECS * 1000,
      }), settings.now);
      tokens.set(origin, token);
    }
    const authorization = await token.get();
    const all = {
      ...headers,
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      authorization,
    };
    const answer = await request(endpoint, all, encrypted, signal);
    if (answer.status === 401 || answer.status === 403) token.drop(authorization);
    return answer;
  };
}

interface Vapid {
  publicKey: string;
  privateKey: string;
  subject: string;
}

async function readVapid(settings: Settings): Promise<Vapid> {
  const publicKey = base64(settings, "VAPID_PUBLIC_KEY", 65, "an uncompressed point on P-256");
  const privateKey = base64(settings, "VAPID_PRIVATE_KEY", 32, "32 bytes");
  const subject = settings.word("VAPID_SUBJECT");
  if (!/^(mailto:|https:\/\/)./.test(subject)) unusable("VAPID_SUBJECT", "is neither a mailto: nor an https: address");
  if (!await belongTogether(publicKey, privateKey)) {
    unusable("VAPID_PRIVATE_KEY", "does not belong to VAPID_PUBLIC_KEY");
  }
  return { publicKey: base64url.encode(publicKey), privateKey: base64url.encode(privateKey), subject };
}

function base64(settings: Settings, name: string, length: number, what: string): Uint8Array {
  // Some tools write the other alphabet of base64, with padding.
  const text = settings.word(name).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  try {
    const bytes = base64url.decode(text);
    if (bytes.length === length) return bytes;
  } catch {
    // Said below.
  }
  return unusable(name, `is not ${what} in base64url`);
}

/** A push service would only say that the signature is wrong. */
async function belongTogether(publicKey: Uint8Array, privateKey: Uint8Array): Promise<boolean> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((part) => base64url.encode(part));
  const jwk = { kty: "EC", crv: "P-256", x, y };
  try {
    const verifier = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
    const full = { ...jwk, d: base64url.encode(privateKey) };
    const signer = await crypto.subtle.importKey("jwk", full, algorithm, false, ["sign"]);
    const data = new Uint8Array(1);
    return await crypto.subtle.verify(algorithm, verifier, await crypto.subtle.sign(algorithm, signer, data), data);
  } catch {
    return false;
  }
}
