import { deepEqual, equal, match, ok } from "node:assert/strict";
import { jwtVerify } from "jose";
import type { Delivery } from "../../../supabase/functions/_shared/core.ts";
import { type Asked, type Clock, keyPair, nowhere, pem, RS256, sender, serve, text } from "./support.ts";

const keys = await keyPair(RS256);
const account = {
  type: "service_account",
  project_id: "a-project",
  private_key_id: "key-1",
  private_key: await pem(keys.privateKey),
  client_email: "sender@a-project.iam.gserviceaccount.com",
};
const delivery = (url: string, timeout_ms = 300_000): Delivery => ({
  provider: "fcm",
  url: `${url}/v1/projects/{project_id}/messages:send`,
  headers: { "content-type": "application/json" },
  body: '{"message":{"token":"device"}}',
  timeout_ms,
  authorization: {
    scheme: "google",
    secret: "FCM_SERVICE_ACCOUNT",
    scope: "https://www.googleapis.com/auth/firebase.messaging",
    valid_secs: 3600,
    margin_secs: 60,
    timeout_ms: timeout_ms * 2 / 3,
  },
});

/** Stands in for Google and FCM: each request for a token gets the next token, each message the next answer. */
function google(
  tokens: (n: number) => Response | Promise<Response>,
  messages: (asked: Asked) => Response = () => Response.json({ name: "projects/a-project/messages/1" }),
) {
  let n = 0;
  const server = serve((asked) => asked.path === "/token" ? tokens(++n) : messages(asked));
  const secrets = (changes: object = {}) => ({
    FCM_SERVICE_ACCOUNT: JSON.stringify({ ...account, token_uri: `${server.url}/token`, ...changes }),
  });
  const count = (path: string) => server.asked.filter((asked) => asked.path === path).length;
  return Object.assign(server, { secrets, count });
}

const token = (n: number, secs = 3600) => Response.json({ access_token: `ya29.${n}`, expires_in: secs });
const sending = "/v1/projects/a-project/messages:send";

Deno.test("a message is sent with a token for a signed assertion", async () => {
  await using server = google((n) => token(n));
  const reply = await sender(server.secrets())(delivery(server.url));
  equal(reply.status, 200);
  equal(reply.stage, undefined);
  deepEqual(JSON.parse(text(reply)), { name: "projects/a-project/messages/1" });

  const [first, second] = server.asked;
  deepEqual([first!.method, first!.path], ["POST", "/token"]);
  equal(first!.headers.get("content-type"), "application/x-www-form-urlencoded");
  const form = new URLSearchParams(new TextDecoder().decode(first!.body));
  equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const { payload, protectedHeader } = await jwtVerify(form.get("assertion")!, keys.publicKey, {
    algorithms: ["RS256"],
    issuer: account.client_email,
    audience: `${server.url}/token`,
  });
  equal(protectedHeader.kid, "key-1");
  equal(payload.scope, "https://www.googleapis.com/auth/firebase.messaging");
  equal(payload.exp! - payload.iat!, 3600);

  deepEqual([second!.method, second!.path], ["POST", sending]);
  equal(second!.headers.get("authorization"), "Bearer ya29.1");
  equal(second!.headers.get("content-type"), "application/json");
  equal(new TextDecoder().decode(second!.body), delivery("").body);
});

Deno.test("accepts a service account as people paste it", async () => {
  await using server = google((n) => token(n));
  const json = server.secrets().FCM_SERVICE_ACCOUNT;
  const indented = JSON.stringify(JSON.parse(json), null, 2);
  const spellings = [
    `'${json}'`,
    JSON.stringify(json),
    json.replaceAll('"', '\\"'),
    json.replaceAll("\\n", "\\\\n"),
    indented.replaceAll("\\n", "\n"),
    indented.replaceAll("\\n", "\r\n"),
    btoa(json),
    btoa(indented).replace(/.{76}/g, "$&\n"),
  ];
  for (const FCM_SERVICE_ACCOUNT of spellings) {
    equal((await sender({ FCM_SERVICE_ACCOUNT })(delivery(server.url))).status, 200, FCM_SERVICE_ACCOUNT.slice(0, 20));
  }
});

Deno.test("concurrent deliveries share one token, and later ones use it until shortly before it expires", async () => {
  await using server = google((n) => token(n));
  const clock: Clock = { ms: Date.now() };
  const send = sender(server.secrets(), clock);
  await Promise.all(Array.from({ length: 20 }, () => send(delivery(server.url))));
  deepEqual([server.count("/token"), server.count(sending)], [1, 20]);
  clock.ms += 3539_000;
  await send(delivery(server.url));
  equal(server.count("/token"), 1);
  clock.ms += 1_000;
  await Promise.all(Array.from({ length: 5 }, () => send(delivery(server.url))));
  equal(server.count("/token"), 2);
  equal(server.asked.at(-1)!.headers.get("authorization"), "Bearer ya29.2");
});

Deno.test("a token that FCM refuses is replaced once; other refusals keep it", async () => {
  let [status, code] = [401, ""];
  const answer = () => Response.json({ error: { details: [{ errorCode: code }] } }, { status });
  await using server = google((n) => token(n), answer);
  const send = sender(server.secrets());
  const replies = await Promise.all([send(delivery(server.url)), send(delivery(server.url))]);
  deepEqual(replies.map((reply) => [reply.status, reply.stage]), [[401, undefined], [401, undefined]]);
  for ([status, code] of [[403, "SENDER_ID_MISMATCH"], [401, "THIRD_PARTY_AUTH_ERROR"], [200, ""]] as const) {
    await send(delivery(server.url));
    await send(delivery(server.url));
  }
  equal(server.count("/token"), 2);
});

