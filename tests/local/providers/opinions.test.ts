/** The stand-ins of the services that are asked about comments. */
import assert from "node:assert/strict";
import { startProviders } from "../../../local/providers/providers.ts";
import { changed, failsWith, refuses } from "./refusals.ts";
import { openAiRequest, ownModerationRequest, type Request, send } from "./requests.ts";

const TEXTS = { "what a lake": false, "what a meadow": false, "what a harbour": true };

Deno.test("OpenAI's moderations", async (test) => {
  await using providers = await startProviders();
  const request = (headers: Record<string, string | null> = {}, rest: Partial<Request> = {}) =>
    changed(openAiRequest(providers), headers, rest);
  const of = (fields: object) => openAiRequest(providers, fields);

  await test.step("judges a text", async () => {
    for (const [input, flagged] of Object.entries(TEXTS)) {
      const { status, body } = await send(of({ input }));
      assert.equal(status, 200);
      assert.match(body.id, /^modr-/);
      assert.equal(body.model, "omni-moderation-2024-09-26");
      const [result] = body.results;
      assert.deepEqual([result.flagged, result.categories.harassment], [flagged, flagged]);
      assert.deepEqual(Object.keys(result.category_scores), Object.keys(result.categories));
    }
    const asked = providers.log.of("openai");
    assert.deepEqual(asked.map(({ target }) => target), Object.keys(TEXTS));
    assert.equal(asked[0]!.headers.authorization, undefined, "no secret is logged");
  });
  await test.step("refuses what OpenAI refuses", async () => {
    await refuses(providers, [
      ["no API key", request({ authorization: null }), 401, "invalid_api_key"],
      ["another API key", request({ authorization: "Bearer sk-x" }), 401, "Incorrect API key provided: sk-x"],
      ["another path", request({}, { url: `${providers.env.OPENAI_URL}/v1/moderation` }), 404, "Invalid URL"],
      ["not POST", request({}, { method: "PUT" }), 405, "Not allowed"],
      ["not declared as JSON", request({ "content-type": "text/plain" }), 400, "parse the JSON body"],
      ["no JSON", request({}, { body: "{" }), 400, "parse the JSON body"],
      ["an array", request({}, { body: "[]" }), 400, "parse the JSON body"],
      ["an unknown field", of({ user: "ana" }), 400, "Unrecognized request argument supplied: user"],
      ["an unknown model", of({ model: "omni" }), 404, "model_not_found"],
      ["no input", of({ input: undefined }), 400, "Invalid value for 'input'"],
      ["an empty input", of({ input: "" }), 400, "Invalid value for 'input'"],
      ["an input that is no text", of({ input: 1 }), 400, "Invalid value for 'input'"],
    ]);
  });
  await test.step("fails as OpenAI does", async () => {
    await failsWith(providers, "openai", {
      invalid_api_key: [401, "invalid_api_key"],
      insufficient_quota: [429, "insufficient_quota"],
      rate_limit_exceeded: [429, "rate_limit_exceeded"],
      invalid_request: [400, "invalid_request_error"],
      server_error: [500, "server_error"],
      overloaded: [503, "overloaded"],
      malformed: [200, "modr-1"],
      huge: [200, "mmm"],
      redirect: [307, ""],
    }, request);
    providers.fail("openai", [{ fault: "rate_limit_exceeded", retryAfterSecs: 7, times: 1 }]);
    assert.equal((await send(request())).headers.get("retry-after"), "7");
  });
});

Deno.test("an app's own moderation", async (test) => {
  await using providers = await startProviders();
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(providers.certificateFile)] });
  const { env } = providers;
  const request = (headers: Record<string, string | null> = {}, rest: Partial<Request> = {}) =>
    changed(ownModerationRequest(providers), headers, rest);
  const of = (fields: object) => ownModerationRequest(providers, fields);

  await test.step("judges a text", async () => {
    for (const [text, flagged] of Object.entries(TEXTS)) {
      const { status, body } = await send(of({ text }), client);
      assert.equal(status, 200);
      assert.deepEqual([body.flagged, body.scores.harassment >= 0.5, body.model], [flagged, flagged, "own-3"]);
    }
    assert.deepEqual(providers.log.of("http").map(({ target }) => target), Object.keys(TEXTS));
  });
  await test.step("refuses what breaks its contract", async () => {
    await refuses(providers, [
      ["no secret", request({ authorization: null }), 401, "unauthorized"],
      ["another secret", request({ authorization: "Bearer x" }), 401, "unauthorized"],
      ["another path", request({}, { url: new URL("/", env.MODERATION_URL!).href }), 404, "not found"],
      ["not POST", request({}, { method: "PUT" }), 405, "method not allowed"],
      ["not declared as JSON", request({ "content-type": "text/plain" }), 415, "not JSON"],
      ["no JSON", request({}, { body: "{" }), 400, "the body must be {text}"],
      ["no text", of({ text: undefined }), 400, "the body must be {text}"],
      ["an empty text", of({ text: "" }), 400, "the body must be {text}"],
      ["another field, such as an id", of({ comment_id: crypto.randomUUID() }), 400, "the body must be {text}"],
    ], client);
  });
  await test.step("fails on demand", async () => {
    await failsWith(
      providers,
      "http",
      {
        unauthorized: [401, "unauthorized"],
        too_many_requests: [429, "too many requests"],
        internal_error: [500, "internal error"],
        unavailable: [503, "unavailable"],
        malformed: [200, "perhaps"],
        huge: [200, "mmm"],
        redirect: [302, ""],
      },
      request,
      client,
    );
    providers.fail("http", [{ fault: "too_many_requests", retryAfterSecs: 7, times: 1 }]);
    assert.equal((await send(request(), client)).headers.get("retry-after"), "7");
  });
});
