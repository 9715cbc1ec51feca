/**
 * Stands in for the providers of notifications, on 127.0.0.1: Firebase Cloud Messaging with Google's OAuth 2.0, Apple's
 * push service, a browser's push service, Resend and SendGrid. Each checks requests and answers as the real one does,
 * and fails on demand. Development and tests only.
 *
 *     await using providers = await startProviders();
 *     await using stack = await startStack({ functionEnv: providers.env });
 *     const device = providers.newDevice("web_push");
 *     providers.fail("fcm", [{ fault: "INTERNAL", share: 0.1 }, { fault: "drop", accepted: true, share: 0.03 }]);
 *     providers.log.of("web_push");
 */
import { forget, watchFolder } from "../stack/watchdog.ts";
import { apns, type ApnsFault } from "./apns.ts";
import { selfSigned } from "./certificate.ts";
import { type Device, Devices, type PushProvider } from "./devices.ts";
import type { Plan } from "./faults.ts";
import { fcm, type FcmFault } from "./fcm.ts";
import { AccessTokens, googleOauth, type OauthFault } from "./google-oauth.ts";
import { startFront } from "./front.ts";
import { ecKeys, pointKeys, randomText, rsaKeys } from "./keys.ts";
import { type Provider, ProviderLog, type Service } from "./log.ts";
import { openAi, type OpenAiFault } from "./openai.ts";
import { ownModeration, type OwnModerationFault } from "./own-moderation.ts";
import { resend, type ResendFault } from "./resend.ts";
import { sendGrid, type SendGridFault } from "./sendgrid.ts";
import { listen, type Listener } from "./server.ts";
import { type Definition, Exchange } from "./service.ts";
import { webPush, type WebPushFault } from "./web-push.ts";

export type { Device, PushProvider } from "./devices.ts";
export type { Attempt, Fault, Plan } from "./faults.ts";
export type { Accepted, Provider, Refused, Service } from "./log.ts";

/** The failures that each service can inject. */
export interface FaultNames {
  fcm: FcmFault;
  apns: ApnsFault;
  web_push: WebPushFault;
  resend: ResendFault;
  sendgrid: SendGridFault;
  openai: OpenAiFault;
  http: OwnModerationFault;
  google_oauth: OauthFault;
}

export interface ProviderOptions {
  /** The providers whose secrets `env` contains: all by default. */
  configured?: Provider[];
  /** The email provider when both are configured: Resend by default. */
  emailProvider?: "resend" | "sendgrid";
  /** From a request's arrival to its answer, for every provider. */
  latencyMs?: number;
  /** How long Google's access tokens last. */
  accessTokenSecs?: number;
  appUrl?: string;
}

export interface Providers extends AsyncDisposable {
  /** Every secret and address that the functions need. */
  readonly env: Record<string, string>;
  readonly urls: Record<Service, string>;
  readonly log: ProviderLog;
  /** The certificate of those that are called over https, for DENO_CERT. */
  readonly certificateFile: string;
  newDevice(provider: PushProvider): Device;
  /** Uninstalls the app with this token, or revokes the browser's permission with this endpoint. */
  retire(token: string): void;
  /** Replaces the failure plan of a service. The same seed fails the same attempts at the same deliveries. */
  fail<Name extends Service>(service: Name, plan: Plan<FaultNames[Name]>, seed?: number): void;
  /** Ends the planned failures of one service, or of all. */
  heal(service?: Service): void;
  latency(ms: number): void;
  /** Takes a service down: open connections are closed and new ones refused. */
  down(service: Service): void;
  up(service: Service): void;
  stop(): Promise<void>;
}

const PROJECT_ID = "suplatzigram-test";
const DOMAIN = "suplatzigram.example";
const TOPIC = "example.suplatzigram.app";

