import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { base64url, jwtVerify } from "jose";
import { type Clock, ES256, keyPair, sender, text } from "./support.ts";

/** No push service can be asked without TLS: what would be sent is caught on its way. */
async function caught(work: () => Promise<unknown>, answer = () => new Response(null, { status: 201 })) {
  const requests: { url: string; headers: Headers; body: Uint8Array }[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = async (input) => {
    const request = input as Request;
    requests.push({ url: request.url, headers: request.headers, body: new Uint8Array(await request.arrayBuffer()) });
    return answer();
  };
  try {
    await work();
  } finally {
    globalThis.fetch = original;
  }
  return requests;
}

const vapid = await keyPair(ES256);
const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", vapid.publicKey));
const secrets = {
  VAPID_PUBLIC_KEY: base64url.encode(publicKey),
  VAPID_PRIVATE_KEY: (await crypto.subtle.exportKey("jwk", vapid.privateKey)).d!,
  VAPID_SUBJECT: "mailto:push@example.org",
};

const ECDH = { name: "ECDH", namedCurve: "P-256" };
const browser = await crypto.subtle.generateKey(ECDH, true, ["deriveBits"]) as CryptoKeyPair;
const browserKey = new Uint8Array(await crypto.subtle.exportKey("raw", browser.publicKey));
const authSecret = crypto.getRandomValues(new Uint8Array(16));
const subscription = {
  endpoint: "https://push.example.org/send/abc",
  p256dh: base64url.encode(browserKey),
  auth: base64url.encode(authSecret),
};
const delivery = {
  provider: "web_push",
  headers: { ttl: "60", urgency: "normal", topic: "t" },
  body: JSON.stringify({ title: "¡Hola! 👋" }),
  subscription,
};
const HOUR = 3_600_000;

Deno.test("the browser reads what was sent, and the push service knows by whom", async () => {
  const [request] = await caught(async () => equal((await sender(secrets)(delivery)).status, 201));
  equal(request!.url, subscription.endpoint);
  equal(request!.headers.get("content-encoding"), "aes128gcm");
  deepEqual(["ttl", "urgency", "topic"].map((name) => request!.headers.get(name)), ["60", "normal", "t"]);
  equal(await decrypted(request!.body), delivery.body);

  const [, token, key] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(request!.headers.get("authorization")!)!;
  equal(key, secrets.VAPID_PUBLIC_KEY);
  const { payload } = await jwtVerify(token!, vapid.publicKey, {
    algorithms: ["ES256"],
    audience: "https://push.example.org",
    subject: secrets.VAPID_SUBJECT,
  });
  ok(payload.exp! - Date.now() / 1000 <= 24 * 3600);
});

Deno.test("4096 bytes is the longest that is sent; a longer message is answered as a push service would", async () => {
  const [request, ...others] = await caught(async () => {
    equal((await sender(secrets)({ ...delivery, body: "x".repeat(3993) })).status, 201);
    const reply = await sender(secrets)({ ...delivery, body: "x".repeat(3992) + "é" });
    equal(reply.status, 413);
    match(text(reply), /longer than 3993 bytes/);
  });
  equal(request!.body.length, 4096);
  equal(others.length, 0);
});

Deno.test("each message has its own salt and key; a short one stays short", async () => {
  const requests = await caught(async () => {
    const send = sender(secrets);
    await Promise.all([send(delivery), send(delivery)]);
  });
  const [one, other] = requests.map(({ body }) => base64url.encode(body.subarray(0, 86)));
  notEqual(one, other);
  equal(requests[0]!.body.length, new TextEncoder().encode(delivery.body).length + 103);
});

Deno.test("a VAPID token is made once per push service, until it gets old or is refused", async () => {
  const clock: Clock = { ms: Date.now() };
  const send = sender(secrets, { clock });
  const tokenOf = async (status: number, endpoint = subscription.endpoint) => {
    const work = () => send({ ...delivery, subscription: { ...subscription, endpoint } });
    const [request] = await caught(work, () => new Response(null, { status }));
    return request!.headers.get("authorization");
  };
  // The library asks nobody else for the time.
  const { now } = Date;
  Date.now = () => clock.ms;
  try {
    const first = await tokenOf(201);
    equal(await tokenOf(201, "https://push.example.org/send/other"), first);
    notEqual(await tokenOf(201, "https://push.example.net/send/abc"), first);
    clock.ms += 5 * HOUR;
    equal(await tokenOf(410), first);
    clock.ms += 2 * HOUR;
    const second = await tokenOf(403);
    notEqual(second, first);
    clock.ms += 1000;
    const third = await tokenOf(401);
    notEqual(third, second);
    clock.ms += 1000;
    notEqual(await tokenOf(201), third);
  } finally {
    Date.now = now;
  }
});

Deno.test("a subscription with odd keys is answered as a push service would, and not sent", async () => {
  const point = base64url.encode(new Uint8Array(65).fill(4));
  const odd: object[] = [{ p256dh: "" }, { p256dh: "%%" }, { p256dh: point }, { auth: "AAAA" }, { auth: 7 }, {
    endpoint: "nowhere",
  }];
  const requests = await caught(async () => {
    for (const change of odd) {
      const reply = await sender(secrets)({ ...delivery, subscription: { ...subscription, ...change } });
      deepEqual([reply.status, reply.stage], [400, undefined], JSON.stringify(change));
      match(text(reply), /^the subscription's (keys are not valid|endpoint is not a URL)$/);
    }
    equal((await sender(secrets)({ ...delivery, subscription: undefined })).status, 400);
  });
  equal(requests.length, 0);
});

Deno.test("VAPID secrets that are no use are named and never shown", async () => {
  const other = base64url.encode(
    new Uint8Array(await crypto.subtle.exportKey("raw", (await keyPair(ES256)).publicKey)),
  );
  const cases: [changes: Record<string, string>, says: RegExp][] = [
    [{ VAPID_PUBLIC_KEY: "" }, /VAPID_PUBLIC_KEY is not set/],
    [{ VAPID_PUBLIC_KEY: "s3cret" }, /VAPID_PUBLIC_KEY is not an uncompressed point/],
    [{ VAPID_PUBLIC_KEY: secrets.VAPID_PRIVATE_KEY }, /VAPID_PUBLIC_KEY is not an uncompressed point/],
    [{ VAPID_PRIVATE_KEY: "s3%cret" }, /VAPID_PRIVATE_KEY is not 32 bytes/],
    [{ VAPID_PRIVATE_KEY: secrets.VAPID_PUBLIC_KEY }, /VAPID_PRIVATE_KEY is not 32 bytes/],
    [{ VAPID_PUBLIC_KEY: other }, /VAPID_PRIVATE_KEY does not belong to VAPID_PUBLIC_KEY/],
    [{ VAPID_SUBJECT: "s3cret@example.org" }, /VAPID_SUBJECT is neither/],
    [{ VAPID_SUBJECT: "mailto:s3cret\r\n" + "x" }, /VAPID_SUBJECT has characters/],
  ];
  const requests = await caught(async () => {
    for (const [changes, says] of cases) {
      const reply = await sender({ ...secrets, ...changes })(delivery);
      deepEqual([reply.status, reply.stage], [401, "auth"], `${says}`);
      match(text(reply), says);
      ok(!text(reply).includes("s3") && !text(reply).includes(secrets.VAPID_PRIVATE_KEY), text(reply));
    }
  });
  equal(requests.length, 0);
});

Deno.test("VAPID keys may be in base64 with padding", async () => {
  const padded = (text: string) =>
    text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  const [request] = await caught(async () => {
    const keys = {
      ...secrets,
      VAPID_PUBLIC_KEY: padded(secrets.VAPID_PUBLIC_KEY),
      VAPID_PRIVATE_KEY: padded(secrets.VAPID_PRIVATE_KEY),
    };
    equal((await sender(keys)(delivery)).status, 201);
  });
  ok(request!.headers.get("authorization")!.endsWith(`, k=${secrets.VAPID_PUBLIC_KEY}`));
});

/** As a browser does it: RFC 8291, RFC 8188. */
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
