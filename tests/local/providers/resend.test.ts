/** The stand-in of Resend. */
import assert from "node:assert/strict";
import { startProviders } from "../../../local/providers/providers.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { resendRequest, send } from "./requests.ts";

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
