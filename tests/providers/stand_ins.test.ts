/**
 * The senders against the stand-ins of the providers, which check a request as the real ones do: APNs speaks HTTP/2 and
 * nothing else. Senders run in a process of their own, since a certificate is trusted from a process's start.
 */
import { deepEqual, equal } from "node:assert/strict";
import { deno, type DenoVersion } from "../../local/tools/binaries.ts";
import { type Device, type Providers, startProviders } from "../../local/providers/providers.ts";
import type { Delivery } from "../../supabase/functions/_shared/providers/index.ts";

interface Answer {
  status: number;
  stage?: string;
  retryAfter?: string;
  rateLimitReset?: string;
  messageId?: string;
  text: string;
}

const script = `${import.meta.dirname}/deliver.ts`;
const config = `${import.meta.dirname}/../deno.json`;
const EMAIL = "Ana <ana@example.org>";

/** Each round is sent at once, the next one after it and a pause, all by the same process. */
async function deliver(
  version: DenoVersion,
  env: Record<string, string>,
  rounds: Delivery[][],
  pauseMs = 0,
): Promise<Answer[][]> {
  const process = new Deno.Command(deno(version), {
    args: ["run", "--no-lock", "--quiet", "--no-check", "--allow-net", "--allow-env", `--config=${config}`, script],
    env: { DENO_TLS_CA_STORE: "system,mozilla", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ rounds, pauseMs })));
  await writer.close();
  const { success, stdout } = await process.output();
  equal(success, true);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function push(device: Device): Delivery {
  const [key, notification_id] = [crypto.randomUUID(), crypto.randomUUID()];
  const data = { delivery_id: key, notification_id };
  const content = { title: "New like", body: "Añá liked your photo 👋" };
  const { provider, token, p256dh, auth } = device;
  if (provider === "fcm") {
    const message = { token, notification: content, data };
    return { provider, key, headers: {}, body: JSON.stringify({ message }) };
  }
  if (provider === "apns") {
    const headers = { "apns-id": key, "apns-push-type": "alert", "apns-priority": "10" };
    return { provider, key, headers, body: JSON.stringify({ aps: { alert: content }, ...data }), token };
  }
  const subscription = { endpoint: token, p256dh: p256dh!, auth: auth! };
  const headers = { ttl: "60", urgency: "normal", topic: "t" };
  return { provider, key, headers, body: JSON.stringify({ ...content, ...data }), subscription };
}

function email(provider: "resend" | "sendgrid", { env }: Providers): Delivery {
  const key = crypto.randomUUID();
  const from = env.EMAIL_FROM!;
  if (provider === "resend") {
    const body = { from, to: [EMAIL], subject: "New like", text: "x", html: "<p>x</p>" };
    return { provider, key, headers: {}, body: JSON.stringify(body) };
  }
  const body = {
    personalizations: [{ to: [{ email: "ana@example.org" }] }],
    from: { email: /<(.*)>/.exec(from)![1]! },
    subject: "New like",
    content: [{ type: "text/plain", value: "x" }],
    custom_args: { delivery_id: key },
  };
  return { provider, key, headers: {}, body: JSON.stringify(body) };
}

for (const version of ["2.1.4", "current"] as DenoVersion[]) {
  Deno.test(`what is sent on Deno ${version} arrives, and nothing about it is wrong`, async () => {
    await using providers = await startProviders();
    const devices = (["fcm", "apns", "web_push"] as const).map((provider) => providers.newDevice(provider));
    const round = () => [
      ...devices.flatMap((device) => [push(device), push(device), push(device)]),
      email("resend", providers),
      email("sendgrid", providers),
    ];
    const [first, second, third] = [round(), round(), round()];
    // The same keys again, as after a lost answer.
    const answers = await deliver(version, providers.env, [first, second, third, third]);
    deepEqual(providers.log.mistakes, []);
    const expected = [200, 200, 200, 200, 200, 200, 201, 201, 201, 200, 202];
    for (const some of answers) deepEqual(some.map(({ status }) => status), expected);
    for (const [index, { provider, key }] of first.entries()) {
      const { messageId } = answers[0]![index]!;
      equal(typeof messageId, provider === "apns" || provider === "sendgrid" ? "string" : "undefined");
      if (provider === "apns") equal(messageId, key);
    }
    equal(providers.log.grants, 1);
    for (const [provider, count] of Object.entries({ fcm: 12, apns: 12, web_push: 12, resend: 3, sendgrid: 4 })) {
      equal(providers.log.accepted.filter((one) => one.provider === provider).length, count, provider);
    }
    equal(providers.log.replayed.length, 1);
  });

  Deno.test(`refused tokens are replaced, and refusals told, on Deno ${version}`, async () => {
    await using providers = await startProviders();
    const { fail } = providers;
    fail("fcm", [{ fault: "ACCESS_TOKEN_EXPIRED", times: 1 }, {
      fault: "QUOTA_EXCEEDED",
      times: 1,
      retryAfterSecs: 9,
    }]);
    fail("apns", [{ fault: "ExpiredProviderToken", times: 1 }, { fault: "drop", times: 1 }]);
    fail("resend", [{ fault: "rate_limit_exceeded", times: 1, retryAfterSecs: 4 }]);
    fail("sendgrid", [{ fault: "too_many_requests", times: 1 }]);
    const devices = (["fcm", "apns"] as const).map((provider) => providers.newDevice(provider));
    const round = () => [...devices.map(push), email("resend", providers), email("sendgrid", providers)];
    // A token that is signed again within the second may be the same.
    const answers = await deliver(version, providers.env, [round(), round(), round()], 1100);
    deepEqual(answers.map((some) => some.map(({ status }) => status)), [
      [401, 403, 429, 429],
      [429, 0, 200, 202],
      [200, 200, 200, 202],
    ]);
    equal(answers[1]![0]!.retryAfter, "9");
    equal(answers[0]![2]!.retryAfter, "4");
    equal(Number(answers[0]![3]!.rateLimitReset) > 1_600_000_000, true);
    equal(providers.log.grants, 2);
    deepEqual(providers.log.mistakes, []);
  });

  Deno.test(`a key that is not the provider's own is told so on Deno ${version}`, async () => {
    await using providers = await startProviders();
    await using others = await startProviders();
    const account = JSON.parse(providers.env.FCM_SERVICE_ACCOUNT!);
    account.private_key = JSON.parse(others.env.FCM_SERVICE_ACCOUNT!).private_key;
    const wrong = {
      ...providers.env,
      FCM_SERVICE_ACCOUNT: JSON.stringify(account),
      APNS_PRIVATE_KEY: others.env.APNS_PRIVATE_KEY!,
      VAPID_PUBLIC_KEY: others.env.VAPID_PUBLIC_KEY!,
      VAPID_PRIVATE_KEY: others.env.VAPID_PRIVATE_KEY!,
      RESEND_API_KEY: others.env.RESEND_API_KEY!,
      SENDGRID_API_KEY: others.env.SENDGRID_API_KEY!,
    };
    const devices = (["fcm", "apns", "web_push"] as const).map((provider) => providers.newDevice(provider));
    const [answers] = await deliver(version, wrong, [
      [...devices.map(push), email("resend", providers), email("sendgrid", providers)],
    ]);
    deepEqual(answers!.map(({ status, stage }) => [status, stage]), [
      [400, "auth"],
      [403, undefined],
      [403, undefined],
      [403, undefined],
      [401, undefined],
    ]);
    equal(JSON.parse(answers![0]!.text).error, "invalid_grant");
    equal(providers.log.accepted.length, 0);
  });
}
