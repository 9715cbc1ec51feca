/**
 * Thousands of notifications, through providers that fail in every way they have, killed workers and a database that
 * restarts. What became of each is read off the providers' own logs. `DELIVERIES` says how many (5000 by default); on
 * one version of Postgres, for the time it takes.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { type PushProvider, startProviders } from "../../local/stand-ins/providers/providers.ts";
import { pause, Project, until, versions } from "./project.ts";

const NOTIFICATIONS = Number(Deno.env.get("DELIVERIES") ?? 5000);
const PEOPLE = 250;

Deno.test(`${NOTIFICATIONS} notifications reach everybody, whatever fails`, async (t) => {
  await using providers = await startProviders();
  const pgVersion = versions.at(-1)!;
  await using project = await Project.start({ pgVersion, functionEnv: providers.env });
  const { sql } = project;
  await sql`
    update queues.notification_settings set email_delay_secs = 0, breaker_base_secs = 1, breaker_cap_secs = 2,
      hourly_cap_push = 100000, hourly_cap_email = 100000`;
  await project.set("deliveries", {
    backoff_base_secs: 1,
    backoff_cap_secs: 2,
    max_retries: 20,
    visibility_timeout_secs: 10,
  });
  await project.set("notifications", { visibility_timeout_secs: 10 });

  const kinds: PushProvider[] = ["fcm", "apns", "web_push"];
  const gone = new Set<string>();
  await using admin = await project.admin();
  for (let n = 0; n < PEOPLE; n++) {
    const [person] = await sql`
      insert into profiles (username, language) values (${`person ${n}`}, ${n % 2 ? "es" : "en"}) returning id`;
    if (n % 4 === 0) {
      await admin.sql`
        insert into auth.users (id, email, email_confirmed_at) values (${person!.id}, ${`p${n}@example.com`}, now())`;
    }
    const provider = kinds[n % 3]!;
    const { token, p256dh = null, auth = null } = providers.newDevice(provider);
    await sql`insert into devices ${sql({ profile_id: person!.id, provider, token, p256dh, auth })}`;
    if (n % 25 === 24) {
      providers.retire(token);
      gone.add(token);
    }
  }
  providers.fail("fcm", [{ fault: "INTERNAL", share: 0.05 }, { fault: "drop", accepted: true, share: 0.02 }, {
    fault: "QUOTA_EXCEEDED",
    share: 0.002,
    retryAfterSecs: 1,
  }]);
  providers.fail("apns", [{ fault: "drop", accepted: true, share: 0.02 }, { fault: "drop", share: 0.03 }]);
  providers.fail("web_push", [{ fault: "drop", accepted: true, share: 0.02 }, { fault: "drop", share: 0.03 }]);
  providers.fail("resend", [{ fault: "drop", accepted: true, share: 0.05 }, { fault: "drop", share: 0.03 }]);

  await sql`
    select pgmq.send_batch('notifications', array(
      select jsonb_build_object('v', 1, 'type', 'new_comment', 'recipient_id', p.id, 'post_id', gen_random_uuid(),
        'comment_id', gen_random_uuid(), 'comment', 'comment ' || n, 'timestamp', now())
      from generate_series(1, ${NOTIFICATIONS}::int) n
      join (select id, row_number() over (order by id) - 1 as place from profiles) p on p.place = n % ${PEOPLE}::int))`;
  project.stack.scheduler.start();
  const sent = () => project.count("queues.notification_deliveries where status = 'sent'");
  for (const share of [0.1, 0.3, 0.5]) {
    await progress(share);
    await project.kill("deliveries");
  }
  await progress(0.6);
  await project.stack.postgres.restart();
  await project.reconnect();
  await progress(0.7);
  await project.kill("deliveries");

  await t.step("nothing is left, and nothing given up", async () => {
    await until(
      async () => await project.count("pgmq.q_notifications") + await project.count("pgmq.q_deliveries") === 0,
      "the queues drained",
    );
    await project.stack.scheduler.stop();
    deepEqual(await project.deadLetters("notifications"), []);
    deepEqual(await project.deadLetters("deliveries"), []);
    equal(await project.count("notifications"), NOTIFICATIONS);
  });
  const ledger = await project.sql<
    { id: string; status: string; reason: string; provider: string; uncertain_tries: number }[]
  >`
    select id, status, reason, provider, uncertain_tries from queues.notification_deliveries`;
  const arrivals = providers.log.arrivals();

  await t.step("what the ledger calls sent has arrived, and what has arrived it calls sent", () => {
    const sentIds = ledger.filter(({ status }) => status === "sent").map(({ id }) => id);
    deepEqual(sentIds.filter((id) => !arrivals.has(id)), []);
    const known = new Set(sentIds);
    deepEqual([...arrivals.keys()].filter((id) => !known.has(id)), []);
    ok(sentIds.length > NOTIFICATIONS, "pushes, and emails besides");
  });
  await t.step("what was not sent says why: nobody chose it, or the device is gone", () => {
    const reasons = new Set(
      ledger.filter(({ status }) => status !== "sent").map(({ status, reason }) => `${status} ${reason}`),
    );
    // A person whose only device was found gone by then has none.
    const expected = ["skipped device_gone", "skipped no_address", "skipped no_device"];
    deepEqual([...reasons].filter((reason) => !expected.includes(reason)), []);
    ok(reasons.has("skipped device_gone"));
    deepEqual(providers.log.accepted.filter(({ target }) => gone.has(target)), []);
  });
  await t.step(
    "nothing is repeated where the provider knows the key, and elsewhere only what is counted as uncertain",
    () => {
      const repeated = ledger.filter(({ id }) => (arrivals.get(id) ?? 0) > 1);
      equal(providers.log.duplicates("resend"), 0);
      ok(providers.log.replayed.length > 0, "Resend was asked again");
      for (const { id, uncertain_tries } of repeated) ok(arrivals.get(id)! - 1 <= uncertain_tries, id);
      const counts = kinds.map((kind) => `${kind} ${providers.log.duplicates(kind)}`).join(", ");
      const uncertain = ledger.reduce((sum, row) => sum + row.uncertain_tries, 0);
      console.log(`${arrivals.size} deliveries; repeated: ${counts}, resend 0; uncertain tries: ${uncertain}`);
    },
  );
  await t.step("no provider would have refused any of it", () => deepEqual(providers.log.mistakes, []));

  /** Waits until about that share of the pushes is out. */
  async function progress(share: number): Promise<void> {
    // Far more than a busy machine needs.
    for (let n = 0; await sent() < NOTIFICATIONS * share; n++) {
      if (n > 1200) throw new Error(`no progress: ${await sent()} sent`);
      await pause(250);
    }
  }
});
