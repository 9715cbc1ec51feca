/** The stand-in of APNs. */
import assert from "node:assert/strict";
import { ecKeys, rsaKeys } from "../../../local/providers/keys.ts";
import { startProviders } from "../../../local/providers/providers.ts";
import { deno, type DenoVersion } from "../../../local/tools/binaries.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { apnsRequest, jwt, nowSecs, providerToken, type Request, type Response, send } from "./requests.ts";

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
