/** The tokens that identify the sender of a Web Push message: VAPID, RFC 8292. */
import { base64url, SignJWT } from "jose";
import type { Authorization } from "../core.ts";
import type { Authorized } from "./index.ts";
import { lazy, type Secrets, unusable } from "./secrets.ts";
import { type Token, TokenCache } from "./tokens.ts";

type Vapid = Extract<Authorization, { scheme: "vapid" }>;

const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export function vapid(secrets: Secrets, now: () => number): (how: Vapid, url: string) => Promise<Authorized> {
  const key = lazy((how: Vapid) => importKey(secrets, how));
  /** By push service, because a token is for one of them. */
  const caches = new Map<string, TokenCache>();
  return async (how, url) => {
    const { origin } = new URL(url);
    const tokens = caches.get(origin) ?? new TokenCache(now);
    caches.set(origin, tokens);
    return await tokens.get(async () => await sign(await key(how), how, origin, now()));
  };
}

/** Checks that the keys are a pair: a push service would report a wrong pair as a wrong signature. */
async function importKey(secrets: Secrets, how: Vapid): Promise<CryptoKey> {
  const d = privateNumber(secrets, how.secret);
  const point = base64url.decode(how.public_key);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => base64url.encode(part));
  const jwk = { kty: "EC", crv: "P-256", x, y };
  try {
    const privateKey = await crypto.subtle.importKey("jwk", { ...jwk, d }, ES256, false, ["sign"]);
    const publicKey = await crypto.subtle.importKey("jwk", jwk, ES256, false, ["verify"]);
    const data = new Uint8Array(1);
    const signature = await crypto.subtle.sign(ES256, privateKey, data);
    if (await crypto.subtle.verify(ES256, publicKey, signature, data)) return privateKey;
  } catch {
    // Reported below.
  }
  return unusable(how.secret, "does not belong to VAPID_PUBLIC_KEY");
}

function privateNumber(secrets: Secrets, name: string): string {
  // Some tools write standard base64 with padding.
  const text = secrets.word(name).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  try {
    if (base64url.decode(text).length === 32) return text;
  } catch {
    // Reported below.
  }
  return unusable(name, "is not 32 bytes in base64url");
}

async function sign(key: CryptoKey, how: Vapid, audience: string, now: number): Promise<Token> {
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setAudience(audience)
    .setExpirationTime(Math.floor(now / 1000) + how.valid_secs)
    .setSubject(how.subject)
    .sign(key);
  return { header: `vapid t=${token}, k=${how.public_key}`, until: now + how.use_secs * 1000 };
}