Deno.test("a late refusal does not drop the next token", async () => {
  const late = Promise.withResolvers<void>();
  let messages = 0;
  const server = serve(async (asked) => {
    if (asked.path === "/token") return token(server.asked.filter(({ path }) => path === "/token").length);
    const n = ++messages;
    if (n === 1) await late.promise;
    return new Response(null, { status: n < 3 ? 401 : 200 });
  });
  await using _ = server;
  const service = { ...account, token_uri: `${server.url}/token` };
  const send = sender({ FCM_SERVICE_ACCOUNT: JSON.stringify(service) });
  const first = send(delivery(server.url));
  while (messages === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  equal((await send(delivery(server.url))).status, 401);
  equal((await send(delivery(server.url))).status, 200);
  late.resolve();
  equal((await first).status, 401);
  await send(delivery(server.url));
  const bearers = server.asked.map(({ headers }) => headers.get("authorization")).filter((one) => one !== null);
  deepEqual(bearers, ["Bearer ya29.1", "Bearer ya29.1", "Bearer ya29.2", "Bearer ya29.2"]);
});

Deno.test("an error of the token endpoint is reported, and the next delivery asks again", async () => {
  const problem = { error: "invalid_grant", error_description: "Invalid JWT Signature." };
  await using server = google((n) => {
    if (n === 1) return Response.json(problem, { status: 400 });
    if (n === 2) return new Response("wait", { status: 503, headers: { "retry-after": "7" } });
    if (n === 3) return Response.redirect("http://127.0.0.1:9/", 307);
    return token(n);
  });
  const send = sender(server.secrets());
  const [refused, same] = await Promise.all([send(delivery(server.url)), send(delivery(server.url))]);
  deepEqual(same, refused);
  deepEqual([refused.status, refused.stage, JSON.parse(text(refused))], [400, "token", problem]);
  const unavailable = await send(delivery(server.url));
  deepEqual([unavailable.status, unavailable.stage, unavailable.retryAfter], [503, "token", "7"]);
  const redirected = await send(delivery(server.url));
  deepEqual([redirected.status, redirected.stage], [307, "token"]);
  equal(server.count(sending), 0);
  equal((await send(delivery(server.url))).status, 200);
});

Deno.test("an answer of 200 without a usable token is an error that does not quote it", async () => {
  const answers = ["", "null", "[]", "{}", '{"access_token":7}', '{"access_token":"a\\r\\nb: secret"}', "secret"];
  await using server = google((n) => new Response(answers[n - 1]));
  const send = sender(server.secrets());
  for (const _ of answers) {
    const reply = await send(delivery(server.url));
    deepEqual([reply.status, reply.stage], [0, "token"]);
    match(text(reply), /without an access token/);
  }
  deepEqual([server.count("/token"), server.count(sending)], [answers.length, 0]);
});

Deno.test("gives up on a token endpoint that does not answer", async () => {
  await using server = google(() => new Promise(() => {}));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) =>
    timer = setTimeout(() => reject(new Error("still waiting")), 300_000)
  );
  const reply = await Promise.race([sender(server.secrets())(delivery(server.url, 300)), tooLate]);
  clearTimeout(timer);
  deepEqual([reply.status, reply.stage], [0, "token"]);
  match(text(reply), /time/i);
});

Deno.test("an unusable service account is named and never shown", async () => {
  const { private_key } = account;
  const cases: [secret: string | undefined, says: RegExp][] = [
    [undefined, /is not a JSON object/],
    [" ", /is not a JSON object/],
    ["s3cret", /is not a JSON object/],
    ['"s3cret"', /is not a JSON object/],
    [JSON.stringify({ ...account, token_uri: "http://x", project_id: "" }), /has no project_id/],
    [JSON.stringify({ ...account, token_uri: undefined }), /has no token_uri/],
    [JSON.stringify({ ...account, token_uri: "s3cret" }), /token_uri that is not a URL/],
    [JSON.stringify({ ...account, token_uri: "http://x", client_email: 7 }), /has no client_email/],
    [JSON.stringify({ ...account, token_uri: "http://x", private_key: "s3cret" }), /private_key that is not/],
    [JSON.stringify({ ...account, token_uri: "http://x", private_key: private_key.slice(0, 400) }), /private_key that/],
    [
      JSON.stringify({ ...account, token_uri: "http://x", private_key: private_key.replace(/[A-Z]{2}/, "s3") }),
      /private_key that/,
    ],
  ];
  for (const [secret, says] of cases) {
    const reply = await sender(secret === undefined ? {} : { FCM_SERVICE_ACCOUNT: secret })(delivery(nowhere()));
    deepEqual([reply.status, reply.stage], [0, "secret"]);
    match(text(reply), /^the secret FCM_SERVICE_ACCOUNT /);
    match(text(reply), says);
    ok(!/s3cret|BEGIN|MII/.test(text(reply)), text(reply));
  }
});

Deno.test("a project's name cannot change the path", async () => {
  await using server = google((n) => token(n));
  await sender(server.secrets({ project_id: "../../x?y=#z" }))(delivery(server.url));
  equal(server.asked.at(-1)!.path, "/v1/projects/..%2F..%2Fx%3Fy%3D%23z/messages:send");
});
