import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createECDH } from "node:crypto";
import ece from "http_ece";
import { deno, type DenoVersion } from "../../local/tools/binaries.ts";
import { decrypt } from "../../local/providers/browser.ts";
import { ecKeys, pointKeys, rsaKeys } from "../../local/providers/keys.ts";
import { startProviders } from "../../local/providers/providers.ts";
import {
  accessToken,
  apnsRequest,
  base64url,
  encrypt,
  fcmRequest,
  jwt,
  nowSecs,
  openAiRequest,
  ownModerationRequest,
  providerToken,
  type Request,
  resendRequest,
  type Response,
  send,
  sendGridRequest,
  tokenRequest,
  vapid,
  webPushRequest,
} from "./provider-requests.ts";
import { changed, failsWith, refuses } from "./refusals.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("Google's token endpoint", async (test) => {
  await using providers = await startProviders({ accessTokenSecs: 5 });
  const { env } = providers;
  const account = JSON.parse(env.FCM_SERVICE_ACCOUNT!);

  await test.step("gives an access token for a signed assertion", async () => {
    const { status, headers, body } = await send(tokenRequest(providers));
    assert.equal(status, 200);
    assert.match(headers.get("content-type")!, /^application\/json/);
    assert.deepEqual(Object.keys(body), ["access_token", "expires_in", "token_type"]);
    assert.equal(body.token_type, "Bearer");
    assert.equal(providers.log.grants, 1);
  });
  await test.step("refuses what Google refuses", async () => {
    const right = tokenRequest(providers);
    const form = (entries: Record<string, string>) => ({
      ...right,
      body: new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(right.body as string)), ...entries })
        .toString(),
    });
    const claims = (claims: Record<string, unknown>) => tokenRequest(providers, { claims });
    const signed = (alg: "RS256" | "ES256", key: string) =>
      form({
        assertion: jwt(alg, key, {}, { iss: account.client_email, aud: account.token_uri, iat: 1, exp: 2, scope: "x" }),
      });
    await refuses(providers, [
      ["not a form", changed(right, { "content-type": "application/json" }), 400, "invalid_request"],
      ["another grant", form({ grant_type: "client_credentials" }), 400, "unsupported_grant_type"],
      ["not a JWT", form({ assertion: "x" }), 400, "invalid_grant"],
      ["signed with another key", signed("RS256", rsaKeys().privateKey), 400, "Invalid JWT Signature."],
      ["another algorithm", signed("ES256", ecKeys().privateKey), 400, "Invalid JWT Signature."],
      ["another key's id", tokenRequest(providers, { header: { kid: "x" } }), 400, "Invalid JWT Signature."],
      ["another issuer", claims({ iss: "x@example.org" }), 400, "account not found"],
      ["another audience", claims({ aud: "https://example.org/token" }), 400, "audience"],
      ["no scope", claims({ scope: undefined }), 400, "invalid_scope"],
      ["an unknown scope", claims({ scope: "messaging" }), 400, "invalid_scope"],
      ["expired", claims({ iat: nowSecs() - 7200, exp: nowSecs() - 3600 }), 400, "short-lived"],
      ["issued in the future", claims({ iat: nowSecs() + 600, exp: nowSecs() + 1200 }), 400, "short-lived"],
      ["longer than an hour", claims({ exp: nowSecs() + 3700 }), 400, "short-lived"],
      ["without a time", claims({ iat: undefined }), 400, "invalid_grant"],
    ]);
  });
  await test.step("fails as Google does", async () => {
    await failsWith(providers, "google_oauth", {
      internal_failure: [500, "internal_failure"],
      unavailable: [503, "temporarily_unavailable"],
      rate_limited: [429, "rate_limit_exceeded"],
      account_disabled: [400, "account not found"],
    }, () => tokenRequest(providers));
  });
  await test.step("issues tokens that expire", async () => {
    const device = providers.newDevice("fcm");
    let [token, response]: [string, Response | undefined] = ["", undefined];
    // A machine that stalls uses the first ones too late.
    while (response?.status !== 200) {
      token = await accessToken(providers);
      response = await send(fcmRequest(providers, token, device));
    }
    while (response.status === 200) {
      await pause(100);
      response = await send(fcmRequest(providers, token, device));
    }
    assert.equal(response.status, 401);
    assert.equal(response.body.error.details[0].reason, "ACCESS_TOKEN_EXPIRED");
  });
});

