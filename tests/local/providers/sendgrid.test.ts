/** The stand-in of SendGrid. */
import assert from "node:assert/strict";
import { startProviders } from "../../../local/providers/providers.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { nowSecs, send, sendGridRequest } from "./requests.ts";

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
