import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Delivery } from "../../../supabase/functions/_shared/core.ts";
import { sender, serve, text } from "./support.ts";

const delivery = (url: string, changes: Partial<Delivery> = {}): Delivery => ({
  provider: "resend",
  url: `${url}/emails`,
  headers: { "content-type": "application/json", "idempotency-key": "k-1" },
  body: '{"to":"a@b.c"}',
  timeout_ms: 300_000,
  authorization: { scheme: "api_key", secret: "RESEND_API_KEY" },
  ...changes,
});

Deno.test("an email is sent as the core describes it, with the key of the API", async () => {
  await using server = serve(() => Response.json({ id: "an-id" }));
  const reply = await sender({ RESEND_API_KEY: "re_key\n" })(delivery(server.url));
  deepEqual([reply.status, text(reply)], [200, '{"id":"an-id"}']);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/emails"]);
  const names = ["authorization", "idempotency-key", "content-type"];
  deepEqual(names.map((name) => asked!.headers.get(name)), ["Bearer re_key", "k-1", "application/json"]);
  // Resend refuses requests without one.
  match(asked!.headers.get("user-agent")!, /./);
  equal(new TextDecoder().decode(asked!.body), '{"to":"a@b.c"}');
});

Deno.test("the message's id may come in a header, as SendGrid sends it", async () => {
  await using server = serve(() => new Response(null, { status: 202, headers: { "x-message-id": "m-1" } }));
  const authorization = { scheme: "api_key", secret: "SENDGRID_API_KEY" } as const;
  const reply = await sender({ SENDGRID_API_KEY: "SG.key" })(
    delivery(server.url, { provider: "sendgrid", authorization }),
  );
  deepEqual([reply.status, reply.messageId, reply.body.length], [202, "m-1", 0]);
  equal(server.asked[0]!.headers.get("authorization"), "Bearer SG.key");
});

Deno.test("an unusable key is named and never shown", async () => {
  await using server = serve(() => new Response());
  for (const key of [undefined, "", " \n", "s3 cret", "s3\r\nx-admin: cret", "s3crét", "s3\0"]) {
    const reply = await sender(key === undefined ? {} : { RESEND_API_KEY: key })(delivery(server.url));
    deepEqual([reply.status, reply.stage], [0, "secret"]);
    match(text(reply), /^the secret RESEND_API_KEY has invalid characters/);
    ok(!text(reply).includes("s3"), text(reply));
  }
  deepEqual(server.asked, []);
});
