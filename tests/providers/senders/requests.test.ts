/** Requests to any provider. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Delivery } from "../../../supabase/functions/_shared/core.ts";
import { newDeliver } from "../../../supabase/functions/_shared/providers/index.ts";
import { type Loopback, nowhere, sender, serve, text } from "./support.ts";

const send = sender({ RESEND_API_KEY: "re_s3cret" });
const delivery = ({ url }: { url: string }, changes: Partial<Delivery> = {}): Delivery => ({
  provider: "resend",
  url,
  headers: {},
  body: "{}",
  timeout_ms: 300_000,
  authorization: { scheme: "api_key", secret: "RESEND_API_KEY" },
  ...changes,
});

Deno.test("a redirect is not followed", async () => {
  await using other = serve(() => new Response("caught"));
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = serve(() => new Response("moved", { status, headers: { location: `${other.url}/` } }));
    const reply = await send(delivery(server));
    deepEqual([reply.status, text(reply)], [status, "moved"]);
  }
  equal(other.asked.length, 0);
});

Deno.test("reads at most 64 KiB of an answer, compressed or not", async () => {
  let end = (_: string) => {};
  const ended = new Promise<string>((resolve) => end = resolve);
  await using server = serve((asked) => {
    if (asked.headers.has("x-packed")) {
      const packed = new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(packed, { headers: { "content-encoding": "gzip" } });
    }
    let left = 500;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (left-- > 0) return controller.enqueue(new Uint8Array(100_000).fill(97));
        controller.close();
        end("read to its end");
      },
      cancel: () => end("cancelled"),
    });
    return new Response(body, { status: 429, headers: { "retry-after": "3" } });
  });
  const reply = await send(delivery(server));
  deepEqual([reply.status, reply.retryAfter, reply.body.length], [429, "3", 65536]);
  equal(await ended, "cancelled");
  equal((await send(delivery(server, { headers: { "x-packed": "1" } }))).body.length, 65536);
});

Deno.test("an answer that breaks off keeps its status", async () => {
  await using server = serve(() => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
      pull: () => new Promise(() => {}),
    });
    return new Response(body, { status: 202 });
  });
  // Long enough for the beginning on a machine that stalls.
  const reply = await send(delivery(server, { timeout_ms: 8_000 }));
  deepEqual([reply.status, text(reply)], [202, "begun"]);
});

Deno.test("gives up on a provider that does not answer, and reports one that cannot be reached", async () => {
  await using server = serve(() => new Promise(() => {}));
  const slow = await send(delivery(server, { timeout_ms: 300 }));
  deepEqual([slow.status, slow.stage], [0, undefined]);
  match(text(slow), /time/i);

  const gone = await send(delivery({ url: nowhere() }));
  deepEqual([gone.status, gone.stage], [0, undefined]);
  match(text(gone), /^error sending request: .*connect error/);
});

Deno.test("passes on both headers that say how long to wait", async () => {
  const said: [Record<string, string>, (string | undefined)[]][] = [
    [{ "retry-after": "5" }, ["5", undefined]],
    [{ "x-ratelimit-reset": "9", "ratelimit-reset": "8" }, [undefined, "9"]],
    [{ "ratelimit-reset": "8" }, [undefined, "8"]],
  ];
  let headers: Record<string, string> = {};
  await using server = serve(() => new Response(null, { status: 429, headers }));
  for (const [given, expected] of said) {
    headers = given;
    const reply = await send(delivery(server));
    deepEqual([reply.retryAfter, reply.rateLimitReset], expected);
  }
});

Deno.test("hostile deliveries are answered without throwing and without quoting them", async () => {
  await using server: Loopback = serve(() => new Response());
  const hostile: object[] = [
    { headers: { "x-a": "s3cret\r\nx-admin: 1" } },
    { headers: { "x-a": "s3crét ☃" } },
    { headers: { "s3 cret": "1" } },
    { headers: 7, body: { s3cret: "\n" } },
    { url: "s3cret" },
    { url: "http://s3:cret@127.0.0.1/" },
    { provider: "s3cret" },
    { provider: "__proto__" },
    { provider: null },
    { timeout_ms: "s3cret" },
    { authorization: { scheme: "s3cret" } },
    { authorization: { scheme: "__proto__" } },
    { authorization: "s3cret" },
  ];
  for (const odd of hostile) {
    const reply = await send(delivery(server, odd));
    ok(reply.status === 0 || reply.status === 200, `${reply.status}`);
    ok(!text(reply).includes("s3"), text(reply));
  }
  ok(server.asked.every((asked) => !asked.headers.has("x-admin")));
  const deliver = newDeliver((name) => name);
  for (const json of ["", "s3cret", "null", "7", '"s3cret"', "[]", "{}"]) {
    const reply = await deliver(json);
    equal(reply.status, 0);
    ok(!text(reply).includes("s3"), text(reply));
  }
});