Deno.test("FCM", async (test) => {
  await using providers = await startProviders();
  const device = providers.newDevice("fcm");
  const token = await accessToken(providers);
  const request = (message?: object) => fcmRequest(providers, token, device, message);
  const data = (data: object) => request({ data });

  await test.step("accepts a message and names it", async () => {
    const right = request();
    const { status, body } = await send(right);
    assert.equal(status, 200);
    assert.match(body.name, /^projects\/suplatzigram-test\/messages\/0:/);
    const [entry] = providers.log.of("fcm");
    const { message } = JSON.parse(right.body as string);
    assert.equal(entry!.deliveryId, message.data.delivery_id);
    assert.equal(entry!.notificationId, message.data.notification_id);
    assert.equal(entry!.target, device.token);
    assert.deepEqual(entry!.payload, message);
    assert.equal(entry!.headers.authorization, undefined, "no secret is logged");
  });
  await test.step("accepts camel case and 4096 bytes", async () => {
    assert.equal((await send(request({ android: { collapseKey: "a" } }))).status, 200);
    assert.equal((await send(request({ notification: {}, android: {}, data: { k: "x".repeat(4095) } }))).status, 200);
  });
  await test.step("refuses what FCM refuses", async () => {
    const other = providers.newDevice("fcm");
    providers.retire(other.token);
    const scope = { claims: { scope: "https://www.googleapis.com/auth/analytics" } };
    const project = `${providers.env.FCM_URL}/v1/projects/other/messages:send`;
    await refuses(providers, [
      ["no bearer", changed(request(), { authorization: null }), 401, "CREDENTIALS_MISSING"],
      ["an unknown bearer", changed(request(), { authorization: "Bearer x" }), 401, "UNAUTHENTICATED"],
      [
        "a bearer of another scope",
        fcmRequest(providers, await accessToken(providers, scope), device),
        403,
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
      ],
      ["another project", { ...request(), url: project }, 403, "cloudmessaging.messages.create"],
      ["another path", { ...request(), url: `${providers.env.FCM_URL}/fcm/send` }, 404, ""],
      ["no JSON", { ...request(), body: "{" }, 400, "Invalid JSON payload"],
      ["an array", { ...request(), body: "[]" }, 400, "Invalid JSON payload"],
      ["no message", { ...request(), body: "{}" }, 400, "INVALID_ARGUMENT"],
      ["not declared as JSON", changed(request(), { "content-type": "text/plain" }), 400, "INVALID_ARGUMENT"],
      ["an unknown field", request({ title: "x" }), 400, `Unknown name \\"title\\" at 'message'`],
      ["an unknown field below", request({ android: { tag: "x" } }), 400, "message.android"],
      ["data that is not text", data({ delivery_id: 1 }), 400, "TYPE_STRING"],
      ["an unknown priority", request({ android: { priority: "soon" } }), 400, "message.android.priority"],
      ["a ttl that is not a duration", request({ android: { ttl: 60 } }), 400, "Duration"],
      ["a ttl of five weeks", request({ android: { ttl: "3024000s" } }), 400, "ttl"],
      ["a reserved key", data({ from: "x" }), 400, "Invalid data payload key: from"],
      ["a reserved prefix", data({ "google.x": "x" }), 400, "Invalid data payload key"],
      ["two recipients", request({ topic: "all" }), 400, "Exactly one"],
      ["no recipient", request({ token: undefined }), 400, "Exactly one"],
      ["too large", data({ text: "x".repeat(4096) }), 400, "too big"],
      ["too large in UTF-8", data({ text: "ñ".repeat(2040) }), 400, "too big"],
      ["not a token", request({ token: "x" }), 400, "not a valid FCM registration token"],
      ["a token that is gone", fcmRequest(providers, token, other), 404, "UNREGISTERED"],
    ]);
  });
  await test.step("fails as FCM does", async () => {
    await failsWith(providers, "fcm", {
      UNREGISTERED: [404, `"errorCode":"UNREGISTERED"`],
      INVALID_ARGUMENT: [400, `"errorCode":"INVALID_ARGUMENT"`],
      QUOTA_EXCEEDED: [429, `"errorCode":"QUOTA_EXCEEDED"`],
      UNAVAILABLE: [503, `"errorCode":"UNAVAILABLE"`],
      INTERNAL: [500, `"errorCode":"INTERNAL"`],
      SENDER_ID_MISMATCH: [403, `"errorCode":"SENDER_ID_MISMATCH"`],
      THIRD_PARTY_AUTH_ERROR: [401, `"errorCode":"THIRD_PARTY_AUTH_ERROR"`],
    }, () => fcmRequest(providers, token, providers.newDevice("fcm")));
  });
  await test.step("an expired access token stays expired", async () => {
    const own = await accessToken(providers);
    providers.fail("fcm", [{ fault: "ACCESS_TOKEN_EXPIRED", times: 1 }]);
    for (const _ of [1, 2]) {
      const { status, body } = await send(fcmRequest(providers, own, device));
      assert.equal(status, 401);
      assert.equal(body.error.details[0].reason, "ACCESS_TOKEN_EXPIRED");
    }
    assert.equal((await send(request())).status, 200);
  });
  await test.step("sets or omits Retry-After", async () => {
    const headers = async (plan: Parameters<typeof providers.fail<"fcm">>[1]) => {
      providers.fail("fcm", plan);
      return (await send(request())).headers.get("retry-after");
    };
    assert.equal(await headers([{ fault: "QUOTA_EXCEEDED", times: 1 }]), "60");
    assert.equal(await headers([{ fault: "QUOTA_EXCEEDED", retryAfterSecs: 3, times: 1 }]), "3");
    assert.equal(await headers([{ fault: "QUOTA_EXCEEDED", retryAfterSecs: null, times: 1 }]), null);
    assert.equal(await headers([{ fault: "UNAVAILABLE", times: 1 }]), null);
    assert.equal(await headers([{ fault: "UNAVAILABLE", retryAfterSecs: 2, times: 1 }]), "2");
  });
});

