/**
 * Valid requests to the providers, which tests then make invalid. Signed and encrypted with the runtime's own primitives,
 * so that the libraries of the stand-ins are held against a second implementation.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { sign } from "node:crypto";
import type { Device, Providers } from "../../../local/providers/providers.ts";

export interface Request {
  url: string;
  method?: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
}

export interface Response {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any
  body: any;
}

export async function send(
  { url, method = "POST", headers, body }: Request,
  client?: Deno.HttpClient,
): Promise<Response> {
  const content = method === "GET" ? undefined : body;
  const response = await fetch(url, { method, headers, body: content, redirect: "manual", client });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export interface Claims {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

/** `key`: PKCS #8, PEM. */
export function jwt(alg: "RS256" | "ES256", key: string, header: object, claims: object): string {
  const text = [{ alg, typ: "JWT", ...header }, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const signature = sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const nowSecs = (): number => Math.floor(Date.now() / 1000);
export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url");

/** Requests an access token from Google. */
export function tokenRequest({ env }: Providers, { header, claims }: Claims = {}): Request {
  const account = JSON.parse(env.FCM_SERVICE_ACCOUNT!);
  const assertion = jwt("RS256", account.private_key, { kid: account.private_key_id, ...header }, {
    iss: account.client_email,
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    aud: account.token_uri,
    iat: nowSecs(),
    exp: nowSecs() + 3600,
    ...claims,
  });
  return {
    url: account.token_uri,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion }).toString(),
  };
}

export async function accessToken(providers: Providers, claims?: Claims): Promise<string> {
  const { status, body } = await send(tokenRequest(providers, claims));
  assert.equal(status, 200, JSON.stringify(body));
  return body.access_token;
}

/** `message`: overrides fields of a valid one. */
export function fcmRequest({ env }: Providers, token: string, device: Device, message: object = {}): Request {
  const account = JSON.parse(env.FCM_SERVICE_ACCOUNT!);
  return {
    url: `${env.FCM_URL}/v1/projects/${account.project_id}/messages:send`,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      message: {
        token: device.token,
        notification: { title: "New like", body: "Ana liked your photo" },
        data: { delivery_id: crypto.randomUUID(), notification_id: crypto.randomUUID() },
        android: { priority: "HIGH", ttl: "86400s", collapse_key: "likes", notification: { tag: "likes" } },
        ...message,
      },
    }),
  };
}

export function providerToken({ env }: Providers, { header, claims }: Claims = {}): string {
  const all = { iss: env.APNS_TEAM_ID, iat: nowSecs(), ...claims };
  return jwt("ES256", env.APNS_PRIVATE_KEY!, { kid: env.APNS_KEY_ID, ...header }, all);
}

export function apnsRequest({ env }: Providers, token: string, device: Device): Request {
  return {
    url: `${env.APNS_URL}/3/device/${device.token}`,
    headers: {
      authorization: `bearer ${token}`,
      "apns-topic": env.APNS_TOPIC!,
      "apns-push-type": "alert",
      "apns-id": crypto.randomUUID(),
      "apns-priority": "10",
      "apns-expiration": `${nowSecs() + 86_400}`,
      "apns-collapse-id": "likes",
    },
    body: JSON.stringify({
      aps: { alert: { title: "New like", body: "Ana liked your photo" } },
      notification_id: crypto.randomUUID(),
    }),
  };
}

