/**
 * Thousands of notifications with failing providers, killed workers and a restart of the database. The providers' logs
 * prove that each chosen channel delivered each notification, and count the duplicates. DELIVERIES: how
 * many (1,000). DELIVERIES_SEED: which requests fail (1).
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { type Provider, type Providers, type PushProvider, startProviders } from "../../local/providers/providers.ts";
import { Project, until } from "./project.ts";

const TOTAL = Number(Deno.env.get("DELIVERIES") ?? 1000);
const SEED = Number(Deno.env.get("DELIVERIES_SEED") ?? 1);
/** Notifications of each person. */
const EACH = 5;
const KILLS_AT = [0.05, 0.15, 0.3, 0.6, 0.7];
const RESTART_AT = 0.45;
const HEALED_AT = 0.85;
/** Errors that retire a device. */
const GONE = ["UNREGISTERED", "Unregistered", "gone"];
const PUSH: PushProvider[] = ["fcm", "apns", "web_push"];

interface Person {
  id: string;
  /** Their chosen channels. */
  targets: { provider: Provider; target: string }[];
}

const runs = [["resend", TOTAL], ["sendgrid", Math.max(100, Math.ceil(TOTAL / 10))]] as const;
for (const [emailProvider, wanted] of runs) {
  const people = Math.ceil(wanted / EACH);
  const total = people * EACH;
  Deno.test(`${total} notifications, with emails by ${emailProvider}`, async () => {
    await using providers = await startProviders({ emailProvider });
    await using project = await Project.start({ functionEnv: providers.env });
    await configure(project);
    const crowd = await gather(project, providers, people);
    failEverywhere(providers);
    await sendEverything(project);
    const expected = crowd.reduce((sum, { targets }) => sum + targets.length * EACH, 0);
    const arrived = () => providers.log.arrivals().size;

    project.stack.scheduler.start();
    const events = [
      ...KILLS_AT.map((at) => ({ at, happen: () => killMidway(project) })),
      { at: RESTART_AT, happen: () => restart(project) },
      { at: HEALED_AT, happen: () => Promise.resolve(providers.heal()) },
    ].sort((one, other) => one.at - other.at);
    for (const { at, happen } of events) {
      await until(() => arrived() >= at * expected, `${at} of ${expected} deliveries; so far ${arrived()}`);
      await happen();
    }
    await project.drained("notifications", "deliveries");
    await project.stack.scheduler.stop();

    deepEqual(providers.log.mistakes, []);
    deepEqual(await project.deadLetters("notifications"), []);
    deepEqual(await project.deadLetters("deliveries"), []);
    equal(await project.count("notifications"), total);

    const ledger = await project.sql<Row[]>`
      select id, recipient_id as "recipientId", channel, status, reason, uncertain_tries as uncertain
      from queues.notification_deliveries`;
    const byId = new Map(ledger.map((row) => [row.id, row]));
    const gone = new Set(
      providers.log.refused.filter(({ reason }) => GONE.includes(reason)).map(({ target }) => target),
    );
    everyChannelArrived(providers, crowd, gone);
    everyArrivalIsInTheLedger(providers, crowd, byId);
    const left = await project.sql`select token from devices`;
    deepEqual(left.filter(({ token }) => gone.has(token)), [], "devices that are gone are removed");
    ok(gone.size > 0 && providers.log.refused.some(({ status }) => status === 429), "every kind of failure happened");

    // A delivery may repeat only after an attempt with an uncertain result.
    const arrivals = providers.log.arrivals();
    const unexplained = ledger.filter(({ id, uncertain }) => (arrivals.get(id) ?? 0) > 1 + uncertain);
    deepEqual(unexplained, []);
    equal(providers.log.duplicates("resend"), 0);

    const uncertain = ledger.reduce((sum, row) => sum + row.uncertain, 0);
    ok(uncertain > 0, "kills and lost answers left something uncertain");
    const counts = [...PUSH, emailProvider].map((provider) =>
      `${provider} ${providers.log.arrivals(provider).size} (${providers.log.duplicates(provider)} twice)`
    );
    console.log(
      `${total} notifications: ${counts.join(", ")}; ${uncertain} uncertain tries, ` +
        `${providers.log.refused.length} refusals, ${providers.log.replayed.length} replays, ${gone.size} devices gone`,
    );
  });
}

