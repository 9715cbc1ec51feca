import { deepEqual, equal, match, ok } from "node:assert/strict";
import { sender, serve, text } from "./support.ts";

const EMAIL_FROM = "App <app@example.org>";

Deno.test("Resend gets the key of the delivery, which it honours", async () => {
  await using server = serve(() => Response.json({ id: "an-id" }));
  const send = sender({ EMAIL_FROM, RESEND_API_KEY: "re_key\n", RESEND_URL: server.url });
  const reply = await send({ provider: "resend", key: "k-1", body: '{"to":"a@b.c"}', headers: { "x-other": "1" } });
  deepEqual([reply.status, text(reply)], [200, '{"id":"an-id"}']);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/emails"]);
  const names = ["authorization", "idempotency-key", "content-type", "x-other"];
  deepEqual(names.map((name) => asked!.headers.get(name)), ["Bearer re_key", "k-1", "application/json", "1"]);
  // Resend refuses requests without one.
  match(asked!.headers.get("user-agent")!, /./);
  equal(new TextDecoder().decode(asked!.body), '{"to":"a@b.c"}');
});

Deno.test("SendGrid says the message's id in a header", async () => {
  await using server = serve(() => new Response(null, { status: 202, headers: { "x-message-id": "m-1" } }));
  const reply = await sender({ EMAIL_FROM, SENDGRID_API_KEY: "SG.key", SENDGRID_URL: `${server.url}//` })({
    provider: "sendgrid",
  });
  deepEqual([reply.status, reply.messageId, reply.body.length], [202, "m-1", 0]);
  const [asked] = server.asked;
  deepEqual([asked!.method, asked!.path], ["POST", "/v3/mail/send"]);
  equal(asked!.headers.get("authorization"), "Bearer SG.key");
});

Deno.test("keys that are no use are named and never shown", async () => {
  for (const [provider, name] of [["resend", "RESEND_API_KEY"], ["sendgrid", "SENDGRID_API_KEY"]] as const) {
    for (const key of [undefined, "", " \n", "s3 cret", "s3\r\nx-admin: cret", "s3crét", "s3\0"]) {
      const reply = await sender(key === undefined ? {} : { [name]: key })({ provider });
      deepEqual([reply.status, reply.stage], [401, "auth"]);
      match(text(reply), new RegExp(`^the secret ${name} `));
      ok(!text(reply).includes("s3"), text(reply));
    }
  }
});

Deno.test("without a sender nothing is sent, and the missing secret is named", async () => {
  await using server = serve(() => new Response());
  const secrets = { RESEND_API_KEY: "r", SENDGRID_API_KEY: "s", RESEND_URL: server.url, SENDGRID_URL: server.url };
  for (const provider of ["resend", "sendgrid"]) {
    const reply = await sender({ ...secrets, EMAIL_FROM: " " })({ provider });
    deepEqual([reply.status, reply.stage, text(reply)], [401, "auth", "the secret EMAIL_FROM is not set"]);
  }
  deepEqual(server.asked, []);
});