Deno.test("APNs", async (test) => {
  await using providers = await startProviders();
  const { env } = providers;
  const caCerts = [await Deno.readTextFile(providers.certificateFile)];
  const device = providers.newDevice("apns");
  const token = providerToken(providers);
  const request = (headers: Record<string, string | null> = {}, rest: Partial<Request> = {}) =>
    changed(apnsRequest(providers, token, device), headers, rest);
  using client = Deno.createHttpClient({ caCerts });

  await test.step("accepts a notification and returns its id", async () => {
    const right = request();
    const { status, headers, body } = await send(right, client);
    assert.equal(status, 200);
    assert.equal(body, "");
    assert.equal(headers.get("apns-id"), right.headers["apns-id"]);
    const [entry] = providers.log.of("apns");
    assert.equal(entry!.deliveryId, right.headers["apns-id"]);
    assert.equal(entry!.notificationId, JSON.parse(right.body as string).notification_id);
    assert.equal(entry!.target, device.token);
  });
  await test.step("generates a missing id", async () => {
    const { headers } = await send(request({ "apns-id": null }), client);
    assert.match(headers.get("apns-id")!, /^[0-9a-f-]{36}$/);
  });
  await test.step("speaks HTTP/2 only", async () => {
    using old = Deno.createHttpClient({ caCerts, http2: false });
    await assert.rejects(send(request(), old));
  });
  await test.step("refuses what APNs refuses", async () => {
    const gone = providers.newDevice("apns");
    providers.retire(gone.token);
    const at = (path: string) => request({}, { url: `${env.APNS_URL}${path}` });
    const proof = (header: Record<string, unknown>, claims: Record<string, unknown> = {}) =>
      request({ authorization: `bearer ${providerToken(providers, { header, claims })}` });
    const large = JSON.stringify({ aps: { alert: "x".repeat(4096) } });
    const signed = (alg: "RS256" | "ES256", key: string) => {
      const own = jwt(alg, key, { kid: env.APNS_KEY_ID }, { iss: env.APNS_TEAM_ID, iat: nowSecs() });
      return request({ authorization: `bearer ${own}` });
    };
    await refuses(providers, [
      ["no provider token", request({ authorization: null }), 403, "MissingProviderToken"],
      ["not a JWT", request({ authorization: "bearer x" }), 403, "InvalidProviderToken"],
      ["signed with another key", signed("ES256", ecKeys().privateKey), 403, "InvalidProviderToken"],
      ["another algorithm", signed("RS256", rsaKeys().privateKey), 403, "InvalidProviderToken"],
      ["another key's id", proof({ kid: "ABCDEFGHIJ" }), 403, "InvalidProviderToken"],
      ["another team", proof({}, { iss: "ABCDEFGHIJ" }), 403, "InvalidProviderToken"],
      ["no iat", proof({}, { iat: undefined }), 403, "InvalidProviderToken"],
      ["iat in the future", proof({}, { iat: nowSecs() + 600 }), 403, "InvalidProviderToken"],
      ["older than an hour", proof({}, { iat: nowSecs() - 3700 }), 403, "ExpiredProviderToken"],
      ["no topic", request({ "apns-topic": null }), 400, "MissingTopic"],
      ["another topic", request({ "apns-topic": "example.other" }), 400, "TopicDisallowed"],
      ["no push type", request({ "apns-push-type": null }), 400, "InvalidPushType"],
      ["an unknown push type", request({ "apns-push-type": "loud" }), 400, "InvalidPushType"],
      ["an id that is not a UUID", request({ "apns-id": "1" }), 400, "BadMessageId"],
      ["an unknown priority", request({ "apns-priority": "7" }), 400, "BadPriority"],
      ["a loud background push", request({ "apns-push-type": "background" }), 400, "BadPriority"],
      ["an expiration that is not a time", request({ "apns-expiration": "soon" }), 400, "BadExpirationDate"],
      ["a long collapse id", request({ "apns-collapse-id": "x".repeat(65) }), 400, "BadCollapseId"],
      ["a payload over 4096 bytes", request({}, { body: large }), 413, "PayloadTooLarge"],
      ["no payload", request({}, { body: "" }), 400, "PayloadEmpty"],
      ["no aps", request({}, { body: "{}" }), 400, "PayloadEmpty"],
      ["not POST", request({}, { method: "PUT" }), 405, "MethodNotAllowed"],
      ["another path", at("/4/device/x"), 404, "BadPath"],
      ["no token", at("/3/device/"), 400, "MissingDeviceToken"],
      ["not a token", at("/3/device/xyz"), 400, "BadDeviceToken"],
      ["an unknown token", at(`/3/device/${"ab".repeat(32)}`), 400, "BadDeviceToken"],
      ["a token that is gone", apnsRequest(providers, token, gone), 410, `"timestamp":`],
    ], client);
    assert.equal((await send(request({ "apns-collapse-id": "x".repeat(64) }), client)).status, 200);
  });
  await test.step("fails as APNs does", async () => {
    await failsWith(
      providers,
      "apns",
      {
        Unregistered: [410, `"timestamp":`],
        BadDeviceToken: [400, "BadDeviceToken"],
        InvalidProviderToken: [403, "InvalidProviderToken"],
        IdleTimeout: [400, "IdleTimeout"],
        PayloadTooLarge: [413, "PayloadTooLarge"],
        TooManyRequests: [429, "TooManyRequests"],
        TooManyProviderTokenUpdates: [429, "TooManyProviderTokenUpdates"],
        InternalServerError: [500, "InternalServerError"],
        ServiceUnavailable: [503, "ServiceUnavailable"],
        Shutdown: [503, "Shutdown"],
      },
      () => apnsRequest(providers, token, providers.newDevice("apns")),
      client,
    );
    providers.fail("apns", [{ fault: "ServiceUnavailable", retryAfterSecs: 5, times: 1 }]);
    assert.equal((await send(request(), client)).headers.get("retry-after"), "5");
  });
  await test.step("a provider token may change once in 20 minutes on a connection", async () => {
    const changes = async (own: Deno.HttpClient) => {
      const answers: Response[] = [];
      for (const age of [3, 2, 1]) {
        const other = providerToken(providers, { claims: { iat: nowSecs() - age } });
        answers.push(await send(apnsRequest(providers, other, device), own));
      }
      return answers.map(({ status, body }) => body.reason ?? status);
    };
    for (const _ of ["the first connection", "another one"]) {
      using own = Deno.createHttpClient({ caCerts });
      assert.deepEqual(await changes(own), [200, 200, "TooManyProviderTokenUpdates"]);
    }
  });
  await test.step("an expired provider token stays expired, and replacing it is allowed", async () => {
    using own = Deno.createHttpClient({ caCerts });
    for (const age of [30, 20, 10]) {
      const old = providerToken(providers, { claims: { iat: nowSecs() - age } });
      providers.fail("apns", [{ fault: "ExpiredProviderToken", times: 1 }]);
      for (const _ of [1, 2]) {
        const { status, body } = await send(apnsRequest(providers, old, device), own);
        assert.deepEqual([status, body.reason], [403, "ExpiredProviderToken"]);
      }
    }
    assert.equal((await send(apnsRequest(providers, providerToken(providers), device), own)).status, 200);
  });
  for (const version of ["2.1.4", "current"] as DenoVersion[]) {
    await test.step(`Deno ${version} trusts the certificate by DENO_CERT`, async () => {
      const { url, headers, body } = request();
      const script = `const r = await fetch(${JSON.stringify(url)}, ${
        JSON.stringify({ method: "POST", headers, body })
      });
        console.log(r.status, r.headers.get("apns-id"));`;
      const run = async (env: Record<string, string>) => {
        const all = { ...Deno.env.toObject(), NO_COLOR: "1", DENO_TLS_CA_STORE: "system,mozilla" };
        delete (all as Record<string, string>).DENO_CERT;
        const options = { args: ["eval", script], env: { ...all, ...env }, clearEnv: true };
        const { stdout, stderr } = await new Deno.Command(deno(version), options).output();
        return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      };
      assert.match(await run({}), /certificate/, "and by nothing else");
      assert.equal((await run({ DENO_CERT: env.DENO_CERT! })).trim(), `200 ${headers["apns-id"]}`);
    });
  }
});

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

