/** A provider without secrets is skipped, one without all of them waits, and health says what is missing or wrong. */
import { deepEqual, equal, match } from "node:assert/strict";
import { keepBreakersOpen, type Options, statuses, withProviders } from "./deliveries.ts";

withProviders("deliveries with FCM alone", { configured: ["fcm"] }, async ({ it, providers, people }) => {
  await it("a channel without secrets is skipped and does not fail", async () => {
    const ana = await people.add({ devices: ["fcm", "apns", "web_push"], hasEmail: true });
    await people.like(ana);
    await people.deliver();
    deepEqual(
      statuses(await people.ledger(ana)).sort(),
      ["sent", "skipped not_configured", "skipped not_configured", "skipped not_configured"],
    );
    deepEqual(providers.log.accepted.map(({ provider }) => provider), ["fcm"]);
  });
});

const incomplete: Options = { without: ["APNS_TOPIC", "EMAIL_FROM"] };
withProviders("deliveries with incomplete secrets", incomplete, async ({ it, project, providers, people }) => {
  await it("deliveries wait for a missing secret of their provider, and health names it", async () => {
    await keepBreakersOpen(project);
    const ana = await people.add({ devices: ["fcm", "apns"], hasEmail: true });
    await people.like(ana);
    await project.call("deliveries");
    const health = await project.sql`
      select provider, state, reason from queues.delivery_health() where state <> 'closed' order by provider`;
    deepEqual(health.map(({ provider, state }) => [provider, state]), [["apns", "open"], ["resend", "open"]]);
    match(health[0]!.reason, /the secret APNS_TOPIC is not set/);
    match(health[1]!.reason, /the secret EMAIL_FROM is not set/);
    deepEqual(statuses(await people.ledger(ana)).map((status) => status.split(" ")[0]).sort(), [
      "pending",
      "pending",
      "sent",
    ]);
    deepEqual(providers.log.accepted.map(({ provider }) => provider), ["fcm"]);
    equal(await project.count("queues.failures where failures > 0"), 0);
  });
});

const mistakes: Options = {
  configured: ["fcm", "web_push"],
  without: ["VAPID_PRIVATE_KEY"],
  wrong: { APP_URL: "suplatzigram.app", EMAIL_FROM: "hello@suplatzigram.app" },
};
withProviders("deliveries with mistakes in the environment", mistakes, async ({ it, project }) => {
  for (const queue of ["notifications", "deliveries"]) {
    await it(`a run of ${queue} reports them, before anything is to be sent`, async () => {
      await project.sql`
        insert into queues.configuration_problems (about, problem, remedy) values ('fcm', 'of a run before', 'r')`;
      equal((await project.call(queue)).status, 200);
      const health = await project.sql`
        select provider, state, reason, remedy from queues.delivery_health() where reason is not null order by provider`;
      deepEqual(health.map(({ provider, state }) => `${provider} ${state}`), ["all closed", "web_push closed"]);
      match(health[0]!.reason, /^APP_URL is not an address .*; EMAIL_FROM is set without RESEND_API_KEY or /);
      match(health[0]!.remedy, /supabase secrets set APP_URL=https/);
      match(health[1]!.reason, /the secret VAPID_PRIVATE_KEY is not set/);
      match(health[1]!.remedy, /VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT/);
    });
  }
});
