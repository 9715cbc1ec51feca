/** The stand-in of a browser's push service. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createECDH } from "node:crypto";
import ece from "http_ece";
import { decrypt } from "../../../local/providers/browser.ts";
import { ecKeys, rsaKeys } from "../../../local/providers/keys.ts";
import { startProviders } from "../../../local/providers/providers.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { base64url, encrypt, jwt, nowSecs, type Request, send, vapid, webPushRequest } from "./requests.ts";

Deno.test("a push service", async (test) => {
  await using providers = await startProviders();
  const { env, urls } = providers;
  const device = providers.newDevice("web_push");
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(providers.certificateFile)] });
  const request = async (headers: Record<string, string | null> = {}, rest: Partial<Request> = {}) =>
    changed(await webPushRequest(providers, device), headers, rest);

  await test.step("accepts a message, and the browser reads it", async () => {
    const content = JSON.stringify({ delivery_id: "d", notification_id: "n", title: "¡Hola!" });
    const { status, headers } = await send(await webPushRequest(providers, device, content), client);
    assert.equal(status, 201);
    assert.match(headers.get("location")!, new RegExp(`^${urls.web_push}/m/`));
    assert.equal(headers.get("ttl"), "86400");
    const [entry] = providers.log.of("web_push");
    assert.deepEqual(entry!.payload, JSON.parse(content));
    assert.deepEqual([entry!.target, entry!.deliveryId, entry!.notificationId], [device.token, "d", "n"]);
  });
  await test.step("speaks HTTP/1.1 too", async () => {
    const caCerts = [await Deno.readTextFile(providers.certificateFile)];
    using old = Deno.createHttpClient({ caCerts, http2: false });
    assert.equal((await send(await request(), old)).status, 201);
  });
  await test.step("the browser reads the example of RFC 8291", () => {
    const privateKey = createECDH("prime256v1");
    privateKey.setPrivateKey("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "base64url");
    const body =
      "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w" +
      "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    const read = decrypt(Buffer.from(body, "base64url"), { auth: "BTBZMqHH6r4Tts7J_aSIgg", privateKey });
    assert.equal(Buffer.from(read).toString(), "When I grow up, I want to be a watermelon");
  });
  await test.step("refuses what a push service refuses", async () => {
    const gone = providers.newDevice("web_push");
    providers.retire(gone.token);
    const key = env.VAPID_PUBLIC_KEY!;
    const proof = async (claims: Record<string, unknown>, header: Record<string, unknown> = {}, k = key) =>
      await request({ authorization: `vapid t=${await vapid(providers, { header, claims })}, k=${k}` });
    const stranger = ecKeys();
    const claims = { aud: urls.web_push, exp: nowSecs() + 60, sub: env.VAPID_SUBJECT };
    const forged = jwt("ES256", stranger.privateKey, {}, claims);
    const { x, y } = stranger.publicKey;
    const strange = base64url(Buffer.from([4, ...Buffer.from(x!, "base64url"), ...Buffer.from(y!, "base64url")]));
    const offCurve = base64url(Buffer.from([4, ...new Uint8Array(64).fill(1)]));
    const other = jwt("RS256", rsaKeys().privateKey, {}, claims);
    await refuses(providers, [
      ["no credentials", request({ authorization: null }), 401, "no credentials"],
      ["no key", request({ authorization: `vapid t=${forged}` }), 401, "no credentials"],
      ["a key of another length", proof({}, {}, "AAAA"), 401, "not an uncompressed point"],
      ["a key off the curve", proof({}, {}, offCurve), 401, "invalid signature"],
      ["not a JWT", request({ authorization: `vapid t=x, k=${key}` }), 401, "malformed"],
      ["signed with another key", request({ authorization: `vapid t=${forged}, k=${key}` }), 401, "invalid signature"],
      ["another algorithm", request({ authorization: `vapid t=${other}, k=${key}` }), 401, "invalid algorithm"],
      ["another sender", request({ authorization: `vapid t=${forged}, k=${strange}` }), 401, "key mismatch"],
      ["another audience", proof({ aud: "https://push.example" }), 401, "aud"],
      ["a path in the audience", proof({ aud: device.token }), 401, "aud"],
      ["expired", proof({ exp: nowSecs() - 1 }), 401, "in the past"],
      ["no expiry", proof({ exp: undefined }), 401, "in the past"],
      ["longer than a day", proof({ exp: nowSecs() + 86_500 }), 401, "24 hours"],
      ["no subject", proof({ sub: undefined }), 401, "sub"],
      ["a subject that is not an address", proof({ sub: "me" }), 401, "sub"],
      ["no TTL", request({ ttl: null }), 400, "TTL"],
      ["a TTL that is not a number", request({ ttl: "-1" }), 400, "TTL"],
      ["a long topic", request({ topic: "x".repeat(33) }), 400, "Topic"],
      ["a topic that is not base64url", request({ topic: "new like" }), 400, "Topic"],
      ["an unknown urgency", request({ urgency: "urgent" }), 400, "Urgency"],
      ["another encoding", request({ "content-encoding": "aesgcm" }), 400, "Content-Encoding"],
      ["too large", request({}, { body: await encrypt("x".repeat(4000), device) }), 413, "4096"],
      ["not POST", request({}, { method: "PUT" }), 405, "POST"],
      ["an unknown endpoint", request({}, { url: `${urls.web_push}/push/x` }), 404, "does not exist"],
      ["an endpoint that is gone", webPushRequest(providers, gone), 410, "no longer valid"],
    ], client);
    assert.equal(
      (await send(await request({}, { body: await encrypt("x".repeat(3993), device) }), client)).status,
      201,
    );
  });
  await test.step("accepts a message that no browser can read, but logs it as a mistake", async () => {
    const other = await encrypt("{}", providers.newDevice("web_push"));
    const wrongAuth = await encrypt("{}", { ...device, auth: base64url(new Uint8Array(16)) });
    const delimiter = await encrypt("{}", device, 1);
    const flipped = await encrypt("{}", device);
    flipped[flipped.length - 1]! ^= 1;
    const whole = await encrypt("{}", device);
    const smallRecord = await encrypt("", device);
    smallRecord.set([0, 0, 0, 17], 16);
    const sender = createECDH("prime256v1");
    sender.generateKeys();
    const compressed = {
      getPublicKey: () => sender.getPublicKey(null, "compressed"),
      computeSecret: (key: Uint8Array) => sender.computeSecret(key),
    };
    const encryptWith = (params: object): Uint8Array<ArrayBuffer> => {
      const { p256dh: dh, auth: authSecret } = device;
      return new Uint8Array(
        ece.encrypt(Buffer.from("[".repeat(40)), { version: "aes128gcm", dh, authSecret, ...params }),
      );
    };
    const unreadable: [body: Uint8Array<ArrayBuffer>, reason: RegExp][] = [
      [other, /./],
      [wrongAuth, /./],
      [delimiter, /start padding with a 2/],
      [flipped, /./],
      [whole.slice(0, 30), /shorter than its header/],
      [whole.slice(0, 86), /no record/],
      [new Uint8Array(200), /65 bytes/],
      [encryptWith({ privateKey: compressed }), /65 bytes/],
      [encryptWith({ privateKey: sender, rs: 18 }), /more than one record/],
      [smallRecord, /record size below 18/],
    ];
    const accepted = providers.log.accepted.length;
    for (const [body, reason] of unreadable) {
      providers.log.refused = [];
      assert.equal((await send(await request({}, { body }), client)).status, 201);
      const [mistake] = providers.log.mistakes;
      assert.match(mistake!.reason, /cannot decrypt/);
      assert.match(mistake!.reason, reason);
    }
    assert.equal(providers.log.accepted.length, accepted);
    providers.log.clear();
  });
  await test.step("fails as push services do", async () => {
    await failsWith(
      providers,
      "web_push",
      {
        gone: [410, `"errno":106`],
        not_found: [404, `"errno":102`],
        unauthorized: [401, `"errno":109`],
        vapid_key_mismatch: [401, "VAPID public key mismatch"],
        google_sender_id: [403, "does not correspond to the sender ID"],
        google_credentials: [403, "do not correspond to the credentials"],
        google_invalid_jwt: [403, "invalid JWT provided"],
        google_unauthorized_registration: [400, "<TITLE>UnauthorizedRegistration</TITLE>"],
        apple_bad_jwt_token: [403, `{"reason":"BadJwtToken"}`],
        apple_vapid_pk_hash_mismatch: [400, `{"reason":"VapidPkHashMismatch"}`],
        moved: [301, ""],
        payload_too_large: [413, `"errno":104`],
        too_many_requests: [429, "Too Many Requests"],
        internal_server_error: [500, "Internal Server Error"],
        service_unavailable: [503, "Service Unavailable"],
      },
      () => webPushRequest(providers, providers.newDevice("web_push")),
      client,
    );
    providers.fail("web_push", [{ fault: "too_many_requests", retryAfterSecs: 7, times: 1 }]);
    assert.equal((await send(await request(), client)).headers.get("retry-after"), "7");
  });
});