Deno.test("Resend", async (test) => {
  await using providers = await startProviders();
  const request = (headers: Record<string, string | null> = {}, email?: object) =>
    changed(resendRequest(providers, email), headers);
  const of = (email: object) => request({}, email);

  await test.step("accepts an email and keeps its headers", async () => {
    const right = request();
    const { status, headers, body } = await send(right);
    assert.equal(status, 200);
    assert.match(body.id, /^[0-9a-f-]{36}$/);
    assert.equal(headers.get("ratelimit-limit"), "5");
    const [entry] = providers.log.of("resend");
    assert.equal(entry!.target, "ana@example.org");
    assert.equal(entry!.deliveryId, right.headers["idempotency-key"]);
    const { tags, headers: own } = entry!.payload as { tags: { value: string }[]; headers: Record<string, string> };
    assert.equal(entry!.notificationId, tags[0]!.value);
    assert.equal(own["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
  });
  await test.step("sends the same key and email once, and answers both requests", async () => {
    providers.log.clear();
    const right = request();
    const [first, second] = [await send(right), await send(right)];
    assert.deepEqual([second.status, second.body], [200, first.body]);
    assert.deepEqual([providers.log.accepted.length, providers.log.replayed.length], [1, 1]);
    const other = await send({ ...right, body: resendRequest(providers, { subject: "Other" }).body });
    assert.deepEqual([other.status, other.body.name], [409, "invalid_idempotent_request"]);
    assert.equal(providers.log.accepted.length, 1);
  });
  await test.step("refuses concurrent requests with the same key", async () => {
    providers.log.clear();
    providers.latency(300);
    const right = request();
    const answers = await Promise.all([send(right), send(right)]);
    providers.latency(0);
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409]);
    assert.equal(answers.find(({ status }) => status === 409)!.body.name, "concurrent_idempotent_requests");
    assert.equal(providers.log.accepted.length, 1);
  });
  await test.step("a key can be reused after a failure", async () => {
    const right = request();
    providers.fail("resend", [{ fault: "internal_server_error", times: 1 }]);
    assert.deepEqual([(await send(right)).status, (await send(right)).status], [500, 200]);
  });
  await test.step("sends every request without a key", async () => {
    providers.log.clear();
    const right = request({ "idempotency-key": null });
    assert.notEqual((await send(right)).body.id, (await send(right)).body.id);
    assert.equal(providers.log.accepted.length, 2);
  });
  await test.step("refuses what Resend refuses", async () => {
    await refuses(providers, [
      ["no API key", request({ authorization: null }), 401, "missing_api_key"],
      ["another API key", request({ authorization: "Bearer re_x" }), 403, "invalid_api_key"],
      ["a long idempotency key", request({ "idempotency-key": "x".repeat(257) }), 400, "invalid_idempotency_key"],
      ["no JSON", { ...request(), body: "{" }, 400, "validation_error"],
      ["not declared as JSON", request({ "content-type": "text/plain" }), 400, "validation_error"],
      ["another path", { ...request(), url: `${providers.env.RESEND_URL}/email` }, 404, "not_found"],
      ["not POST", { ...request(), method: "PUT" }, 405, "method_not_allowed"],
      ["no sender", of({ from: undefined }), 422, "missing_required_field"],
      ["no recipient", of({ to: undefined }), 422, "missing_required_field"],
      ["no subject", of({ subject: undefined }), 422, "missing_required_field"],
      ["no content", of({ html: undefined, text: undefined }), 422, "missing_required_field"],
      ["a sender that is no address", of({ from: "me" }), 422, "Invalid `from` field"],
      ["a recipient that is no address", of({ to: ["ana"] }), 422, "Invalid `to` field"],
      ["51 recipients", of({ to: Array(51).fill("ana@example.org") }), 422, "50"],
      ["a subject of two lines", of({ subject: "a\nBcc: b@example.org" }), 422, "validation_error"],
      ["HTML that is no text", of({ html: 1 }), 422, "`html`"],
      ["a header that is no text", of({ headers: { a: 1 } }), 422, "Invalid header"],
      ["a header of two lines", of({ headers: { a: "b\nc" } }), 422, "Invalid header"],
      ["a tag with spaces", of({ tags: [{ name: "a b", value: "c" }] }), 422, "Tags"],
      ["an unknown field", of({ replyTo: "ana@example.org" }), 422, "replyTo"],
      ["a domain of somebody else", of({ from: "me@example.org" }), 403, "not verified"],
    ]);
  });
  await test.step("fails as Resend does", async () => {
    await failsWith(providers, "resend", {
      validation_error: [422, "validation_error"],
      invalid_from_address: [422, "invalid_from_address"],
      rate_limit_exceeded: [429, "rate_limit_exceeded"],
      daily_quota_exceeded: [429, "daily_quota_exceeded"],
      monthly_quota_exceeded: [429, "monthly_quota_exceeded"],
      missing_api_key: [401, "missing_api_key"],
      restricted_api_key: [401, "restricted_api_key"],
      invalid_api_key: [403, "invalid_api_key"],
      concurrent_idempotent_requests: [409, "concurrent_idempotent_requests"],
      application_error: [500, "application_error"],
      internal_server_error: [500, "internal_server_error"],
    }, request);
    providers.fail("resend", [{ fault: "rate_limit_exceeded", retryAfterSecs: 2, times: 1 }]);
    const { headers } = await send(request());
    assert.deepEqual(
      ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map((name) => headers.get(name)),
      ["2", "5", "0", "1"],
    );
  });
});

