/** Each delivery is sent once and arrives, whatever providers and push services do. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { keepBreakersOpen, SETTINGS, statuses, withProviders } from "./deliveries.ts";
import { until } from "./project.ts";

withProviders("deliveries despite failures", {}, async ({ it, project, providers, people }) => {
  await it("a retry sends only the missing deliveries", async () => {
    const ana = await people.add({ devices: ["fcm", "apns", "web_push"], hasEmail: true });
    providers.fail("apns", [{ fault: "InternalServerError", times: 2 }]);
    await people.like(ana);
    await people.deliver();
    deepEqual(people.arrived(ana).map(({ provider }) => provider).sort(), ["apns", "fcm", "resend", "web_push"]);
    const tries = (await people.ledger(ana)).map(({ provider, tries }) => [provider, tries]);
    deepEqual(tries.sort(), [["apns", 3], ["fcm", 1], ["resend", 1], ["web_push", 1]]);
  });

  await it("an accepted delivery without a response repeats only without idempotency keys, and is counted", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    providers.fail("fcm", [{ fault: "drop", accepted: true, times: 1 }]);
    providers.fail("resend", [{ fault: "drop", accepted: true, times: 1 }]);
    await people.like(ana);
    await people.deliver();
    deepEqual([providers.log.duplicates("fcm"), providers.log.duplicates("resend")], [1, 0]);
    equal(providers.log.replayed.length, 1);
    deepEqual(
      (await people.ledger(ana)).map(({ status, uncertain_tries }) => [status, uncertain_tries]),
      [["sent", 1], ["sent", 1]],
    );
  });

  await it("the web page of a proxy is not taken for the provider's answer", async () => {
    const ana = await people.add({ devices: ["fcm", "apns", "web_push"], hasEmail: true });
    for (const provider of ["fcm", "apns", "web_push", "resend"] as const) {
      providers.fail(provider, [{ fault: "proxy_page", times: 1 }]);
    }
    await people.like(ana);
    await people.deliver();
    equal(people.arrived(ana).length, 4);
    const ledger = (await people.ledger(ana)).map((
      { status, tries, uncertain_tries },
    ) => [status, tries, uncertain_tries]);
    deepEqual(ledger, Array(4).fill(["sent", 2, 1]));
  });

  await it("two messages for one delivery send it once", async () => {
    const ana = await people.add({ devices: ["fcm"] });
    await people.like(ana);
    await project.sql`select pgmq.send('deliveries', message) from pgmq.q_deliveries`;
    await people.deliver();
    equal(people.arrived(ana).length, 1);
  });

  await it("deliveries use up no retries while their provider is down, and arrive when it is up", async () => {
    await project.set("deliveries", { delivery_concurrency: 2, max_retries: 5 });
    const crowd = await Promise.all(Array.from({ length: 12 }, () => people.add({ devices: ["fcm", "apns"] })));
    providers.down("fcm");
    for (const person of crowd) await project.sql`select toggle_post_like(${person.post}, 'session')`;
    await project.call("like_events");
    await project.call("notifications");
    const breaker = async () =>
      (await project.sql`select trips, open_until from queues.circuit_breakers where provider = 'fcm'`)[0]!;
    await until(async () => {
      await project.call("deliveries");
      return (await breaker()).trips >= 3;
    }, "a breaker that opened again and again");
    ok((await breaker()).open_until);
    equal(providers.log.of("apns").length, 12, "the others are not held up");
    // Five failures before it opened, one more in progress, and a probe each time it opened again.
    const { trips } = await breaker();
    const [failed] = await project
      .sql`select coalesce(sum(failures), 0)::int as failures from queues.failures where queue = 'deliveries'`;
    ok(failed!.failures <= 6 + trips, `${failed!.failures} failures of 12 messages, opened ${trips} times`);
    providers.up("fcm");
    await people.deliver();
    for (const person of crowd) equal(people.arrived(person).length, 2);
    equal((await breaker()).open_until, null);
  });

  await it("a provider is not called again before its Retry-After", async () => {
    const ana = await people.add({ devices: ["fcm"] });
    const bob = await people.add({ devices: ["fcm"] });
    providers.fail("fcm", [{ fault: "QUOTA_EXCEEDED", retryAfterSecs: 3, times: 1 }]);
    await people.like(ana);
    await project.call("deliveries");
    await people.like(bob);
    await people.deliver();
    const [refused] = providers.log.refused;
    equal(providers.log.refused.length, 1);
    for (const person of [ana, bob]) {
      const [arrived, ...more] = people.arrived(person);
      deepEqual(more, []);
      ok(arrived!.at >= refused!.at + 3000, `${arrived!.at - refused!.at} ms after it asked for 3 s`);
    }
  });

  await it("a refused key of a provider loses nothing, and health says what to do", async () => {
    await keepBreakersOpen(project);
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    providers.fail("resend", [{ fault: "missing_api_key", share: 1 }]);
    await people.like(ana);
    await project.call("deliveries");
    const health = async () =>
      (await project.sql`select * from queues.delivery_health() where provider = 'resend'`)[0]!;
    const refused = await health();
    equal(refused.state, "open");
    match(refused.reason, /^provider_misconfigured/);
    match(refused.remedy, /RESEND_API_KEY/);
    equal(await project.count("queues.failures where failures > 0"), 0);
    equal(providers.log.of("fcm").length, 1);

    providers.heal("resend");
    await project.sql`select queues.close_breaker('resend')`;
    // The delivery was put off until the breaker would have closed.
    await project.expire("deliveries");
    await people.deliver();
    deepEqual(statuses(await people.ledger(ana)), ["sent", "sent"]);
    deepEqual([providers.log.of("resend").length, (await health()).state], [1, "closed"]);
  });
});

withProviders("deliveries with browsers", { configured: ["web_push"] }, async ({ it, project, providers, people }) => {
  await it("what one endpoint answers does not keep other browsers waiting", async () => {
    await keepBreakersOpen(project);
    for (const fault of ["unauthorized", "google_invalid_jwt", "apple_bad_jwt_token", "moved"] as const) {
      providers.fail("web_push", [{ fault, times: 1 }]);
      const ana = await people.add({ devices: ["web_push", "web_push", "web_push"] });
      await people.like(ana);
      await people.deliver();
      equal(people.arrived(ana).length, 3, fault);
    }
    equal(await project.count("queues.circuit_breakers where open_until is not null"), 0);
  });

  await it("a push service that refuses every signature is left alone, and health names it", async () => {
    await keepBreakersOpen(project);
    await project.set("deliveries", { delivery_concurrency: 1 });
    providers.fail("web_push", [{ fault: "apple_bad_jwt_token", share: 1 }]);
    const crowd = await Promise.all(Array.from({ length: 8 }, () => people.add({ devices: ["web_push"] })));
    for (const person of crowd) await people.like(person);
    await project.call("deliveries");
    equal(providers.log.refused.length, SETTINGS.breaker_failures);
    const health = await project.sql`
      select service, reason, remedy from queues.delivery_health() where provider = 'web_push' and state = 'open'`;
    deepEqual(health.map(({ service }) => service), [new URL(providers.urls.web_push).host]);
    match(health[0]!.reason, /^provider_misconfigured: HTTP 403: BadJwtToken$/);
    match(health[0]!.remedy, /VAPID_SUBJECT/);

    providers.heal();
    await project.sql`select queues.close_breaker('web_push', ${health[0]!.service})`;
    await project.expire("deliveries");
    await people.deliver();
    equal(providers.log.of("web_push").length, crowd.length);
  });
});
