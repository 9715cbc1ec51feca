import { deepEqual, equal, match, notDeepEqual, notEqual, ok } from "node:assert/strict";
import { base64url, jwtVerify } from "jose";
import type { Delivery } from "../../../supabase/functions/_shared/core.ts";
import { type Clock, ES256, keyPair, type Loopback, sender, serve, text } from "./support.ts";

const vapid = await keyPair(ES256);
const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", vapid.publicKey));
const secrets = { VAPID_PRIVATE_KEY: (await crypto.subtle.exportKey("jwk", vapid.privateKey)).d! };
const authorization = {
  scheme: "vapid",
  secret: "VAPID_PRIVATE_KEY",
  public_key: base64url.encode(publicKey),
  subject: "mailto:push@example.org",
  valid_secs: 12 * 3600,
  use_secs: 6 * 3600,
} as const;

const ECDH = { name: "ECDH", namedCurve: "P-256" };
const browser = await crypto.subtle.generateKey(ECDH, true, ["deriveBits"]) as CryptoKeyPair;
const browserKey = new Uint8Array(await crypto.subtle.exportKey("raw", browser.publicKey));
const authSecret = crypto.getRandomValues(new Uint8Array(16));
const keys = { p256dh: base64url.encode(browserKey), auth: base64url.encode(authSecret) };
const delivery = ({ url }: { url: string }, changes: Partial<Delivery> = {}): Delivery => ({
  provider: "web_push",
  url: `${url}/send/abc`,
  headers: { "content-encoding": "aes128gcm", ttl: "60", urgency: "normal", topic: "t" },
  body: JSON.stringify({ title: "¡Hola! 👋" }),
  timeout_ms: 300_000,
  authorization,
  encrypt_for: keys,
  ...changes,
});
const HOUR = 3_600_000;

Deno.test("the browser can decrypt the message, and the push service can verify its sender", async () => {
  await using server = serve(() => new Response(null, { status: 201 }));
  const reply = await sender(secrets)(delivery(server));
  equal(reply.status, 201);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/send/abc"]);
  equal(asked!.headers.get("content-encoding"), "aes128gcm");
  deepEqual(["ttl", "urgency", "topic"].map((name) => asked!.headers.get(name)), ["60", "normal", "t"]);
  equal(await decrypted(asked!.body), delivery(server).body);

  const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(asked!.headers.get("authorization")!)!;
  equal(key, authorization.public_key);
  const { payload } = await jwtVerify(token!, vapid.publicKey, { algorithms: ["ES256"], audience: server.url });
  equal(payload.sub, authorization.subject);
  ok(Math.abs(payload.exp! - Date.now() / 1000 - authorization.valid_secs) < 60);
});

Deno.test("each message has its own salt and key; a short one stays short", async () => {
  await using server = serve(() => new Response(null, { status: 201 }));
  const one = delivery(server);
  const send = sender(secrets);
  await Promise.all([send(one), send(one)]);
  const bodies = server.asked.map(({ body }) => body);
  notDeepEqual(bodies[0]!.subarray(0, 16), bodies[1]!.subarray(0, 16));
  notDeepEqual(bodies[0]!.subarray(21, 86), bodies[1]!.subarray(21, 86));
  equal(bodies[0]!.length, new TextEncoder().encode(one.body).length + 103);
});

Deno.test("a VAPID token is used per push service until it is old or refused", async () => {
  const clock: Clock = { ms: Date.now() };
  const send = sender(secrets, clock);
  let status = 201;
  await using server = serve(() => new Response(null, { status }));
  await using other = serve(() => new Response(null, { status }));
  const tokenAt = async (service: Loopback, path: string) => {
    await send(delivery(service, { url: service.url + path }));
    return service.asked.at(-1)!.headers.get("authorization");
  };
  const [first, same] = await Promise.all([tokenAt(server, "/1"), tokenAt(server, "/2")]);
  equal(same, first);
  notEqual(await tokenAt(other, "/1"), first);
  clock.ms += 5 * HOUR;
  status = 410;
  equal(await tokenAt(server, "/1"), first);
  clock.ms += HOUR;
  let last = await tokenAt(server, "/1");
  notEqual(last, first);
  for (status of [401, 403]) {
    equal(await tokenAt(server, "/1"), last);
    clock.ms += 1000;
    status = 201;
    const next = await tokenAt(server, "/1");
    notEqual(next, last);
    last = next;
  }
});