Deno.test("SendGrid", async (test) => {
  await using providers = await startProviders();
  const request = (headers: Record<string, string | null> = {}, mail?: object) =>
    changed(sendGridRequest(providers, mail), headers);
  const of = (mail: object) => request({}, mail);

  await test.step("accepts an email", async () => {
    const right = request();
    const { status, headers, body } = await send(right);
    assert.deepEqual([status, body], [202, ""]);
    assert.ok(headers.get("x-message-id"));
    const [entry] = providers.log.of("sendgrid");
    const mail = JSON.parse(right.body as string);
    assert.deepEqual(entry!.payload, mail);
    assert.deepEqual(
      [entry!.target, entry!.deliveryId, entry!.notificationId],
      ["ana@example.org", mail.custom_args.delivery_id, mail.custom_args.notification_id],
    );
  });
  await test.step("sends every request: idempotency keys are ignored", async () => {
    providers.log.clear();
    const right = request();
    await send(right);
    await send(right);
    assert.equal(providers.log.duplicates("sendgrid"), 1);
    assert.equal(providers.log.duplicates("fcm"), 0);
    assert.deepEqual([...providers.log.arrivals().values()], [2]);
  });
  await test.step("refuses what SendGrid refuses", async () => {
    const ana = { email: "ana@example.org" };
    const [plain, html] = [{ type: "text/plain", value: "x" }, { type: "text/html", value: "x" }];
    await refuses(providers, [
      ["no API key", request({ authorization: null }), 401, "authorization grant"],
      ["another API key", request({ authorization: "Bearer SG.x" }), 401, "authorization grant"],
      ["not declared as JSON", request({ "content-type": "text/plain" }), 415, "Content-Type"],
      ["no JSON", { ...request(), body: "{" }, 400, "Bad Request"],
      ["another path", { ...request(), url: `${providers.env.SENDGRID_URL}/v3/mail` }, 404, "not found"],
      ["not POST", { ...request(), method: "PUT" }, 405, "not allowed"],
      ["over 30 MB", of({ sections: { a: "x".repeat(30 * 1024 * 1024) } }), 413, "too large"],
      ["no personalizations", of({ personalizations: undefined }), 400, `"field":"personalizations"`],
      ["empty personalizations", of({ personalizations: [] }), 400, "at least one personalization"],
      ["no recipient", of({ personalizations: [{ to: [] }] }), 400, "personalizations.0.to"],
      ["a recipient that is no address", of({ personalizations: [{ to: [{ email: "x" }] }] }), 400, "valid address"],
      [
        "a recipient twice",
        of({ personalizations: [{ to: [ana], cc: [ana] }] }),
        400,
        "unique between to, cc, and bcc",
      ],
      ["no sender", of({ from: undefined }), 400, `"field":"from"`],
      ["a sender that is no address", of({ from: { email: "x" } }), 400, "from.email"],
      ["a domain of somebody else", of({ from: ana }), 403, "verified Sender Identity"],
      ["no subject", of({ subject: "" }), 400, "subject is required"],
      ["no content", of({ content: [] }), 400, "content parameter is required"],
      ["empty content", of({ content: [{ type: "text/plain", value: "" }] }), 400, "content.0.value"],
      ["HTML before text", of({ content: [html, plain] }), 400, "text/plain must be first"],
      ["HTML twice", of({ content: [html, html] }), 400, "only be provided once"],
      ["a reserved header", of({ headers: { Subject: "x" } }), 400, "reserved header"],
      ["a header that is no text", of({ headers: { a: 1 } }), 400, "headers.a"],
      ["an argument that is no text", of({ custom_args: { delivery_id: 1 } }), 400, "custom_args.delivery_id"],
      ["arguments over 10,000 bytes", of({ custom_args: { a: "x".repeat(10_000) } }), 400, "10000 bytes"],
      ["an unknown field", of({ html: "x" }), 400, "Additional property html is not allowed"],
    ]);
  });
  await test.step("fails as SendGrid does", async () => {
    await failsWith(providers, "sendgrid", {
      bad_request: [400, "Bad Request"],
      unauthorized: [401, "authorization grant"],
      maximum_credits_exceeded: [401, "Maximum credits exceeded"],
      forbidden: [403, "access forbidden"],
      payload_too_large: [413, "too large"],
      too_many_requests: [429, "too many requests"],
      internal_server_error: [500, `"errors"`],
      service_unavailable: [503, `"errors"`],
    }, request);
    providers.fail("sendgrid", [{ fault: "too_many_requests", retryAfterSecs: 30, times: 1 }]);
    const before = nowSecs();
    const reset = Number((await send(request())).headers.get("x-ratelimit-reset"));
    assert.ok(before + 30 <= reset && reset <= nowSecs() + 31, "a point in time");
  });
});

