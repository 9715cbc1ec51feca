/** The API keys of a project, and tokens of its users. */
import { jwtVerify } from "jose";

export interface Keys {
  /** For clients: role anon. */
  publishableKey: string;
  /** For machines: role service_role. */
  secretKey: string;
  /** Signs the tokens of signed-in users. */
  jwtSecret: string;
}

export function newKeys(): Keys {
  return {
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    jwtSecret: random(32),
  };
}

/** A token (HS256) for PostgREST, such as a signed-in user's: `{ role: "authenticated", sub: id }`. */
export async function signToken(jwtSecret: string, claims: Record<string, unknown>): Promise<string> {
  const encoder = new TextEncoder();
  const text = [{ alg: "HS256", typ: "JWT" }, claims].map((part) => base64url(encoder.encode(JSON.stringify(part))));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(jwtSecret), algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign(algorithm, key, encoder.encode(text.join(".")));
  return [...text, base64url(new Uint8Array(signature))].join(".");
}

export interface Claims {
  role: string;
  /** Of a user's token, in seconds since 1970. */
  exp?: number;
  sub?: string;
  session_id?: string;
  [claim: string]: unknown;
}

/** The claims of a token that `signToken` made. Throws jose's errors for any other, and for one that has expired. */
export async function verifyToken(jwtSecret: string, token: string): Promise<Claims> {
  const { payload } = await jwtVerify<Claims>(token, new TextEncoder().encode(jwtSecret), { algorithms: ["HS256"] });
  return payload;
}

/** A secret of `bytes` bytes as text for URLs. */
export function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
