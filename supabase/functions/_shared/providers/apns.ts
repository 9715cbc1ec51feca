/** The provider tokens of the Apple Push Notification service. */
import { importPKCS8, SignJWT } from "jose";
import type { Authorization } from "../core.ts";
import type { Authorized } from "./index.ts";
import { lazy, type Secrets, unusable, unwrapped } from "./secrets.ts";
import { type Token, TokenCache } from "./tokens.ts";

type Apns = Extract<Authorization, { scheme: "apns" }>;

export function apns(secrets: Secrets, now: () => number): (how: Apns) => Promise<Authorized> {
  const key = lazy(async ({ secret }: Apns) => {
    const pem = unwrapped(secrets.text(secret));
    return await importPKCS8(pem, "ES256")
      .catch(() => unusable(secret, "is not a PKCS #8 private key in PEM, as in Apple's .p8 file"));
  });
  const tokens = new TokenCache(now);
  return (how) => tokens.get(async () => await sign(await key(how), how, now()));
}

async function sign(key: CryptoKey, how: Apns, now: number): Promise<Token> {
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: how.key_id })
    .setIssuer(how.team_id)
    .setIssuedAt(Math.floor(now / 1000))
    .sign(key)
    .catch(() => unusable(how.secret, "is not a complete key for ES256"));
  return { header: `bearer ${token}`, until: now + how.use_secs * 1000 };
}
