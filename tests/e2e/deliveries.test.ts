/** Deliveries: to whom, by which provider, how often, and when not. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type ProviderOptions, type Providers, startProviders } from "../../local/providers/providers.ts";
import { uploadPicture } from "../../local/stack/pictures.ts";
import { harbor } from "../../local/stack/scenes.ts";
import { pixels } from "../images/pictures.ts";
import { Project, until } from "./project.ts";
import { type Delivery, Recipients } from "./recipients.ts";

const SETTINGS = {
  email_delay_secs: 0,
  hourly_cap_push: 20,
  hourly_cap_email: 6,
  breaker_failures: 5,
  breaker_base_secs: 1,
  breaker_cap_secs: 2,
};

interface Options extends ProviderOptions {
  /** Missing secrets. */
  without?: string[];
  /** Variables with a mistake. */
  wrong?: Record<string, string>;
}

type It = (behaviour: string, body: () => Promise<void>) => Promise<unknown>;
interface Parts {
  it: It;
  project: Project;
  providers: Providers;
  people: Recipients;
}

const withProviders = (name: string, options: Options, body: (parts: Parts) => Promise<void>) =>
  Deno.test(`deliveries with ${name}`, async (t) => {
    await using providers = await startProviders(options);
    await using project = await Project.start({
      functionEnv: { ...without(providers.env, options.without), ...options.wrong },
    });
    const people = new Recipients(project, providers);
    const it: It = (behaviour, step) =>
      t.step(behaviour, async () => {
        await project.reset();
        providers.heal();
        providers.log.clear();
        await project.sql`update queues.notification_settings set ${project.sql(SETTINGS)}`;
        await project.set("deliveries", { max_retries: 5, backoff_base_secs: 1, delivery_concurrency: 16 });
        await step();
        deepEqual(providers.log.mistakes, []);
        deepEqual(await project.deadLetters("deliveries"), []);
      });
    await body({ it, project, providers, people });
  });

