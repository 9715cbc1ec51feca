import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { jwtVerify } from "jose";
import { type Clock, ES256, keyPair, nowhere, pem, sender, serve, text } from "./support.ts";

const keys = await keyPair(ES256);
const secrets = {
  APNS_PRIVATE_KEY: await pem(keys.privateKey),
  APNS_KEY_ID: "ABC123DEFG",
  APNS_TEAM_ID: "DEF123GHIJ",
  APNS_TOPIC: "org.example.app",
};
const delivery = {
  provider: "apns",
  token: "00ff",
  headers: { "apns-id": "id", "apns-push-type": "alert", "apns-topic": "org.example.other" },
  body: '{"aps":{}}',
};
const MINUTE = 60_000;

Deno.test("a notification carries a provider token, and the topic of the app", async () => {
  await using server = serve(() => new Response(null, { headers: { "apns-id": "id" } }));
  const reply = await sender({ ...secrets, APNS_URL: server.url })(delivery);
  deepEqual([reply.status, reply.messageId, reply.stage], [200, "id", undefined]);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/3/device/00ff"]);
  equal(asked!.headers.get("apns-topic"), "org.example.app");
  equal(asked!.headers.get("apns-push-type"), "alert");
  equal(new TextDecoder().decode(asked!.body), delivery.body);
  const [scheme, token] = asked!.headers.get("authorization")!.split(" ");
  equal(scheme, "bearer");
  const { payload, protectedHeader } = await jwtVerify(token!, keys.publicKey, { algorithms: ["ES256"] });
  deepEqual(protectedHeader, { alg: "ES256", kid: "ABC123DEFG" });
  deepEqual(Object.keys(payload).toSorted(), ["iat", "iss"]);
  equal(payload.iss, "DEF123GHIJ");
});

Deno.test("a provider token is used for more than 20 minutes and less than 60", async () => {
  await using server = serve(() => new Response());
  const clock: Clock = { ms: Date.now() };
  const send = sender({ ...secrets, APNS_URL: server.url }, { clock });
  const token = async () => {
    await send(delivery);
    return server.asked.at(-1)!.headers.get("authorization");
  };
  const all = await Promise.all([token(), token(), token()]);
  equal(new Set(all).size, 1);
  clock.ms += 21 * MINUTE;
  equal(await token(), all[0]);
  clock.ms += 38 * MINUTE;
  const next = await token();
  notEqual(next, all[0]);
  clock.ms += 21 * MINUTE;
  equal(await token(), next);
});

Deno.test("a token that has expired for Apple is replaced; other refusals keep it", async () => {
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
  const send = sender({ ...secrets, APNS_URL: server.url }, { clock });
  for (const answer of answers) {
    [status, reason] = answer;
    await send(delivery);
    // Some versions of Deno sign the same claims the same way.
    clock.ms += 1000;
    await send(delivery);
    const [one, other] = server.asked.slice(-2).map((asked) => asked.headers.get("authorization"));
    equal(one !== other, answer[2], reason);
  }
});

Deno.test("a key as one line, with spaces around it, or with its parameters as Apple writes it", async () => {
  await using server = serve(() => new Response());
  const key = secrets.APNS_PRIVATE_KEY;
  const apples = await appleKey();
  for (const APNS_PRIVATE_KEY of [key.replaceAll("\n", "\\n"), `\n${key}\n`, key.replaceAll("\n", "\r\n"), apples]) {
    equal((await sender({ ...secrets, APNS_PRIVATE_KEY, APNS_URL: server.url })(delivery)).status, 200);
    const token = server.asked.at(-1)!.headers.get("authorization")!.slice("bearer ".length);
    await jwtVerify(token, keys.publicKey);
  }
});

Deno.test("secrets that are no use are named and never shown", async () => {
  const otherCurve = await pem((await keyPair({ ...ES256, namedCurve: "P-384" })).privateKey);
  const cases: [changes: Record<string, string>, says: RegExp][] = [
    [{ APNS_PRIVATE_KEY: "" }, /APNS_PRIVATE_KEY is not set/],
    [{ APNS_PRIVATE_KEY: "s3cret" }, /APNS_PRIVATE_KEY is not a PKCS #8 private key/],
    [{ APNS_PRIVATE_KEY: otherCurve }, /APNS_PRIVATE_KEY is not a PKCS #8 private key/],
    [{ APNS_PRIVATE_KEY: secrets.APNS_PRIVATE_KEY.slice(0, 90) }, /APNS_PRIVATE_KEY is not a PKCS #8 private key/],
    [{ APNS_KEY_ID: "" }, /APNS_KEY_ID is not set/],
    [{ APNS_KEY_ID: "s3\r\ncret" }, /APNS_KEY_ID has characters/],
    [{ APNS_TEAM_ID: "s3 cret" }, /APNS_TEAM_ID has characters/],
    [{ APNS_TOPIC: "s3crét" }, /APNS_TOPIC has characters/],
    [{ APNS_URL: "s3cret" }, /APNS_URL is not a URL/],
  ];
  for (const [changes, says] of cases) {
    const reply = await sender({ ...secrets, APNS_URL: "http://127.0.0.1:9", ...changes })(delivery);
    deepEqual([reply.status, reply.stage], [401, "auth"], `${says}`);
    match(text(reply), says);
    ok(!/s3|BEGIN|MI/.test(text(reply)), text(reply));
  }
});

Deno.test("a device's token stays one part of the path, and out of errors", async () => {
  await using server = serve(() => new Response());
  const token = "../a?b#(c)";
  await sender({ ...secrets, APNS_URL: server.url })({ ...delivery, token });
  equal(server.asked[0]!.path, "/3/device/..%2Fa%3Fb%23(c)");
  const nobody = await sender({ ...secrets, APNS_URL: nowhere() })({ ...delivery, token: "(70c3n)" });
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
