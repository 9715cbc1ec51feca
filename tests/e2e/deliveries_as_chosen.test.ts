/** To whom, by which channel, in which language and when: what each person chose, and what limits it. */
import { deepEqual, equal } from "node:assert/strict";
import { statuses, withProviders } from "./deliveries.ts";

withProviders("deliveries as each person chose", {}, async ({ it, project, providers, people }) => {
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
});

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