interface Row {
  id: string;
  recipientId: string;
  channel: string;
  status: string;
  reason: string | null;
  uncertain: number;
}

/** The leases of killed workers run out when their places are free, and those of a busy machine last. */
async function configure(project: Project): Promise<void> {
  await project.set("notifications", { visibility_timeout_secs: 15, max_crashes: 100 });
  await project.set("deliveries", {
    visibility_timeout_secs: 15,
    max_crashes: 100,
    max_retries: 100,
    backoff_base_secs: 1,
    backoff_cap_secs: 4,
  });
  await project.sql`
    update queues.notification_settings set
      email_delay_secs = 0, hourly_cap_push = 10000, hourly_cap_email = 10000, breaker_base_secs = 1, breaker_cap_secs = 2`;
}

/** People with no, one or several devices, with and without an address, in both languages, with different preferences. */
async function gather(project: Project, providers: Providers, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, (_, n) => ({
    id: crypto.randomUUID(),
    language: n % 2 === 0 ? "es" : "en",
    push_notifications: n % 11 !== 0,
    email_notifications: n % 7 !== 0,
    devices: PUSH.filter((_, index) => (n % 8) & (1 << index)).map((provider) => providers.newDevice(provider)),
    hasEmail: n % 3 !== 0,
  }));
  const rows = (of: unknown[]) => project.sql.json(of as never);
  await project.sql`
    insert into profiles (id, language, push_notifications, email_notifications)
    select id, language, push_notifications, email_notifications
    from jsonb_to_recordset(${rows(people)}) p
      (id uuid, language text, push_notifications boolean, email_notifications boolean)`;
  await project.sql`insert into posts_new (profile_id, caption) select id, 'caption' from profiles`;
  const devices = people.flatMap(({ id, devices }) => devices.map((device) => ({ profile_id: id, ...device })));
  await project.sql`
    insert into devices (profile_id, provider, token, p256dh, auth)
    select profile_id, provider, token, p256dh, auth
    from jsonb_to_recordset(${rows(devices)}) d (profile_id uuid, provider text, token text, p256dh text, auth text)`;
  await using admin = await project.admin();
  const addressees = people.filter(({ hasEmail }) => hasEmail).map(({ id }) => id);
  await admin.sql`
    insert into auth.users (id, email, email_confirmed_at)
    select id, id || '@example.com', now() from unnest(${addressees}::uuid[]) id`;
  const email = "EMAIL_PROVIDER" in providers.env ? providers.env.EMAIL_PROVIDER as Provider : "resend";
  return people.map(({ id, devices, hasEmail, push_notifications, email_notifications }) => ({
    id,
    targets: [
      ...(push_notifications ? devices : []).map(({ provider, token }) => ({ provider, target: token })),
      ...(hasEmail && email_notifications ? [{ provider: email, target: `${id}@example.com` }] : []),
    ],
  }));
}

/**
 * Errors before and after a request takes effect, dropped connections, rate limits and devices that are gone: at least one
 * lost answer, rate limit and device. No fault answers 503 to an accepted request: that status counts as a refusal.
 */
function failEverywhere(providers: Providers): void {
  const drops = [{ fault: "drop", share: 0.02 }, { fault: "drop", accepted: true, share: 0.02 }] as const;
  providers.fail("fcm", [
    { fault: "drop", accepted: true, times: 1 },
    ...drops,
    { fault: "INTERNAL", share: 0.03 },
    { fault: "INTERNAL", accepted: true, share: 0.02 },
    { fault: "UNREGISTERED", times: 1 },
    { fault: "UNREGISTERED", share: 0.01 },
    { fault: "ACCESS_TOKEN_EXPIRED", share: 0.002 },
    { fault: "QUOTA_EXCEEDED", retryAfterSecs: 1, times: 1 },
    { fault: "QUOTA_EXCEEDED", retryAfterSecs: 1, share: 0.002 },
  ], SEED);
  providers.fail("apns", [
    ...drops,
    { fault: "InternalServerError", share: 0.03 },
    { fault: "InternalServerError", accepted: true, share: 0.02 },
    { fault: "Unregistered", share: 0.01 },
    { fault: "TooManyRequests", retryAfterSecs: 1, share: 0.01 },
  ], SEED);
  providers.fail("web_push", [
    ...drops,
    { fault: "internal_server_error", share: 0.03 },
    { fault: "internal_server_error", accepted: true, share: 0.02 },
    { fault: "gone", share: 0.01 },
    { fault: "too_many_requests", retryAfterSecs: 1, share: 0.01 },
  ], SEED);
  providers.fail("resend", [
    ...drops,
    { fault: "application_error", share: 0.03 },
    { fault: "internal_server_error", accepted: true, share: 0.03 },
    { fault: "rate_limit_exceeded", retryAfterSecs: 1, share: 0.002 },
  ], SEED);
  providers.fail("sendgrid", [
    ...drops,
    { fault: "service_unavailable", share: 0.03 },
    { fault: "internal_server_error", accepted: true, share: 0.03 },
    { fault: "too_many_requests", retryAfterSecs: 1, share: 0.005 },
  ], SEED);
}

