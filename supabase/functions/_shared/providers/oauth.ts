import { importPKCS8, SignJWT } from "jose";
import { reply } from "../http.ts";
import { request } from "./request.ts";
import { AuthFailure, type Settings, unusable } from "./settings.ts";
import type { Token } from "./token.ts";

const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
/** An assertion may not be valid for longer. */
const ASSERTION_SECS = 3600;
/** Longer than a delivery takes, so that a token does not expire on its way. */
const MARGIN_SECS = 60;

/** The account that a Google Cloud project gives to a server. */
export interface ServiceAccount {
  projectId: string;
  email: string;
  keyId?: string;
  privateKey: CryptoKey;
  tokenUrl: string;
}

export async function readServiceAccount(settings: Settings): Promise<ServiceAccount> {
  const name = "FCM_SERVICE_ACCOUNT";
  const json = parse(settings.text(name)) ?? unusable(name, "is not a JSON object");
  const field = (key: string): string => {
    const value = json[key];
    return typeof value === "string" && value !== "" ? value : unusable(name, `has no ${key}`);
  };
  const tokenUrl = field("token_uri");
  if (!URL.canParse(tokenUrl)) unusable(name, "has a token_uri that is not a URL");
  return {
    projectId: field("project_id"),
    email: field("client_email"),
    keyId: "private_key_id" in json ? field("private_key_id") : undefined,
    privateKey: await importPKCS8(field("private_key"), "RS256")
      .catch(() => unusable(name, "has a private_key that is not a PKCS #8 private key in PEM")),
    tokenUrl,
  };
}

/** Trades a signed assertion for an access token (RFC 7523). */
export async function accessToken(account: ServiceAccount, settings: Settings): Promise<Token> {
  const now = Math.floor(settings.now() / 1000);
  const assertion = await new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: account.keyId })
    .setIssuer(account.email)
    .setAudience(account.tokenUrl)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECS)
    .sign(account.privateKey);
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const answer = await request(
    account.tokenUrl,
    { "content-type": "application/x-www-form-urlencoded" },
    form.toString(),
    // Whoever began to wait leaves some time to those who wait with it, and to the request itself.
    AbortSignal.timeout(settings.timeoutMs * 2 / 3),
  );
  if (answer.status !== 200) throw new AuthFailure(answer);
  const { access_token, expires_in } = parse(new TextDecoder().decode(answer.body)) ?? {};
  if (typeof access_token !== "string" || !/^[\x21-\x7e]+$/.test(access_token)) {
    // What came instead is not passed on: it may hold a token all the same.
    throw new AuthFailure(reply(0, "the token endpoint answered 200 without an access token"));
  }
  const secs = typeof expires_in === "number" ? expires_in : 0;
  return { text: access_token, until: settings.now() + (secs - MARGIN_SECS) * 1000 };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