Deno.test("failures on demand", async (test) => {
  await using providers = await startProviders();
  const caCerts = [await Deno.readTextFile(providers.certificateFile)];
  using client = Deno.createHttpClient({ caCerts });
  const token = providerToken(providers);
  const requests: Record<string, () => Request | Promise<Request>> = {
    sendgrid: () => sendGridRequest(providers),
    web_push: () => webPushRequest(providers, providers.newDevice("web_push")),
    apns: () => apnsRequest(providers, token, providers.newDevice("apns")),
    openai: () => openAiRequest(providers),
    http: () => ownModerationRequest(providers),
  };

  for (const provider of ["sendgrid", "web_push", "apns", "openai", "http"] as const) {
    const request = requests[provider]!;
    await test.step(`${provider}: closes a connection unanswered, before and after accepting`, async () => {
      providers.log.clear();
      providers.fail(provider, [{ fault: "drop", times: 1 }, { fault: "drop", accepted: true, times: 1 }]);
      await assert.rejects(send(await request(), client));
      assert.equal(providers.log.accepted.length, 0);
      assert.deepEqual(providers.log.refused.map(({ reason, status }) => [reason, status]), [["drop", 0]]);
      await assert.rejects(send(await request(), client));
      assert.deepEqual(providers.log.of(provider).map(({ answered }) => answered), [false]);
      await send(await request(), client);
      assert.deepEqual(providers.log.of(provider).map(({ answered }) => answered), [false, true]);
    });
    await test.step(`${provider}: goes down and comes up again`, async () => {
      providers.log.clear();
      providers.down(provider);
      await assert.rejects(send(await request(), client));
      await assert.rejects(send(await request(), client));
      providers.up(provider);
      await send(await request(), client);
      assert.equal(providers.log.accepted.length, 1);
    });
    await test.step(`${provider}: goes down during a request`, async () => {
      providers.log.clear();
      const [arrived, answers] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      providers.fail(provider, () => {
        arrived.resolve();
        return { after: answers.promise };
      });
      const cut = assert.rejects(send(await request(), client));
      await arrived.promise;
      providers.down(provider);
      await cut;
      answers.resolve();
      providers.up(provider);
      providers.heal(provider);
      while (providers.log.of(provider).length === 0) await pause(20);
      assert.deepEqual(providers.log.of(provider).map(({ answered }) => answered), [false], "accepted all the same");
    });
  }
  await test.step("fails after accepting", async () => {
    providers.log.clear();
    providers.fail("sendgrid", [{ fault: "internal_server_error", accepted: true, times: 1 }]);
    assert.equal((await send(sendGridRequest(providers))).status, 500);
    assert.deepEqual(providers.log.of("sendgrid").map(({ answered }) => answered), [false]);
  });
  await test.step("Resend: does not resend an email that was accepted unanswered", async () => {
    providers.log.clear();
    providers.fail("resend", [{ fault: "drop", accepted: true, times: 1 }]);
    const right = resendRequest(providers);
    await assert.rejects(send(right));
    assert.equal((await send(right)).status, 200);
    assert.equal(providers.log.duplicates("resend"), 0);
    assert.deepEqual([providers.log.of("resend").length, providers.log.replayed.length], [1, 1]);
  });
  await test.step("fails a share of requests, the same ones for the same seed in any order", async () => {
    const id = (n: number) => `00000000-0000-4000-8000-${`${n}`.padStart(12, "0")}`;
    const all = Array.from(
      { length: 1000 },
      (_, n) => sendGridRequest(providers, { custom_args: { delivery_id: id(n), notification_id: id(n) } }),
    );
    const failed = async (requests: Request[], seed: number) => {
      providers.fail("sendgrid", [
        { fault: "internal_server_error", share: 0.1 },
        { fault: "too_many_requests", share: 0.05 },
      ], seed);
      providers.log.clear();
      await Promise.all(requests.map((request) => send(request)));
      return providers.log.refused.map(({ deliveryId, reason }) => `${deliveryId} ${reason}`).toSorted();
    };
    const some = await failed(all, 1);
    const count = some.filter((entry) => entry.endsWith("internal_server_error")).length;
    // Five standard deviations.
    assert.ok(Math.abs(count - 100) < 48, `${count} of 1000 internal errors`);
    assert.ok(Math.abs(some.length - count - 50) < 35, `${some.length - count} of 1000 throttled`);
    assert.deepEqual(await failed(all.toReversed(), 1), some);
    assert.notDeepEqual(await failed(all, 2), some);
  });
  await test.step("fails by a function of the delivery and the attempt", async () => {
    providers.fail("sendgrid", ({ attempt }) => attempt < 3 ? { fault: "service_unavailable" } : undefined);
    const right = sendGridRequest(providers);
    const statuses = [];
    for (const _ of [1, 2, 3, 4]) statuses.push((await send(right)).status);
    assert.deepEqual(statuses, [503, 503, 202, 202]);
    providers.heal();
  });
  await test.step("latency applies to every answer, refusals included", async () => {
    providers.latency(200);
    const started = performance.now();
    await Promise.all([
      send(sendGridRequest(providers)),
      send(changed(sendGridRequest(providers), { authorization: "x" })),
    ]);
    assert.ok(performance.now() - started >= 195);
    providers.latency(0);
  });
  await test.step("survives a sender that is killed during requests", async () => {
    providers.log.clear();
    providers.latency(50);
    const sends = await Promise.all(Object.values(requests).map((request) => request()));
    const script = `const all = ${
      JSON.stringify(sends.map(({ body, ...rest }) => ({ ...rest, body: [...Buffer.from(body)] })))
    };
      for (const { url, headers, body } of all) {
        for (let one = 0; one < 16; one++) {
          (async () => {
            for (;;) await (await fetch(url, { method: "POST", headers, body: new Uint8Array(body) })).text();
          })();
        }
      }`;
    for (const version of ["2.1.4", "current"] as DenoVersion[]) {
      const env = { ...providers.env, DENO_TLS_CA_STORE: "system,mozilla" };
      const sender = new Deno.Command(deno(version), { args: ["eval", script], env }).spawn();
      const before = providers.log.accepted.length;
      while (providers.log.accepted.length < before + 200) await pause(20);
      sender.kill("SIGKILL");
      await sender.status;
    }
    providers.latency(0);
    for (const request of Object.values(requests)) assert.ok((await send(await request(), client)).status < 300);
    assert.deepEqual(providers.log.mistakes, []);
  });
});

Deno.test("the environment contains the secrets of the configured providers", async () => {
  await using providers = await startProviders({ configured: ["sendgrid", "web_push"] });
  assert.deepEqual(Object.keys(providers.env).toSorted(), [
    "APP_URL",
    "DENO_CERT",
    "EMAIL_FROM",
    "EMAIL_PROVIDER",
    "SENDGRID_API_KEY",
    "SENDGRID_URL",
    "VAPID_PRIVATE_KEY",
    "VAPID_PUBLIC_KEY",
    "VAPID_SUBJECT",
    "WEB_PUSH_HOSTS",
  ]);
  assert.equal(providers.env.EMAIL_PROVIDER, "sendgrid");
  const { privateKey, publicKey } = pointKeys();
  assert.deepEqual([privateKey.length, publicKey.length], [43, 87]);
  assert.deepEqual([providers.env.VAPID_PRIVATE_KEY!.length, providers.env.VAPID_PUBLIC_KEY!.length], [43, 87]);
});
