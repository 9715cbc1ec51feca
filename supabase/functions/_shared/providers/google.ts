/** The access tokens of a Google service account, for Firebase Cloud Messaging. */
import { importPKCS8, SignJWT } from "jose";
import type { Authorization } from "../core.ts";
import { reply } from "../http.ts";
import type { Authorized } from "./index.ts";
import { request } from "./request.ts";
import { lazy, NotSent, type Secrets, unusable, unwrapped } from "./secrets.ts";
import { type Token, TokenCache } from "./tokens.ts";

type Google = Extract<Authorization, { scheme: "google" }>;

interface ServiceAccount {
  projectId: string;
  email: string;
  keyId?: string;
  privateKey: CryptoKey;
  tokenUrl: string;
}

export function google(secrets: Secrets, now: () => number): (how: Google, url: string) => Promise<Authorized> {
  const account = lazy(({ secret }: Google) => readAccount(secret, secrets.text(secret)));
  const tokens = new TokenCache(now);
  return async (how, url) => {
    const { projectId } = await account(how);
    const authorized = await tokens.get(async () => await accessToken(await account(how), how, now()));
    return { ...authorized, url: url.replace("{project_id}", encodeURIComponent(projectId)) };
  };
}

async function readAccount(name: string, text: string): Promise<ServiceAccount> {
  const json = parsePasted(text) ?? unusable(name, "is not a JSON object");
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
    privateKey: await importPKCS8(unwrapped(field("private_key")), "RS256")
      .catch(() => unusable(name, "has a private_key that is not a PKCS #8 private key in PEM")),
    tokenUrl,
  };
}

/** Trades a signed assertion for an access token (RFC 7523). */
async function accessToken(account: ServiceAccount, how: Google, now: number): Promise<Token> {
  const issuedAt = Math.floor(now / 1000);
  const assertion = await new SignJWT({ scope: how.scope })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: account.keyId })
    .setIssuer(account.email)
    .setAudience(account.tokenUrl)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + how.valid_secs)
    .sign(account.privateKey);
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const signal = AbortSignal.timeout(how.timeout_ms);
  const answer = await request(account.tokenUrl, headers, form.toString(), signal);
  if (answer.status !== 200) throw new NotSent("token", answer);
  const { access_token, expires_in } = parse(new TextDecoder().decode(answer.body)) ?? {};
  if (typeof access_token !== "string" || !/^[\x21-\x7e]+$/.test(access_token)) {
    // The body may contain a token, so it is not passed on.
    throw new NotSent("token", reply(0, "the token endpoint answered 200 without an access token"));
  }
  const secs = typeof expires_in === "number" ? expires_in : 0;
  return { header: `Bearer ${access_token}`, until: now + (secs - how.margin_secs) * 1000 };
}

/** JSON as people paste it: in quotes, escaped once more, with real line breaks in its strings, or in base64. */
function parsePasted(text: string): Record<string, unknown> | undefined {
  const plain = text.trim().replace(/^(["'])([^]*)\1$/, "$2");
  const inLines = plain.replace(/"(?:[^"\\]|\\.)*"/g, (string) => string.replace(/\r?\n/g, "\\n"));
  const unescaped = plain.replaceAll('\\"', '"').replace(/\\+n/g, "\\n");
  return parse(plain) ?? parse(inLines) ?? parse(unescaped) ?? parse(fromBase64(plain));
}

function fromBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text.replace(/\s/g, "")), (c) => c.charCodeAt(0)));
  } catch {
    return "";
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
