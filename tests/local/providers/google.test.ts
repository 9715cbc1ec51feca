/** The stand-ins of Google: its access tokens, and FCM. */
import assert from "node:assert/strict";
import { ecKeys, rsaKeys } from "../../../local/providers/keys.ts";
import { startProviders } from "../../../local/providers/providers.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { accessToken, fcmRequest, jwt, nowSecs, pause, type Response, send, tokenRequest } from "./requests.ts";

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