/** Sends each person a notification of every kind. */
async function sendEverything(project: Project): Promise<void> {
  await project.sql`
    select pgmq.send_batch('notifications', array_agg(jsonb_build_object(
      'type', kind, 'recipient_id', profile_id, 'post_id', id, 'post_caption', caption, 'comment_id', gen_random_uuid(),
      'comment', 'comment', 'session_id', 'session', 'timestamp', now(),
      'decision', case when kind = 'comment_moderated' then 'approved' end) order by n, id))
    from posts_new
    cross join unnest(array['new_like', 'new_comment', 'new_follower', 'comment_moderated', 'new_comment'])
      with ordinality kinds (kind, n)`;
}

/** Kills a worker while it sends, if there is anything left to send: what it sent since its last settlement is not recorded. */
async function killMidway(project: Project): Promise<void> {
  await until(
    async () =>
      (await project.pid("deliveries")).length > 0 &&
        await project.count("queues.notification_deliveries where status = 'sending'") > 0 ||
      await project.count("pgmq.q_notifications") + await project.count("pgmq.q_deliveries") === 0,
    "a worker that sends",
  );
  await project.kill("deliveries", "SIGKILL");
}

async function restart(project: Project): Promise<void> {
  await project.stack.postgres.restart();
  await project.reconnect();
}

/** Counts arrivals at the providers, without the ledger. */
function everyChannelArrived(providers: Providers, crowd: Person[], gone: Set<string | null>): void {
  const arrived = new Map<string, Set<string | null>>();
  for (const { provider, target, deliveryId } of providers.log.accepted) {
    const key = `${provider} ${target}`;
    arrived.set(key, (arrived.get(key) ?? new Set()).add(deliveryId));
  }
  const chosen = crowd.flatMap(({ targets }) => targets);
  const missing = chosen.filter(({ provider, target }) =>
    !gone.has(target) && arrived.get(`${provider} ${target}`)?.size !== EACH
  );
  deepEqual(missing, []);
  const keys = new Set(chosen.map(({ provider, target }) => `${provider} ${target}`));
  deepEqual([...arrived.keys()].filter((key) => !keys.has(key)), [], "deliveries only to chosen targets");
}

function everyArrivalIsInTheLedger(providers: Providers, crowd: Person[], ledger: Map<string, Row>): void {
  const owners = new Map(crowd.flatMap(({ id, targets }) => targets.map(({ target }) => [target, id])));
  const strangers = providers.log.accepted.filter(({ deliveryId, target }) =>
    ledger.get(deliveryId ?? "")?.recipientId !== owners.get(target)
  );
  deepEqual(strangers, []);
  const arrivals = providers.log.arrivals();
  const rows = [...ledger.values()];
  deepEqual(rows.filter(({ id, status }) => status === "sent" && !arrivals.has(id)), [], "what is `sent` arrived");
  deepEqual(rows.filter(({ status }) => status !== "sent" && status !== "skipped"), [], "nothing is left undecided");
  // Only a device that was reported gone after a lost response has received what is not `sent`.
  const unrecorded = rows.filter(({ id, status, reason }) =>
    arrivals.has(id) && status !== "sent" && reason !== "device_gone"
  );
  deepEqual(unrecorded, []);
  const reasons = new Set(rows.filter(({ status }) => status === "skipped").map(({ reason }) => reason));
  const plain = ["device_gone", "no_address", "no_device", "preference_off"];
  deepEqual([...reasons].filter((reason) => !plain.includes(reason ?? "")), []);
}