Deno.test("a message that cannot be encrypted for its keys is not sent", async () => {
  await using server = serve(() => new Response(null, { status: 201 }));
  const send = sender(secrets);
  const notOnTheCurve = base64url.encode(new Uint8Array(65).fill(4));
  for (const odd of [{ p256dh: "" }, { p256dh: "%%" }, { p256dh: notOnTheCurve }, { auth: "AAAA" }, { auth: 7 }]) {
    const reply = await send(delivery(server, { encrypt_for: { ...keys, ...odd } as typeof keys }));
    deepEqual([reply.status, reply.stage], [0, "encryption"], JSON.stringify(odd));
    equal(text(reply), "the subscription's keys are not valid");
  }
  equal(server.asked.length, 0);
});

Deno.test("an unusable VAPID key is named and never shown", async () => {
  const { publicKey } = await keyPair(ES256);
  const other = base64url.encode(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  const cases: [key: string, publicKey: string, says: RegExp][] = [
    ["", authorization.public_key, /VAPID_PRIVATE_KEY has invalid characters/],
    ["s3%cret", authorization.public_key, /VAPID_PRIVATE_KEY is not 32 bytes/],
    [authorization.public_key, authorization.public_key, /VAPID_PRIVATE_KEY is not 32 bytes/],
    [secrets.VAPID_PRIVATE_KEY, other, /VAPID_PRIVATE_KEY does not belong to VAPID_PUBLIC_KEY/],
  ];
  await using server = serve(() => new Response(null, { status: 201 }));
  for (const [key, public_key, says] of cases) {
    const send = sender({ VAPID_PRIVATE_KEY: key });
    const reply = await send(delivery(server, { authorization: { ...authorization, public_key } }));
    deepEqual([reply.status, reply.stage], [0, "secret"], `${says}`);
    match(text(reply), says);
    ok(!text(reply).includes("s3") && !text(reply).includes(secrets.VAPID_PRIVATE_KEY), text(reply));
  }
  equal(server.asked.length, 0);
});

Deno.test("the VAPID key may be in base64 with padding", async () => {
  await using server = serve(() => new Response(null, { status: 201 }));
  const padded = `${secrets.VAPID_PRIVATE_KEY.replaceAll("-", "+").replaceAll("_", "/")}=`;
  equal((await sender({ VAPID_PRIVATE_KEY: padded })(delivery(server))).status, 201);
});

/** Decrypts a message like a browser: RFC 8291, RFC 8188. */
async function decrypted(body: Uint8Array): Promise<string> {
  const [salt, size, length] = [body.slice(0, 16), new DataView(body.buffer, 16, 4).getUint32(0), body[20]!];
  equal(size, 4096);
  equal(length, 65);
  const serverKey = body.slice(21, 21 + length);
  const server = await crypto.subtle.importKey("raw", serverKey, ECDH, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, browser.privateKey, 256);
  const hkdf = async (
    salt: Uint8Array<ArrayBuffer>,
    ikm: ArrayBuffer,
    info: Uint8Array<ArrayBuffer>,
    bytes: number,
  ) => {
    const key = await crypto.subtle.importKey("raw", ikm, "HKDF", false, ["deriveBits"]);
    return await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8);
  };
  const encode = (text: string) => new TextEncoder().encode(text);
  const info = new Uint8Array([...encode("WebPush: info\0"), ...browserKey, ...serverKey]);
  const ikm = await hkdf(authSecret, shared, info, 32);
  const key = await hkdf(salt, ikm, encode("Content-Encoding: aes128gcm\0"), 16);
  const iv = new Uint8Array(await hkdf(salt, ikm, encode("Content-Encoding: nonce\0"), 12));
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const record = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, body.slice(21 + length)));
  const end = record.findLastIndex((byte) => byte !== 0);
  equal(record[end], 2);
  return new TextDecoder().decode(record.subarray(0, end));
}