withProviders("every provider", {}, async ({ it, project, providers, people }) => {
  await it("each chosen channel delivers the notification once, in the person's language", async () => {
    const everything = { devices: ["fcm", "apns", "web_push"], hasEmail: true } as const;
    const ana = await people.add({ ...everything, devices: [...everything.devices], language: "es" });
    const bob = await people.add({ ...everything, devices: [...everything.devices], language: "en" });
    for (const person of [ana, bob]) await people.like(person);
    await people.deliver();
    const says = {
      es: ["Nuevo “me gusta”", "A alguien le gustó tu foto"],
      en: ["New like", "Someone liked your photo"],
    };
    for (const [person, [title, body]] of [[ana, says.es], [bob, says.en]] as const) {
      deepEqual(
        people.arrived(person).map((entry) => [entry.provider, ...words(entry.payload)]).sort(),
        [["apns", title, body], ["fcm", title, body], ["resend", body], ["web_push", title, body]],
      );
      const ledger = await people.ledger(person);
      deepEqual(statuses(ledger), Array(4).fill("sent"));
      deepEqual(
        people.arrived(person).map(({ deliveryId }) => deliveryId).sort(),
        ledger.map(({ id }) => id).sort(),
      );
    }
  });

  await it("a device without the app is removed, and the person's other devices are notified", async () => {
    const ana = await people.add({ devices: ["fcm", "fcm", "apns", "apns", "web_push", "web_push"] });
    for (const index of [0, 2, 4]) providers.retire(ana.devices[index]!.token);
    await people.like(ana);
    await people.deliver();
    deepEqual(
      people.arrived(ana).map(({ target }) => target).sort(),
      [1, 3, 5].map((index) => ana.devices[index]!.token).sort(),
    );
    const left = await project.sql`select token from devices`;
    deepEqual(left.map(({ token }) => token).sort(), people.arrived(ana).map(({ target }) => target).sort());
    deepEqual(
      statuses(await people.ledger(ana)).sort(),
      [
        "sent",
        "sent",
        "sent",
        "skipped device_gone",
        "skipped device_gone",
        "skipped device_gone",
        "skipped no_address",
      ],
    );
  });

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

  await it("preferences that change between the like and its delivery apply", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    const bob = await people.add({ devices: ["fcm"], hasEmail: true });
    for (const person of [ana, bob]) await people.like(person);
    await project.sql`update profiles set push_notifications = false where id = ${ana.id}`;
    await project.sql`update profiles set email_notifications = false where id = ${bob.id}`;
    await people.deliver();
    deepEqual(statuses(await people.ledger(ana)), ["skipped preference_off", "sent"]);
    deepEqual(statuses(await people.ledger(bob)), ["sent", "skipped preference_off"]);
    deepEqual([ana, bob].map((person) => people.arrived(person).map(({ provider }) => provider)), [["resend"], [
      "fcm",
    ]]);
  });

  await it("an unlike before the delivery cancels the delivery", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    await people.like(ana);
    await people.like(ana);
    await people.deliver();
    deepEqual(statuses(await people.ledger(ana)), ["skipped withdrawn", "skipped withdrawn"]);
    deepEqual(providers.log.accepted, []);
  });

  await it("deliveries wait for the end of quiet hours", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    await people.like(ana);
    const quiet = "quiet_from = (now() at time zone 'utc' - interval '1 hour')::time, " +
      "quiet_until = (now() at time zone 'utc' + interval '1 hour')::time";
    await project.sql.unsafe(`update profiles set time_zone = 'UTC', ${quiet}`);
    await project.call("deliveries");
    deepEqual(providers.log.accepted, []);
    deepEqual(statuses(await people.ledger(ana)), ["pending quiet_hours", "pending quiet_hours"]);
    equal(await project.count("pgmq.q_deliveries where vt > now() + interval '30 minutes'"), 2);
    // A like within them is not tried before they end.
    const bob = await people.add({ devices: ["fcm"] });
    await project.sql.unsafe(`update profiles set time_zone = 'UTC', ${quiet}`);
    await people.like(bob);
    equal(await project.count("pgmq.q_deliveries where vt > now() + interval '30 minutes'"), 3);

    await project.sql`update profiles set quiet_from = null, quiet_until = null`;
    await project.sql`update pgmq.q_deliveries set vt = now()`;
    await people.deliver();
    deepEqual([people.arrived(ana).length, people.arrived(bob).length], [2, 1]);
  });

  await it("nobody gets more deliveries within an hour than the cap", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    await project.sql`update queues.notification_settings set hourly_cap_push = 3, hourly_cap_email = 2`;
    const { ids } = await project.posts(5);
    await project.sql`update posts_new set profile_id = ${ana.id} where id = any(${ids}::uuid[])`;
    for (const id of ids) await project.sql`select toggle_post_like(${id}, 'session')`;
    await project.call("like_events");
    await project.call("notifications");
    await people.deliver();
    deepEqual([providers.log.of("fcm").length, providers.log.of("resend").length], [3, 2]);
    const over = (await people.ledger(ana)).filter(({ reason }) => reason === "over_hourly_cap");
    deepEqual(over.map(({ channel, status }) => `${channel} ${status}`).sort(), [
      ...Array(3).fill("email skipped"),
      ...Array(2).fill("push skipped"),
    ]);
    equal(await project.count(`notifications where recipient_id = '${ana.id}'`), 5, "in the app they are all told");
  });

  await it("an email begins with the comment, shows the photo, and is in the photo's conversation", async () => {
    const ana = await people.add({ hasEmail: true });
    const bob = await people.add({ hasEmail: true });
    await uploadPicture(project.stack, ana.id, ana.post, harbor);
    await project.call("image_processing");
    const comment = 'What a light! <img src=x onerror="alert(1)">';
    const about = (recipient: string, type: string) => ({
      type,
      recipient_id: recipient,
      actor_profile_id: recipient === ana.id ? bob.id : ana.id,
      post_id: ana.post,
      comment_id: crypto.randomUUID(),
      comment,
      timestamp: new Date().toISOString(),
    });
    for (const message of [about(ana.id, "new_comment"), about(bob.id, "mention")]) {
      await project.sql`select pgmq.send('notifications', ${project.sql.json(message)})`;
    }
    await people.like(ana);
    await people.deliver();
    const emails = (person: typeof ana) =>
      people.arrived(person).map(({ payload }) =>
        payload as { subject: string; html: string; text: string; headers: Record<string, string> }
      );
    equal(emails(ana).length, 2);
    const { subject, html, text } = emails(ana).find(({ subject }) => subject.includes("comment"))!;
    match(subject, /^Someone commented on your photo: “What a light! <img src=x onerror="alert\(1\)">”$/);
    ok(html.includes("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") && !html.includes("<img src=x"));
    ok(text.includes("/settings\n"));
    // What is shown is there for everybody who has the email.
    const [, source, width, height, alternative] =
      /<img class="photo quiet" src="([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)"/.exec(html)!;
    const shown = pixels(new Uint8Array(await (await fetch(source!)).arrayBuffer()));
    deepEqual([`${shown.width}`, `${shown.height}`, "caption"], [width, height, alternative]);
    const [conversation, another] = [ana, bob].map((person) =>
      new Set(emails(person).flatMap(({ headers }) => [headers["References"], headers["In-Reply-To"]]))
    );
    match([...conversation!].join(), new RegExp(`^<${ana.post}\\.${ana.id}@[^>,]+>$`));
    match([...another!].join(), new RegExp(`^<${ana.post}\\.${bob.id}@[^>,]+>$`));
  });

  await it("who wrote a rejected comment is told how to appeal, until they have", async () => {
    const ana = await people.add({ hasEmail: true });
    const [written] = await project.sql`
      insert into comments (post_id, author_id, body, status, decided_at, told)
      values (${ana.post}, ${ana.id}, 'Buy this', 'rejected', now(), '[]') returning id`;
    const told = async () => {
      providers.log.clear();
      await project.sql`delete from notifications`;
      await project.sql`select pgmq.send('notifications', ${
        project.sql.json({
          type: "comment_moderated",
          decision: "rejected",
          recipient_id: ana.id,
          post_id: ana.post,
          comment_id: written!.id,
          comment: "Buy this",
          timestamp: new Date().toISOString(),
        })
      })`;
      await project.call("notifications");
      await people.deliver();
      const [email] = people.arrived(ana);
      return (email!.payload as { text: string }).text;
    };
    match(await told(), /you can appeal once\..+\n\nAppeal on Suplatzigram:\nhttps:\/\/[^\n]+\/posts\//);
    await project.sql`insert into queues.appeals (comment_id, body) values (${written!.id}, 'Please')`;
    ok(!/appeal/i.test(await told()));
  });

  await it("one click in an email unsubscribes at once", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    await people.like(ana, "first");
    await people.deliver();
    const [email] = providers.log.of("resend");
    const { headers } = email!.payload as { headers: Record<string, string> };
    equal(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    const [, link] = /^<(.+)>$/.exec(headers["List-Unsubscribe"]!)!;
    ok(link!.startsWith(`${project.stack.url}/functions/v1/unsubscribe?token=`));
    // Marked as read, so that the next like makes a notification of its own.
    await project.sql`update notifications set read_at = now()`;
    await people.like(ana, "second");
    equal(await project.count("pgmq.q_deliveries"), 2);
    const looked = await fetch(link!, { redirect: "manual" });
    await looked.body?.cancel();
    equal(await project.count("profiles where email_notifications is false"), 0, "looking changes nothing");
    const response = await fetch(link!, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    await response.body?.cancel();
    equal(response.status, 200);
    await people.deliver();
    deepEqual([providers.log.of("resend").length, providers.log.of("fcm").length], [1, 2]);
    const emails = (await people.ledger(ana)).filter(({ channel }) => channel === "email");
    deepEqual(statuses(emails), ["sent", "skipped preference_off"]);
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

withProviders("browsers", { configured: ["web_push"] }, async ({ it, project, providers, people }) => {
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

withProviders("FCM alone", { configured: ["fcm"] }, async ({ it, providers, people }) => {
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

withProviders("incomplete secrets", { without: ["APNS_TOPIC", "EMAIL_FROM"] }, async ({ it, ...parts }) => {
  const { project, providers, people } = parts;
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
withProviders("mistakes in the environment", mistakes, async ({ it, project }) => {
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

withProviders("SendGrid", { emailProvider: "sendgrid" }, async ({ it, providers, people }) => {
  await it("a setting selects the email provider", async () => {
    const ana = await people.add({ hasEmail: true });
    await people.like(ana);
    await people.deliver();
    deepEqual(statuses(await people.ledger(ana)), ["skipped no_device", "sent"]);
    deepEqual(providers.log.accepted.map(({ provider, target }) => [provider, target]), [["sendgrid", ana.email]]);
  });
});

/** So that breakers are still open when the test reads them. */
async function keepBreakersOpen({ sql }: Project): Promise<void> {
  await sql`update queues.notification_settings set breaker_base_secs = 3600, breaker_cap_secs = 3600`;
}

function statuses(ledger: Delivery[]): string[] {
  return ledger.map(({ status, reason }) => reason ? `${status} ${reason}` : status);
}

/** The title and the text of a push, the subject of an email. */
function words(payload: unknown): string[] {
  const said = payload as {
    subject?: string;
    title?: string;
    body?: string;
    notification?: { title: string; body: string };
    aps?: { alert: { title: string; body: string } };
  };
  if (said.subject !== undefined) return [said.subject];
  const { title, body } = said.notification ?? said.aps?.alert ?? said;
  return [title ?? "", body ?? ""];
}

function without(env: Record<string, string>, names: string[] = []): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
