/** How every stand-in can be made to fail: by a lost answer, an outage, a share of requests, a function. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { startProviders } from "../../../local/providers/providers.ts";
import { deno, type DenoVersion } from "../../../local/tools/binaries.ts";
import { changed } from "./refusals.ts";
import {
  apnsRequest,
  openAiRequest,
  ownModerationRequest,
  pause,
  providerToken,
  type Request,
  resendRequest,
  send,
  sendGridRequest,
  webPushRequest,
} from "./requests.ts";

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
