/** Who sends a Web Push message: VAPID, RFC 8292. */
import { base64url, SignJWT } from "jose";
import { type Settings, unusable } from "./settings.ts";
import type { Token } from "./token.ts";

const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** A token may be valid for a day; clocks differ. */
const VALID_SECS = 12 * 3600;
const USED_SECS = 6 * 3600;

export interface Vapid {
  publicKey: string;
  privateKey: CryptoKey;
  subject: string;
}

export async function readVapid(settings: Settings): Promise<Vapid> {
  const point = decode(settings, "VAPID_PUBLIC_KEY", 65, "an uncompressed point of P-256");
  const number = decode(settings, "VAPID_PRIVATE_KEY", 32, "32 bytes");
  const subject = settings.word("VAPID_SUBJECT");
  if (!/^(mailto:|https:\/\/)./.test(subject)) unusable("VAPID_SUBJECT", "is neither a mailto: nor an https: address");
  const privateKey = await importPair(point, number);
  if (!privateKey) unusable("VAPID_PRIVATE_KEY", "does not belong to VAPID_PUBLIC_KEY");
  return { publicKey: base64url.encode(point), privateKey, subject };
}

/** The value of the header that proves to one push service who is sending. */
export async function authorization(vapid: Vapid, origin: string, settings: Settings): Promise<Token> {
  const now = settings.now();
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .setAudience(origin)
    .setExpirationTime(Math.floor(now / 1000) + VALID_SECS)
    .setSubject(vapid.subject)
    .sign(vapid.privateKey);
  return { text: `vapid t=${token}, k=${vapid.publicKey}`, until: now + USED_SECS * 1000 };
}

function decode(settings: Settings, name: string, length: number, what: string): Uint8Array {
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

/** The private key, if it is that of the public one: a push service would only say that the signature is wrong. */
async function importPair(point: Uint8Array, number: Uint8Array): Promise<CryptoKey | undefined> {
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), number].map((part) => base64url.encode(part));
  const jwk = { kty: "EC", crv: "P-256", x, y };
  try {
    const privateKey = await crypto.subtle.importKey("jwk", { ...jwk, d }, ES256, false, ["sign"]);
    const publicKey = await crypto.subtle.importKey("jwk", jwk, ES256, false, ["verify"]);
    const data = new Uint8Array(1);
    const signature = await crypto.subtle.sign(ES256, privateKey, data);
    return await crypto.subtle.verify(ES256, publicKey, signature, data) ? privateKey : undefined;
  } catch {
    return undefined;
  }
}
