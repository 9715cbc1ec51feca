import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { jwtVerify } from "jose";
import type { Delivery } from "../../../supabase/functions/_shared/core.ts";
import { type Clock, ES256, keyPair, nowhere, pem, sender, serve, text } from "./support.ts";

const keys = await keyPair(ES256);
const secrets = { APNS_PRIVATE_KEY: await pem(keys.privateKey) };
const delivery = (url: string): Delivery => ({
  provider: "apns",
  url: `${url}/3/device/00ff`,
  headers: { "apns-id": "id", "apns-push-type": "alert", "apns-topic": "org.example.app" },
  body: '{"aps":{}}',
  timeout_ms: 300_000,
  authorization: {
    scheme: "apns",
    secret: "APNS_PRIVATE_KEY",
    key_id: "ABC123DEFG",
    team_id: "DEF123GHIJ",
    use_secs: 40 * 60,
  },
});
const MINUTE = 60_000;

Deno.test("a notification carries a signed provider token", async () => {
  await using server = serve(() => new Response(null, { headers: { "apns-id": "id" } }));
  const reply = await sender(secrets)(delivery(server.url));
  deepEqual([reply.status, reply.messageId, reply.stage], [200, "id", undefined]);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/3/device/00ff"]);
  equal(asked!.headers.get("apns-topic"), "org.example.app");
  equal(asked!.headers.get("apns-push-type"), "alert");
  equal(new TextDecoder().decode(asked!.body), '{"aps":{}}');
  const [scheme, token] = asked!.headers.get("authorization")!.split(" ");
  equal(scheme, "bearer");
  const { payload, protectedHeader } = await jwtVerify(token!, keys.publicKey, { algorithms: ["ES256"] });
  deepEqual(protectedHeader, { alg: "ES256", kid: "ABC123DEFG" });
  deepEqual(Object.keys(payload).toSorted(), ["iat", "iss"]);
  equal(payload.iss, "DEF123GHIJ");
});

Deno.test("a provider token is used for as long as the core says", async () => {
  await using server = serve(() => new Response());
  const clock: Clock = { ms: Date.now() };
  const send = sender(secrets, clock);
  const token = async () => {
    await send(delivery(server.url));
    return server.asked.at(-1)!.headers.get("authorization");
  };
  const all = await Promise.all([token(), token(), token()]);
  equal(new Set(all).size, 1);
  clock.ms += 40 * MINUTE - 1;
  equal(await token(), all[0]);
  clock.ms += 1;
  const next = await token();
  notEqual(next, all[0]);
  clock.ms += 39 * MINUTE;
  equal(await token(), next);
});

Deno.test("a token that the core finds refused is replaced; others are kept", async () => {
  const answers: [status: number, reason: string, replaced: boolean][] = [
    [403, "ExpiredProviderToken", true],
    [403, "InvalidProviderToken", false],
    [403, "Forbidden", false],
    [429, "TooManyProviderTokenUpdates", false],
    [400, "BadDeviceToken", false],
    [200, "", false],
  ];
  let [status, reason] = [0, ""];
  await using server = serve(() => Response.json({ reason }, { status }));
  const clock: Clock = { ms: Date.now() };
  const send = sender(secrets, clock);
  for (const answer of answers) {
    [status, reason] = answer;
    await send(delivery(server.url));
    // Some versions of Deno sign the same claims the same way.
    clock.ms += 1000;
    await send(delivery(server.url));
    const [one, other] = server.asked.slice(-2).map((asked) => asked.headers.get("authorization"));
    equal(one !== other, answer[2], reason);
  }
});

Deno.test("accepts a key as people paste it: escaped once or twice, quoted, in base64, or with the parameters that Apple adds", async () => {
  await using server = serve(() => new Response());
  const key = secrets.APNS_PRIVATE_KEY;
  const apples = await appleKey();
  const spellings = [
    key.replaceAll("\n", "\\n"),
    key.replaceAll("\n", "\\\\n"),
    key.replaceAll("\n", "\\r\\n"),
    key.replaceAll("\n", "\r\n"),
    `\n${key}\n`,
    `"${key.replaceAll("\n", "\\n")}"`,
    `'${key}'`,
    btoa(key),
    apples,
  ];
  for (const APNS_PRIVATE_KEY of spellings) {
    equal((await sender({ APNS_PRIVATE_KEY })(delivery(server.url))).status, 200);
    const token = server.asked.at(-1)!.headers.get("authorization")!.slice("bearer ".length);
    await jwtVerify(token, keys.publicKey);
  }
});

Deno.test("an unusable key is named and never shown", async () => {
  const otherCurve = await pem((await keyPair({ ...ES256, namedCurve: "P-384" })).privateKey);
  await using server = serve(() => new Response());
  for (const key of ["", "s3cret", otherCurve, secrets.APNS_PRIVATE_KEY.slice(0, 90)]) {
    const reply = await sender({ APNS_PRIVATE_KEY: key })(delivery(server.url));
    deepEqual([reply.status, reply.stage], [0, "secret"], key);
    match(text(reply), /^the secret APNS_PRIVATE_KEY is not a PKCS #8 private key/);
    ok(!/s3|BEGIN|MI/.test(text(reply)), text(reply));
  }
  deepEqual(server.asked, []);
});

Deno.test("a device's token stays out of errors", async () => {
  const url = `${nowhere()}/3/device/(70c3n)`;
  const nobody = await sender(secrets)({ ...delivery(""), url });
  equal(nobody.status, 0);
  ok(!text(nobody).includes("70c3n"), text(nobody));
  match(text(nobody), /^error sending request: .*connect error/);
});

/** An ECPrivateKey with its curve named a second time, inside (RFC 5915). */
async function appleKey(): Promise<string> {
  const plain = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  const at = plain.findIndex((_, i) => plain[i] === 4 && plain[i + 1] === 32 && plain[i - 1] === 1);
  const der = (tag: number, ...parts: number[][]): number[] => {
    const content = parts.flat();
    return content.length < 128 ? [tag, content.length, ...content] : [tag, 0x81, content.length, ...content];
  };
  const curve = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
  const number = [...plain.slice(at, at + 34)];
  const inner = der(0x30, [2, 1, 1], number, der(0xa0, curve), der(0xa1, der(3, [0], [...point])));
  const algorithm = der(0x30, [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], curve);
  const all = der(0x30, [2, 1, 0], algorithm, der(4, inner));
  equal(all.length, 150);
  return `-----BEGIN PRIVATE KEY-----\n${btoa(String.fromCharCode(...all))}\n-----END PRIVATE KEY-----`;
}