export async function vapid({ env, urls }: Providers, { header, claims }: Claims = {}): Promise<string> {
  const [x, y] = coordinates(env.VAPID_PUBLIC_KEY!);
  const jwk = { kty: "EC", crv: "P-256", x, y, d: env.VAPID_PRIVATE_KEY!, ext: true };
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, true, ["sign"]);
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString("base64")}\n-----END PRIVATE KEY-----`;
  const all = { aud: urls.web_push, exp: nowSecs() + 3600, sub: env.VAPID_SUBJECT, ...claims };
  return jwt("ES256", pem, { ...header }, all);
}

export async function webPushRequest(providers: Providers, device: Device, content?: string): Promise<Request> {
  const payload = { delivery_id: crypto.randomUUID(), notification_id: crypto.randomUUID(), title: "New like" };
  return {
    url: device.token,
    headers: {
      authorization: `vapid t=${await vapid(providers)}, k=${providers.env.VAPID_PUBLIC_KEY}`,
      ttl: "86400",
      urgency: "normal",
      topic: "likes",
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
    },
    body: await encrypt(content ?? JSON.stringify(payload), device),
  };
}

/** RFC 8291 with WebCrypto. */
export async function encrypt(content: string, device: Device, delimiter = 2): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const browserKey = new Uint8Array(Buffer.from(device.p256dh!, "base64url"));
  const browser = await crypto.subtle.importKey("raw", browserKey, curve, true, []);
  const own = await crypto.subtle.generateKey(curve, true, ["deriveBits"]) as CryptoKeyPair;
  const ownKey = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: browser }, own.privateKey, 256);
  const derive = async (key: BufferSource, salt: BufferSource, info: BufferSource, length: number) => {
    const material = await crypto.subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
    return await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, material, length * 8);
  };
  const auth = new Uint8Array(Buffer.from(device.auth!, "base64url"));
  const info = new Uint8Array([...encoder.encode("WebPush: info\0"), ...browserKey, ...ownKey]);
  const input = await derive(secret, auth, info, 32);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await derive(input, salt, encoder.encode("Content-Encoding: aes128gcm\0"), 16);
  const iv = await derive(input, salt, encoder.encode("Content-Encoding: nonce\0"), 12);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const plain = new Uint8Array([...encoder.encode(content), delimiter]);
  const record = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, aes, plain));
  return new Uint8Array([...salt, 0, 0, 16, 0, ownKey.length, ...ownKey, ...record]);
}

function coordinates(point: string): [string, string] {
  const bytes = Buffer.from(point, "base64url");
  return [base64url(bytes.subarray(1, 33)), base64url(bytes.subarray(33))];
}

const UNSUBSCRIBE = {
  "List-Unsubscribe": "<https://project.example/functions/v1/unsubscribe?token=t>",
  "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
};

export function resendRequest({ env }: Providers, email: object = {}): Request {
  return {
    url: `${env.RESEND_URL}/emails`,
    headers: {
      authorization: `Bearer ${env.RESEND_API_KEY}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    body: JSON.stringify({
      from: env.EMAIL_FROM,
      to: ["ana@example.org"],
      subject: "New like",
      html: "<p>Leo liked your photo</p>",
      text: "Leo liked your photo",
      headers: UNSUBSCRIBE,
      tags: [{ name: "notification_id", value: crypto.randomUUID() }],
      ...email,
    }),
  };
}

export function sendGridRequest({ env }: Providers, mail: object = {}): Request {
  const [, name, email] = /^(.*) <(.*)>$/.exec(env.EMAIL_FROM!)!;
  return {
    url: `${env.SENDGRID_URL}/v3/mail/send`,
    headers: { authorization: `Bearer ${env.SENDGRID_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({
      personalizations: [{ to: [{ email: "ana@example.org" }] }],
      from: { email, name },
      subject: "New like",
      content: [
        { type: "text/plain", value: "Leo liked your photo" },
        { type: "text/html", value: "<p>Leo liked your photo</p>" },
      ],
      headers: UNSUBSCRIBE,
      custom_args: { delivery_id: crypto.randomUUID(), notification_id: crypto.randomUUID() },
      ...mail,
    }),
  };
}

/** Asks OpenAI about a comment. */
export function openAiRequest({ env }: Providers, fields: object = {}): Request {
  return {
    url: `${env.OPENAI_URL}/v1/moderations`,
    headers: { authorization: `Bearer ${env.OPENAI_API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "omni-moderation-latest", input: "what a lake", ...fields }),
  };
}

/** Asks the app's own service about a comment. */
export function ownModerationRequest({ env }: Providers, fields: object = {}): Request {
  return {
    url: env.MODERATION_URL!,
    headers: { authorization: `Bearer ${env.MODERATION_SECRET}`, "content-type": "application/json" },
    body: JSON.stringify({ text: "what a lake", ...fields }),
  };
}
