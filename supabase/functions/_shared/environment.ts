/** What the deployment is configured for: the secrets that are set, never what they are. */

export type Env = (name: string) => string | undefined;

/**
 * A provider is configured if any of its own secrets is set. If another is missing, that is a mistake: its sender says
 * which, and deliveries wait until it is mended, rather than being skipped as if nobody had wanted them.
 */
const SECRETS = {
  fcm: ["FCM_SERVICE_ACCOUNT"],
  apns: ["APNS_PRIVATE_KEY", "APNS_KEY_ID", "APNS_TEAM_ID", "APNS_TOPIC"],
  web_push: ["VAPID_PUBLIC_KEY", "VAPID_PRIVATE_KEY", "VAPID_SUBJECT"],
  resend: ["RESEND_API_KEY"],
  sendgrid: ["SENDGRID_API_KEY"],
};

/** What the core asks its host for, as JSON. */
export function environment(env: Env = Deno.env.get): string {
  const providers = Object.entries(SECRETS)
    .filter(([, secrets]) => secrets.some((name) => setting(env, name) !== null))
    .map(([provider]) => provider);
  return JSON.stringify({
    providers,
    email_provider: setting(env, "EMAIL_PROVIDER")?.toLowerCase() ?? null,
    email_from: setting(env, "EMAIL_FROM"),
    app_url: webUrl(env, "APP_URL"),
    unsubscribe_url: `${webUrl(env, "PUBLIC_URL") ?? webUrl(env, "SUPABASE_URL") ?? ""}/functions/v1/unsubscribe`,
    web_push_hosts: (setting(env, "WEB_PUSH_HOSTS") ?? "").split(",").map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ""),
  });
}

/** The app's address; null if it is not set, or no web address. */
export function appUrl(env: Env = Deno.env.get): string | null {
  return webUrl(env, "APP_URL");
}

/** Without a slash at its end. */
function webUrl(env: Env, name: string): string | null {
  const url = setting(env, name);
  if (url === null || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return null;
  return url.replace(/\/+$/, "");
}

/** Null if it is empty, too: that is how a secret is taken back where it cannot be removed. */
function setting(env: Env, name: string): string | null {
  return env(name)?.trim() || null;
}
