/**
 * The senders against the stand-ins of the providers, which check a request like the real ones; APNs supports only HTTP/2.
 * Deliveries are made in a separate process, because a process reads the trusted certificates when it starts.
 */
import { deepEqual, equal } from "node:assert/strict";
import { deno, type DenoVersion } from "../../local/tools/binaries.ts";
import { type Device, startProviders } from "../../local/providers/providers.ts";
import type { Authorization, Delivery } from "../../supabase/functions/_shared/core.ts";

type Env = Record<string, string>;

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
const JSON_HEADERS = { "content-type": "application/json" };
const EMAIL = "Ana <ana@example.org>";

/** Makes the deliveries of a round at once, then pauses before the next round, all in one process. */
async function deliver(
  version: DenoVersion,
  env: Env,
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

function push({ provider, token, p256dh, auth }: Device, env: Env): Delivery {
  const [key, notification_id] = [crypto.randomUUID(), crypto.randomUUID()];
  const data = { delivery_id: key, notification_id };
  const content = { title: "New like", body: "Añá liked your photo 👋" };
  if (provider === "fcm") {
    return delivery(provider, `${env.FCM_URL}/v1/projects/{project_id}/messages:send`, {
      message: { token, notification: content, data },
    }, {
      scheme: "google",
      secret: "FCM_SERVICE_ACCOUNT",
      scope: "https://www.googleapis.com/auth/firebase.messaging",
      valid_secs: 3600,
      margin_secs: 60,
      timeout_ms: 300_000,
    });
  }
  if (provider === "apns") {
    const [key_id, team_id] = [env.APNS_KEY_ID!, env.APNS_TEAM_ID!];
    const authorization = { scheme: "apns", secret: "APNS_PRIVATE_KEY", key_id, team_id, use_secs: 2400 } as const;
    const body = { aps: { alert: content }, ...data };
    return delivery(provider, `${env.APNS_URL}/3/device/${token}`, body, authorization, {
      headers: {
        ...JSON_HEADERS,
        "apns-id": key,
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-topic": env.APNS_TOPIC!,
      },
    });
  }
  const [public_key, subject] = [env.VAPID_PUBLIC_KEY!, env.VAPID_SUBJECT!];
  return delivery(provider, token, { ...content, ...data }, {
    scheme: "vapid",
    secret: "VAPID_PRIVATE_KEY",
    public_key,
    subject,
    valid_secs: 43_200,
    use_secs: 21_600,
  }, {
    headers: {
      "content-type": "application/octet-stream",
      "content-encoding": "aes128gcm",
      ttl: "60",
      urgency: "normal",
      topic: "t",
    },
    encrypt_for: { p256dh: p256dh!, auth: auth! },
  });
}

function email(provider: "resend" | "sendgrid", env: Env): Delivery {
  const key = crypto.randomUUID();
  const from = env.EMAIL_FROM!;
  if (provider === "resend") {
    const body = { from, to: [EMAIL], subject: "New like", text: "x", html: "<p>x</p>" };
    const authorization = { scheme: "api_key", secret: "RESEND_API_KEY" } as const;
    return delivery(provider, `${env.RESEND_URL}/emails`, body, authorization, {
      headers: { ...JSON_HEADERS, "idempotency-key": key },
    });
  }
  const body = {
    personalizations: [{ to: [{ email: "ana@example.org" }] }],
    from: { email: /<(.*)>/.exec(from)![1]! },
    subject: "New like",
    content: [{ type: "text/plain", value: "x" }],
    custom_args: { delivery_id: key },
  };
  const authorization = { scheme: "api_key", secret: "SENDGRID_API_KEY" } as const;
  return delivery(provider, `${env.SENDGRID_URL}/v3/mail/send`, body, authorization);
}

/** A delivery as the core writes it. */
function delivery(
  provider: string,
  url: string,
  body: object,
  authorization: Authorization,
  more: Partial<Delivery> = {},
): Delivery {
  return {
    provider,
    url,
    headers: JSON_HEADERS,
    body: JSON.stringify(body),
    timeout_ms: 300_000,
    authorization,
    ...more,
  };
}

for (const version of ["2.1.4", "current"] as DenoVersion[]) {
  Deno.test(`deliveries on Deno ${version} arrive without errors`, async () => {
    await using providers = await startProviders();
    const devices = (["fcm", "apns", "web_push"] as const).map((provider) => providers.newDevice(provider));
    const round = () => [
      ...devices.flatMap((device) => Array.from({ length: 3 }, () => push(device, providers.env))),
      email("resend", providers.env),
      email("sendgrid", providers.env),
    ];
    const [first, second, third] = [round(), round(), round()];
    // The same keys again, as after a lost answer.
    const answers = await deliver(version, providers.env, [first, second, third, third]);
    deepEqual(providers.log.mistakes, []);
    const expected = [200, 200, 200, 200, 200, 200, 201, 201, 201, 200, 202];
    for (const some of answers) deepEqual(some.map(({ status }) => status), expected);
    for (const [index, { provider, headers }] of first.entries()) {
      const { messageId } = answers[0]![index]!;
      equal(typeof messageId, provider === "apns" || provider === "sendgrid" ? "string" : "undefined");
      if (provider === "apns") equal(messageId, headers["apns-id"]);
    }
    equal(providers.log.grants, 1);
    for (const [provider, count] of Object.entries({ fcm: 12, apns: 12, web_push: 12, resend: 3, sendgrid: 4 })) {
      equal(providers.log.accepted.filter((one) => one.provider === provider).length, count, provider);
    }
    equal(providers.log.replayed.length, 1);
  });

  Deno.test(`refused tokens are replaced and refusals reported on Deno ${version}`, async () => {
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
    const round = () => [
      ...devices.map((device) => push(device, providers.env)),
      email("resend", providers.env),
      email("sendgrid", providers.env),
    ];
    // A token that is signed again within the second may be the same.
    const answers = await deliver(version, providers.env, [round(), round(), round()], 1100);
    deepEqual(
      answers.map((some) => some.map(({ status }) => status)),
      [
        [401, 403, 429, 429],
        [429, 0, 200, 202],
        [200, 200, 200, 202],
      ],
    );
    equal(answers[1]![0]!.retryAfter, "9");
    equal(answers[0]![2]!.retryAfter, "4");
    equal(Number(answers[0]![3]!.rateLimitReset) > 1_600_000_000, true);
    equal(providers.log.grants, 2);
    deepEqual(providers.log.mistakes, []);
  });

  Deno.test(`a key of another project is refused on Deno ${version}`, async () => {
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
      [...devices.map((device) => push(device, wrong)), email("resend", wrong), email("sendgrid", wrong)],
    ]);
    deepEqual(answers!.map(({ status, stage }) => [status, stage]), [
      [400, "token"],
      [403, undefined],
      [401, undefined],
      [403, undefined],
      [401, undefined],
    ]);
    equal(JSON.parse(answers![0]!.text).error, "invalid_grant");
    equal(providers.log.accepted.length, 0);
  });
}