export async function startProviders(options: ProviderOptions = {}): Promise<Providers> {
  const log = new ProviderLog();
  const devices = new Devices();
  const tokens = new AccessTokens();
  let latencyMs = options.latencyMs ?? 0;

  const secrets = newSecrets();
  const urls: Record<Service, string> = {
    fcm: "",
    apns: "",
    web_push: "",
    resend: "",
    sendgrid: "",
    openai: "",
    http: "",
    google_oauth: "",
  };
  const account = {
    email: `push@${PROJECT_ID}.iam.gserviceaccount.com`,
    keyId: secrets.googleKeyId,
    keys: secrets.google,
    tokenUri: () => `${urls.google_oauth}/token`,
    tokenSecs: options.accessTokenSecs ?? 3600,
  };
  const { apnsKeyId: keyId, apnsTeamId: teamId, apns: apnsKeys } = secrets;
  const definitions: Definition[] = [
    googleOauth(account, tokens),
    fcm(PROJECT_ID, tokens, devices),
    apns({ keyId, teamId, topic: TOPIC, publicKey: apnsKeys.publicKey }, devices),
    webPush(() => urls.web_push, secrets.vapid.publicKey, devices),
    resend(secrets.resend, DOMAIN),
    sendGrid(secrets.sendgrid, DOMAIN),
    openAi(secrets.openai),
    ownModeration(secrets.moderation),
  ];

  const cleanup = new AsyncDisposableStack();
  try {
    const folder = await Deno.makeTempDir({ prefix: "queues-providers-" });
    await watchFolder(folder);
    cleanup.defer(async () => {
      await Deno.remove(folder, { recursive: true });
      await forget(folder);
    });
    const certificate = await selfSigned();
    const certificateFile = `${folder}/certificate.pem`;
    await Deno.writeTextFile(certificateFile, certificate.cert + await ownCertificates());

    const exchanges = {} as Record<Service, Exchange>;
    const listeners = {} as Record<Service, Listener>;
    for (const definition of definitions) {
      const { name } = definition;
      const exchange = exchanges[name] = new Exchange(definition, log, () => latencyMs);
      const listener = listeners[name] = await listen(exchange);
      cleanup.defer(() => listener.close());
      urls[name] = `http://127.0.0.1:${listener.port}`;
    }
    const front = await startFront(folder, certificate, [
      { name: "apns", port: listeners.apns.port, allowHTTP1: false },
      { name: "web_push", port: listeners.web_push.port, allowHTTP1: true },
      { name: "http", port: listeners.http.port, allowHTTP1: true },
    ]);
    cleanup.defer(() => front.stop());
    // Web Push libraries require https, and so does the core of a service that judges comments.
    for (const name of ["apns", "web_push", "http"] as const) urls[name] = `https://127.0.0.1:${front.ports[name]}`;

    const parts = cleanup.move();
    let stopped: Promise<void> | undefined;
    const stop = () => stopped ??= parts.disposeAsync();
    return {
      env: environment(options, urls, certificateFile, secrets, account.email, account.tokenUri()),
      urls,
      log,
      certificateFile,
      newDevice: (provider) => devices.add(provider, urls.web_push),
      retire: (token) => devices.retire(token),
      fail: (service, plan, seed = 1) => exchanges[service].faults.set(plan as Plan, seed),
      heal: (service) => {
        for (const name of service ? [service] : Object.keys(exchanges) as Service[]) {
          exchanges[name].faults.set(undefined, 0);
        }
      },
      latency: (ms) => latencyMs = ms,
      down: (service) => listeners[service].down(),
      up: (service) => listeners[service].up(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

type Secrets = ReturnType<typeof newSecrets>;

function newSecrets() {
  return {
    google: rsaKeys(),
    googleKeyId: randomText(15),
    apns: ecKeys(),
    apnsKeyId: identifier(),
    apnsTeamId: identifier(),
    vapid: pointKeys(),
    resend: `re_${randomText(18)}`,
    sendgrid: `SG.${randomText(16)}.${randomText(32)}`,
    openai: `sk-proj-${randomText(24)}`,
    moderation: randomText(24),
  };
}

/** Ten capital letters and digits, like Apple's. */
function identifier(): string {
  return [...crypto.getRandomValues(new Uint8Array(10))].map((byte) => (byte % 36).toString(36).toUpperCase()).join("");
}

function environment(
  options: ProviderOptions,
  urls: Record<Service, string>,
  certificateFile: string,
  secrets: Secrets,
  clientEmail: string,
  tokenUri: string,
): Record<string, string> {
  const serviceAccount = {
    type: "service_account",
    project_id: PROJECT_ID,
    private_key_id: secrets.googleKeyId,
    private_key: secrets.google.privateKey,
    client_email: clientEmail,
    client_id: "100000000000000000000",
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: tokenUri,
    universe_domain: "googleapis.com",
  };
  const ofProvider: Record<Provider, Record<string, string>> = {
    fcm: { FCM_SERVICE_ACCOUNT: JSON.stringify(serviceAccount), FCM_URL: urls.fcm },
    apns: {
      APNS_PRIVATE_KEY: secrets.apns.privateKey,
      APNS_KEY_ID: secrets.apnsKeyId,
      APNS_TEAM_ID: secrets.apnsTeamId,
      APNS_TOPIC: TOPIC,
      APNS_URL: urls.apns,
      DENO_CERT: certificateFile,
    },
    web_push: {
      VAPID_PUBLIC_KEY: secrets.vapid.publicKey,
      VAPID_PRIVATE_KEY: secrets.vapid.privateKey,
      VAPID_SUBJECT: `mailto:push@${DOMAIN}`,
      WEB_PUSH_HOSTS: new URL(urls.web_push).host,
      DENO_CERT: certificateFile,
    },
    resend: { RESEND_API_KEY: secrets.resend, RESEND_URL: urls.resend },
    sendgrid: { SENDGRID_API_KEY: secrets.sendgrid, SENDGRID_URL: urls.sendgrid },
    openai: { OPENAI_API_KEY: secrets.openai, OPENAI_URL: urls.openai },
    http: { MODERATION_URL: `${urls.http}/judge`, MODERATION_SECRET: secrets.moderation, DENO_CERT: certificateFile },
  };
  const configured = options.configured ?? Object.keys(ofProvider) as Provider[];
  const emailProvider = [options.emailProvider, "resend", "sendgrid"].find((one) =>
    configured.includes(one as Provider)
  );
  const email = emailProvider ? { EMAIL_FROM: `Suplatzigram <hello@${DOMAIN}>`, EMAIL_PROVIDER: emailProvider } : {};
  const own = configured.map((provider) => ofProvider[provider]);
  return Object.assign({ APP_URL: options.appUrl ?? `https://app.${DOMAIN}` }, email, ...own);
}

/** The certificates of a company's proxy, which the functions need as well. */
async function ownCertificates(): Promise<string> {
  const path = Deno.env.get("DENO_CERT");
  return path ? await Deno.readTextFile(path) : "";
}
